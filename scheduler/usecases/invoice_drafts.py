"""Drafting an invoice of what is billable under one or several contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.billing.contract_work import Finding
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.runs import CONTRACTS_MAX, ENTRIES_MAX, Billed, bills_costs, drafted, require_together
from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import InvoiceId, new_id
from scheduler.domain.ground.permissions import COST_READ, INVOICES_CREATE
from scheduler.store import retried
from scheduler.store.contract_work import NO_CLIENT, Side, WorkReader
from scheduler.store.held_invoices import INVOICES
from scheduler.store.invoice_runs import keep_outcome
from scheduler.store.invoices import InvoiceRows, already_billed
from scheduler.store.price_locks import hold_prices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction

_CLAIMS = (ItemKind.TIME_ENTRY, ItemKind.EXPENSE)


class Drafted(NamedTuple):
    """The draft, if there was something to bill, and what whoever bills should know."""

    invoice: Invoice | None
    findings: tuple[Finding, ...]


@retried
def draft_invoice(
    store: Store,
    *,
    actor: Actor,
    contract_ids: Sequence[str],
    until: date,
    now: datetime,
    since: date | None = None,
    entries: Sequence[str] | None = None,
    idempotency: IdempotencyClaim | None = None,
) -> Invoice:
    """
    Draft one invoice of contracts that go together; ``entries``: of these time entries and expenses, and nothing else.

    The contracts stay locked until it is written, so that two who bill them at once bill nothing twice and no cap is passed.

    Raises
    ------
    DomainError
        ``access.denied``, ``input.invalid``, ``money.currency_mismatch``, ``invoice.not_together``, ``entry.already_billed``,
        ``entry.not_billable``, ``invoice.nothing_billable``, ``invoice.too_many_lines``, ``tax.reason_missing``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require(actor, INVOICES_CREATE)
        contracts = _contracts(tx, contract_ids)
        if any(bills_costs(contract) for contract in contracts):
            require(actor, COST_READ)
        if entries is not None:
            _require_unbilled(tx, entries)
        only = None if entries is None else frozenset(entries)
        made, billed = _draft(tx, contracts, until=until, since=since, only=only)
        if entries is not None:
            _require_all(entries, billed)
        if made.invoice is None:
            raise _nothing(made.findings, billed)
        return tx.answer(made.invoice)


@retried
def draft_of_run(
    store: Store, *, actor: Actor, run_id: str, position: int, contract_ids: Sequence[str], until: date, since: date | None, now: datetime
) -> Drafted:
    """
    Draft one invoice of a run, and keep that it was; a second time, after a crash, nothing is billable and the first stays.

    What stands in the way of this one alone is kept as a finding.
    """
    try:
        with store.begin(actor, now=now) as tx:
            contracts = tx.area("contracts").locked(contract_ids)
            made, _ = _draft(tx, contracts, until=until, since=since, only=None)
            keep_outcome(tx.connection, run_id, position, None if made.invoice is None else made.invoice.id, made.findings)
            return made
    except DomainError as error:
        if error.kind in {ErrorKind.BUSY, ErrorKind.FORBIDDEN} or error.code == "job.lost_lease":
            raise
        finding = Finding(code=error.code, message=error.detail, facts={"contract_ids": list(contract_ids)})
    with store.begin(actor, now=now) as tx:
        keep_outcome(tx.connection, run_id, position, None, (finding,))
    return Drafted(None, (finding,))


def _contracts(tx: Transaction, contract_ids: Sequence[str]) -> tuple[Contract, ...]:
    """Locked in the order of their ids, so that nobody who bills some of them waits for another in a ring."""
    faults = Faults()
    if not 1 <= len(set(contract_ids)) <= CONTRACTS_MAX:
        faults.add("/contract_ids", "list.length", f"Name 1 to {CONTRACTS_MAX} contracts.")
    faults.raise_any("invoice")
    found: tuple[Contract, ...] = tx.area("contracts").locked(contract_ids)
    known = {contract.id for contract in found}
    for number, contract_id in enumerate(contract_ids):
        if contract_id not in known:
            faults.add(f"/contract_ids/{number}", "reference.not_found", "There is no such contract; give the id of one.")
    faults.raise_any("invoice")
    return found


def _draft(
    tx: Transaction, contracts: Sequence[Contract], *, until: date, since: date | None, only: frozenset[str] | None
) -> tuple[Drafted, tuple[Billed, ...]]:
    hold_prices(tx.connection, shared=True)
    reader = WorkReader(tx.unrestricted)
    findings: list[Finding] = []
    billed: list[Billed] = []
    sides: list[Side] = []
    for contract in contracts:
        side = reader.side(contract)
        if side is None:
            findings.append(Finding(code=NO_CLIENT, message="The contract's project has no client.", facts={"contract_id": contract.id}))
            continue
        sides.append(side)
        one = reader.billed(contract, side, until=until, since=since, only=only)
        if isinstance(one, Finding):
            findings.append(one)
        else:
            billed.append(one)
            findings += one.bill.findings
    if sides:
        require_together(contracts, [side.client_id for side in sides])
    return Drafted(_kept(tx, billed, sides, home=reader.home), tuple(findings)), tuple(billed)


def _kept(tx: Transaction, billed: Sequence[Billed], sides: Sequence[Side], *, home: str) -> Invoice | None:
    """The draft as it is written, with its claims."""
    if not billed:
        return None
    side, invoice_id = sides[0], InvoiceId(new_id())
    made = drafted(billed, invoice_id=invoice_id, client_id=side.client_id, language=side.language, home_currency=home, now=tx.now)
    if made is None:
        return None
    head, parts = made
    tx.area(INVOICES).add(head)
    InvoiceRows(tx.connection).put(head.id, parts)
    seen: Invoice = tx.area(INVOICES).get(head.id)
    return seen


def _require_unbilled(tx: Transaction, entries: Sequence[str]) -> None:
    """Raises DomainError ``input.invalid`` for too many, ``entry.already_billed``."""
    faults = Faults()
    if not 1 <= len(entries) <= ENTRIES_MAX:
        faults.add("/entries", "list.length", f"Name 1 to {ENTRIES_MAX} entries, or leave the list out.")
    faults.raise_any("invoice")
    pointers = {(kind, entry): f"/entries/{number}" for number, entry in enumerate(entries) for kind in _CLAIMS}
    where = InvoiceRows(tx.connection).claimed_by(pointers)
    if where:
        raise already_billed(where, pointers)


def _require_all(entries: Sequence[str], billed: Sequence[Billed]) -> None:
    """What was named one by one is billed, or the first reasons why not are told."""
    stands = {item.source_id for one in billed for item in one.bill.items}
    why = {left.source_id: left for one in billed for left in one.bill.left}
    faults = []
    for number, entry in enumerate(entries):
        if entry not in stands:
            left = why.get(entry)
            reason = f"{left.reason.value}. {left.detail}".strip() if left else "it is no approved, billable work of these contracts"
            faults.append(Fault(pointer=f"/entries/{number}", code="entry.not_billable", message=f"It cannot be billed: {reason}"))
    if faults:
        detail = f"{len(faults)} of the entries cannot be billed, so nothing was; see errors."
        raise DomainError(ErrorKind.INVALID, "entry.not_billable", detail, tuple(faults[:50]))


def _nothing(findings: Sequence[Finding], billed: Sequence[Billed]) -> DomainError:
    reasons: dict[str, int] = {}
    for one in billed:
        for left in one.bill.left:
            reasons[left.reason.value] = reasons.get(left.reason.value, 0) + 1
    told = " ".join(finding.message for finding in findings)
    detail = f"Nothing is billable under these contracts until then. {told}".strip()
    facts = {"left": reasons, "findings": [finding.code for finding in findings]}
    return DomainError(ErrorKind.CONFLICT, "invoice.nothing_billable", detail, facts=facts)
