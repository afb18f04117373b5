"""From records to the values of the domain: what is new, what differs from what is stored, what stays as it is."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.charges import Charge
from scheduler.domain.billing.contracts import Contract
from scheduler.domain.billing.ledger import ContractOpening
from scheduler.domain.billing.open_invoices import OpenInvoice
from scheduler.domain.billing.parties import ClientAccount, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCode
from scheduler.domain.delivery.expense_categories import ExpenseCategory
from scheduler.domain.delivery.expenses import Expense
from scheduler.domain.delivery.tasks import Task
from scheduler.domain.delivery.time_entries import ActivityType, TimeEntry
from scheduler.domain.ground.bill_rates import BillRate, check_rate_alone, rate_scope
from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import ExchangeRate, check_foreign
from scheduler.domain.staffing.consistency import check_booking_of_demand, check_demand_stays
from scheduler.domain.staffing.people import Absence, Calendar, Person, Skill
from scheduler.domain.staffing.work import Booking, Client, Demand, Project
from scheduler.integrations.imports.attributes import BUILDERS
from scheduler.integrations.imports.delivery_checks import check_entries, check_tasks, wholes_first, with_expenses_completed
from scheduler.integrations.imports.draft import Draft
from scheduler.integrations.imports.opening_books import check_taken_over
from scheduler.integrations.imports.parts import FIELD_OF, Parts, part_values
from scheduler.integrations.imports.references import STORED_AREAS, References, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.records import Record, Records

CLASSES: dict[str, type[Any]] = {
    "skills": Skill,
    "calendars": Calendar,
    "people": Person,
    "clients": Client,
    "projects": Project,
    "demands": Demand,
    "bill_rates": BillRate,
    "exchange_rates": ExchangeRate,
    "absences": Absence,
    "bookings": Booking,
    "activity_types": ActivityType,
    "tasks": Task,
    "time_entries": TimeEntry,
    "expense_categories": ExpenseCategory,
    "expenses": Expense,
    "tax_codes": TaxCode,
    "legal_entities": LegalEntity,
    "client_accounts": ClientAccount,
    "contracts": Contract,
    "charges": Charge,
    "contract_openings": ContractOpening,
    "open_invoices": OpenInvoice,
}


@dataclass(slots=True)
class Drafting:
    """Everything needed to make values of records."""

    records: Records
    everything: Mapping[str, tuple[Any, ...]]
    """All stored values, by area."""
    currency: str
    faults: Faults
    stored: dict[str, dict[str, Any]] = field(init=False)
    """Stored values that have an external id, by that, by area."""
    references: References = field(init=False)
    parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        self.stored = {
            area: {value.external_id: value for value in values if value.external_id} for area, values in self.everything.items()
        }
        self.references = References(self.records, self.faults)
        self.references.register(self.stored)
        self.parts = part_values(self.records, self.references, self.faults)

    def drafts(self) -> list[Draft]:
        """Every value, each area after those it refers to. What has a fault is left out; the fault is noted."""
        found = []
        for area in STORED_AREAS:
            for record in [*self.records.by_area.get(area, ()), *self.parts.strays(area, self.records)]:
                draft = self._draft(area, record)
                if draft is not None:
                    found.append(draft)
        self._check_names(found)
        self._check_bookings(found)
        self._check_rates(found)
        check_tasks(found, self.everything["tasks"], self._blame)
        check_entries(found, self.everything["tasks"], self._blame)
        check_taken_over(found, self._blame)
        return wholes_first(with_expenses_completed(found, self.everything["expense_categories"], home=self.currency, blame=self._blame))

    def _blame(self, draft: Draft, error: DomainError) -> None:
        blame(draft.record, error, self.parts, self.faults)

    def _check_names(self, drafts: Sequence[Draft]) -> None:
        """Skills, calendars and clients are told apart by name, upper and lower case alike."""
        for area in _NAMED_AREAS:
            ours = [draft for draft in drafts if draft.area == area]
            ids = {draft.value.id for draft in ours}
            taken = {name_key(value.name): "is stored already" for value in self.everything[area] if value.id not in ids}
            for draft in ours:
                key = name_key(draft.value.name)
                if key in taken:
                    place = draft.record.place_of("name")
                    self.faults.add(
                        place, "name.taken", f"The name {draft.value.name!r} {taken[key]} among the {area}; choose another name."
                    )
                taken.setdefault(key, f"stands in {draft.record.place} too")

    def _check_bookings(self, drafts: Sequence[Draft]) -> None:
        """A booking stays on the project of its demand, whichever of the two this import brings or moves."""
        demands = {demand.id: demand for demand in self.everything["demands"]} | {
            d.value.id: d.value for d in drafts if d.area == "demands"
        }
        brought = {draft.value.id for draft in drafts if draft.area == "bookings"}
        for draft in drafts:
            try:
                if draft.area == "bookings" and draft.value.demand_id in demands:
                    check_booking_of_demand(draft.value, demands[draft.value.demand_id])
                if draft.area == "demands" and draft.is_change and draft.before is not None:
                    others = [b for b in self.everything["bookings"] if b.demand_id == draft.value.id and b.id not in brought]
                    check_demand_stays(draft.before, draft.value, bookings=others)
            except DomainError as error:
                blame(draft.record, error, self.parts, self.faults)

    def _check_rates(self, drafts: Sequence[Draft]) -> None:
        """Rates for the same do not hold on the same day; of two in the files the later row is named."""
        ours = [draft for draft in drafts if draft.area == "bill_rates"]
        brought = {draft.value.id for draft in ours}
        rates: defaultdict[Any, list[BillRate]] = defaultdict(list)
        for rate in self.everything["bill_rates"]:
            if rate.id not in brought:
                rates[rate_scope(rate, home=self.currency)].append(rate)
        for draft in drafts:
            if draft.area == "exchange_rates":
                try:
                    check_foreign(draft.value, home=self.currency)
                except DomainError as error:
                    blame(draft.record, error, self.parts, self.faults)
        for draft in ours:
            others = rates[rate_scope(draft.value, home=self.currency)]
            try:
                check_rate_alone(draft.value, others, home=self.currency)
            except DomainError as error:
                blame(draft.record, error, self.parts, self.faults)
            others.append(draft.value)

    def _draft(self, area: str, record: Record) -> Draft | None:
        key = record.key
        if key is None:
            return None
        try:
            attributes = BUILDERS[area](record, self.references, self.parts, self.currency)
        except Unresolved:
            return None
        except DomainError as error:
            blame(record, error, self.parts, self.faults)
            return None
        if not record.sound or self.parts.is_broken(area, key):
            return None
        before = self.stored[area].get(key)
        try:
            return Draft(area, self._value(area, key, before, attributes), before, record)
        except DomainError as error:
            blame(record, error, self.parts, self.faults)
            return None

    def _value(self, area: str, key: str, before: Any, attributes: Mapping[str, Any]) -> Any:
        cls = CLASSES[area]
        plain = {f.name: f.default if f.default_factory is dataclasses.MISSING else f.default_factory() for f in dataclasses.fields(cls)}
        given = {
            name: plain[name] if value is None and plain[name] is not dataclasses.MISSING else value for name, value in attributes.items()
        }
        if before is not None:
            return dataclasses.replace(before, **given)
        return cls(id=self.references.ids[area][key], external_id=key, **given)


_NAMED_AREAS = ("skills", "calendars", "clients", "activity_types", "expense_categories", "tax_codes", "legal_entities")
_FIELD_OF_CODE = {
    "interval.empty": "end",
    "name.taken": "name",
    "rate.overlap": "valid_from",
    "rate.in_use": "rate",
    "demand.booked": "project",
}


def blame(record: Record, error: DomainError, parts: Parts, faults: Faults) -> None:
    """Note the faults of a value at the places its fields came from."""
    for fault in error.faults:
        path = fault.pointer.strip("/").split("/")
        part = parts.record_behind(record, path[0], path[1:])
        if part is not None:
            path = path[2:] or ["skill"]
        name = FIELD_OF.get("/".join(path[:2]), FIELD_OF.get(path[0], path[0]))
        faults.add((part or record).place_of(name), fault.code, fault.message)
    if not error.faults:
        name = _FIELD_OF_CODE.get(error.code, "id")
        faults.add(record.place_of(name), error.code, error.detail)
