"""Invoice runs: what is to be billed, which contracts go together on an invoice, and the draft that comes of their bills."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts, joined, reasons_of, summed
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceState
from scheduler.domain.billing.parties import Grouping
from scheduler.domain.billing.totals import require_currency
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scheduler.domain.billing.contract_work import ContractBill, ContractWork
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoices import ItemKind
    from scheduler.domain.billing.parties import ClientAccount, LegalEntity
    from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId

CONTRACTS_MAX = 200
"""Most contracts on one invoice."""
ENTRIES_MAX = 5_000
"""Most entries that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """What a run bills: everything from ``since`` (``None``: ever) up to and with ``until``; narrower where something is named."""

    until: date
    since: date | None = None
    legal_entity_id: LegalEntityId | None = None
    client_ids: frozenset[ClientId] = frozenset()
    contract_ids: frozenset[ContractId] = frozenset()

    def __post_init__(self) -> None:
        if self.since is not None and self.since > self.until:
            message = f"It ends {self.until}, before it begins on {self.since}."
            raise invalid("invoice run", Fault(pointer="/until", code="interval.empty", message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A contract with what there was to bill under it, and what came of that."""

    work: ContractWork
    bill: ContractBill
    payment_days: int

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.work.contract


def payment_days(contract: Contract, account: ClientAccount | None, entity: LegalEntity) -> int:
    """Days to pay: the contract's, else the client's, else the legal entity's."""
    if contract.payment_days is not None:
        return contract.payment_days
    return entity.payment_days if account is None or account.payment_days is None else account.payment_days


def grouped(
    contracts: Iterable[Contract],
    *,
    client_of: Mapping[ContractId, ClientId],
    accounts: Mapping[ClientId, ClientAccount],
    entities: Mapping[LegalEntityId, LegalEntity],
) -> tuple[tuple[ContractId, ...], ...]:
    """
    Which contracts make an invoice together, in one order: of clients that want that, those of one legal entity, currency and payment terms.

    Others stand alone, and so does what holds a part back: that has its own day.
    """
    groups: dict[tuple[str, ...], list[ContractId]] = defaultdict(list)
    for contract in sorted(contracts, key=lambda one: one.id):
        account = accounts.get(client_of[contract.id])
        together = account is not None and account.grouping is Grouping.CLIENT and not contract.retention
        days = payment_days(contract, account, entities[contract.legal_entity_id])
        key = (client_of[contract.id], contract.legal_entity_id, contract.currency, str(days)) if together else ("", contract.id)
        groups[key].append(contract.id)
    found = [tuple(one[start : start + CONTRACTS_MAX]) for one in groups.values() for start in range(0, len(one), CONTRACTS_MAX)]
    return tuple(sorted(found))


def require_together(contracts: Sequence[Contract], clients: Iterable[ClientId | None]) -> None:
    """
    What stands on one invoice has one client, one legal entity and one currency.

    Raises DomainError ``money.currency_mismatch``, ``invoice.not_together``.
    """
    require_currency(contracts[0].currency, [one.currency for one in contracts])
    if len(set(clients)) > 1 or len({one.legal_entity_id for one in contracts}) > 1:
        detail = "The contracts have several clients or legal entities; bill each on its own."
        raise DomainError(ErrorKind.INVALID, "invoice.not_together", detail)
    if len(contracts) > 1 and any(one.retention for one in contracts):
        detail = "Of one of the contracts a part is held back until a day of its own; bill it on its own."
        raise DomainError(ErrorKind.INVALID, "invoice.not_together", detail)


def drafted(
    billed: Sequence[Billed], *, invoice_id: InvoiceId, client_id: ClientId, language: str, home_currency: str, now: datetime
) -> tuple[Invoice, InvoiceParts] | None:
    """The draft of contracts that go together; ``None`` where there is nothing to bill. Raises like ``summed``."""
    with_lines = [one for one in billed if one.bill.lines]
    if not with_lines:
        return None
    parts = joined([_parts(one.bill) for one in with_lines])
    parts, sums = summed(parts, reasons_of(one.work.tax for one in with_lines))
    first = with_lines[0].contract
    head = Invoice(
        id=invoice_id,
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        legal_entity_id=first.legal_entity_id,
        client_id=client_id,
        currency=first.currency,
        net_minor=0,
        tax_minor=0,
        gross_minor=0,
        contract_id=first.id if len(with_lines) == 1 else None,
        retention_due_on=first.retention_due_on if first.retention else None,
        payment_days=with_lines[0].payment_days,
        language=language,
        home_currency=home_currency,
        created_at=now,
    )
    return head.with_sums(sums, retention=first.retention, tells_cost=parts.tells_cost, period=parts.period), parts


def bills_costs(contract: Contract) -> bool:
    """Whether cost rates follow from what it bills."""
    return contract.kind is ContractKind.COST_PLUS


def claims_of(parts: InvoiceParts) -> tuple[tuple[ItemKind, str], ...]:
    """What stands on the lines."""
    return tuple((item.kind, item.source_id) for item in parts.items)


def _parts(bill: ContractBill) -> InvoiceParts:
    allowances = tuple(InvoiceAllowance(**asdict(one)) for one in bill.allowances)
    return InvoiceParts(lines=bill.lines, allowances=allowances, items=bill.items)
