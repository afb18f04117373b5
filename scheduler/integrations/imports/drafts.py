"""From records to the values of the domain: what is new, what differs from what is stored, what stays as it is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.people import Absence, Calendar, Person, Skill
from scheduler.domain.staffing.work import BillRate, Booking, Client, Demand, Project
from scheduler.integrations.imports.attributes import BUILDERS
from scheduler.integrations.imports.parts import FIELD_OF, Parts, part_values
from scheduler.integrations.imports.references import STORED_AREAS, References, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "absences": Absence,
    "bookings": Booking,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A value to be written, or found to be stored already: ``before`` is what is stored (``None``: it is new)."""

    area: str
    value: Any
    before: Any
    record: Record

    @property
    def is_change(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.before != self.value)


@dataclass(slots=True)
class Drafting:
    """Everything needed to make values of records."""

    records: Records
    stored: Mapping[str, Mapping[str, Any]]
    """Stored values by external id, by area."""
    currency: str
    faults: Faults
    references: References = field(init=False)
    parts: Parts = field(init=False)

    def __post_init__(self) -> None:
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
        return found

    def _draft(self, area: str, record: Record) -> Draft | None:
        key = record.key
        if key is None:
            return None
        try:
            attributes = BUILDERS[area](record, self.references, self.parts, self.currency)
        except Unresolved:
            return None
        except DomainError as error:
            self._blame(record, error)
            return None
        if not record.sound or self.parts.is_broken(area, key):
            return None
        before = self.stored[area].get(key)
        try:
            return Draft(area, self._value(area, key, before, attributes), before, record)
        except DomainError as error:
            self._blame(record, error)
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

    def _blame(self, record: Record, error: DomainError) -> None:
        """Say a domain rule's faults where the value came from."""
        blame(record, error, self.parts, self.faults)


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
        name = "end" if error.code == "interval.empty" else "name" if error.code == "name.taken" else "id"
        faults.add(record.place_of(name), error.code, error.detail)
