"""Contracts and work to bill: a test says only what it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.billed_before import BilledLine, billed_before
from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.contract_work import BilledBefore, ContractWork
from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ChargeId, ContractId, LegalEntityId, PersonId, ProjectId, TaxCodeId
from scheduler.domain.ground.pricing import Priced, TrailStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scheduler.domain.billing.contract_work import ContractBill

START = date(2026, 1, 1)
VAT = TaxCode(
    id=TaxCodeId("vat"),
    name="VAT",
    category=TaxCategory.STANDARD,
    rates=(TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19)),),
    version=3,
)


def make_contract(kind: ContractKind = ContractKind.TIME_AND_MATERIALS, **changes: Any) -> Contract:
    base: dict[str, Any] = {
        "id": ContractId("contract"),
        "project_id": ProjectId("project"),
        "name": "Portal",
        "kind": kind,
        "currency": "EUR",
        "legal_entity_id": LegalEntityId("firm"),
        "starts_on": START,
        "version": 2,
    }
    return Contract(**{**base, **changes})


def make_charge(kind: ChargeKind, amount_minor: int, due_on: date, **changes: Any) -> Charge:
    base: dict[str, Any] = {
        "id": ChargeId(changes.get("name", kind.value)),
        "contract_id": ContractId("contract"),
        "kind": kind,
        "name": kind.value,
        "due_on": due_on,
        "amount_minor": amount_minor,
    }
    return Charge(**{**base, **changes})


def reached(charge: Charge, on: date) -> Charge:
    """The milestone, approved."""
    return replace(charge, state=ChargeState.APPROVED, approved_on=on)


def worked(entry_id: str, day: date, minutes: int, **changes: Any) -> BillableItem:
    base: dict[str, Any] = {
        "kind": BillableKind.TIME,
        "id": entry_id,
        "project_id": ProjectId("project"),
        "person_id": PersonId("anna"),
        "day": day,
        "minutes": minutes,
    }
    return BillableItem(**{**base, **changes})


def spent(expense_id: str, day: date, amount_minor: int, **changes: Any) -> BillableItem:
    return worked(expense_id, day, 0, kind=BillableKind.EXPENSE, amount_minor=amount_minor, **changes)


def at(*rates: tuple[str, str], currency: str = "EUR") -> Callable[[BillableItem], Priced]:
    """Prices by person; anybody else has no rate."""
    table = {person: Decimal(rate) for person, rate in rates}

    def rate_of(item: BillableItem) -> Priced:
        if item.person_id not in table:
            raise DomainError(ErrorKind.CONFLICT, "rate.missing", f"{item.person_id} has no rate on {item.day}.")
        step = TrailStep(rule="bill_rate", row_kind="bill_rate", row_id=f"rate-{item.person_id}", row_version=1, figures={})
        return Priced(rate=table[item.person_id], currency=currency, trail=(step,))

    return rate_of


ANNA_100 = at(("anna", "100"))


def make_work(contract: Contract, *items: BillableItem, **changes: Any) -> ContractWork:
    base: dict[str, Any] = {
        "contract": contract,
        "charges": (),
        "taken": frozenset(),
        "items": items,
        "before": BilledBefore(),
        "tax": VAT,
        "rate_of": ANNA_100,
        "names": {"anna": "Anna", "ben": "Ben", "design": "Design"},
    }
    return ContractWork(**{**base, **changes})


@dataclass(slots=True)
class Ledger:
    """Bills period after period as a run of invoices does: what stands on one is on no other."""

    work: ContractWork
    bills: list[ContractBill]

    def bill(self, until: date, *, charges: Mapping[str, Charge] | None = None) -> ContractBill:
        """What is billable by a day, issued at once; ``charges``: those that changed meanwhile."""
        known = tuple((charges or {}).get(one.id, one) for one in self.work.charges)
        made = bill(replace(self.work, charges=known), since=None, until=until)
        self.bills.append(made)
        billed = frozenset((one.kind, one.source_id) for one in made.items)
        entries = {source for kind, source in billed if kind in {ItemKind.TIME_ENTRY, ItemKind.EXPENSE}}
        lines = (BilledLine(line=line, kind=line.kind) for one in self.bills for line in one.lines)
        self.work = replace(
            self.work,
            charges=known,
            taken=self.work.taken | billed,
            items=tuple(item for item in self.work.items if item.id not in entries),
            before=billed_before(lines),
        )
        return made


def ledger(work: ContractWork) -> Ledger:
    return Ledger(work=work, bills=[])


def told(bill: ContractBill) -> list[tuple[str, str, int, int]]:
    """Lines in short: kind, what they say, quantity, net in minor units."""
    return [(line.kind.value, line.description, line.quantity, line.net_minor) for line in bill.lines]
