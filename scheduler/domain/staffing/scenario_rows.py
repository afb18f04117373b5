"""The rows that a scenario's changes are made to: a working copy that keeps its references whole, and what differs at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.domain.ground.bill_rates import BillRate, check_rate_alone
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, Fault
from scheduler.domain.staffing.consistency import check_booking_of_demand
from scheduler.domain.staffing.people import Absence, Person
from scheduler.domain.staffing.scenarios import ONE_OF
from scheduler.domain.staffing.work import Booking, Demand, Project

LiveRows = Mapping[str, Mapping[str, Any]]
"""
Area name to id to value. With the firm's settings as the one row of ``firm``, a rate without a currency is in the firm's; references to
areas that are not there are not looked at.
"""
_FALL_WITH: Mapping[str, tuple[str, ...]] = {"projects": ("bookings", "bill_rates", "demands"), "demands": ("bookings",)}
"""What goes together with a row that it belongs to."""
_NEVER_NAMED = frozenset({"bookings", "absences", "bill_rates"})
"""No row refers to one of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsDiffer:
    """What changes make of rows. Created in this order, deleted in the reverse, no row refers to one that is not there."""

    added: tuple[tuple[str, Any], ...]
    """Area and value."""
    changed: tuple[tuple[str, Any], ...]
    deleted: tuple[tuple[str, Any], ...]


class ScenarioRows:
    """A working copy of live rows. What it is made from stays as it is."""

    def __init__(self, rows: LiveRows) -> None:
        self._rows: dict[str, dict[str, Any]] = {area: dict(by_id) for area, by_id in rows.items()}
        self._home: str = next((firm.currency for firm in self.area("firm").values()), "")

    def area(self, name: str) -> Mapping[str, Any]:
        """Id to value."""
        return self._rows.get(name, {})

    def get(self, area: str, row_id: str, *, pointer: str) -> Any:
        """The row. Raises DomainError ``reference.not_found`` at the pointer."""
        found = self.area(area).get(row_id)
        if found is None:
            raise _unknown(area, pointer)
        return found

    def put(self, area: str, value: Any, *, pointer: str) -> None:
        """
        Add or replace a row. ``pointer``: where its fields stand.

        Raises DomainError ``reference.not_found``, ``booking.project_mismatch``, ``demand.booked``, ``rate.overlap``.
        """
        for place, named, row_id in references(value):
            if named in self._rows and row_id not in self.area(named):
                raise _unknown(named, f"{pointer}{place}")
        if isinstance(value, Booking) and value.demand_id is not None:
            check_booking_of_demand(value, self.area("demands")[value.demand_id])
        if isinstance(value, BillRate):
            check_rate_alone(value, self.area("bill_rates").values(), home=self._home)
        self._rows.setdefault(area, {})[value.id] = value

    def add(self, area: str, value: Any, *, pointer: str) -> None:
        """Add a row. Raises DomainError as ``put`` does, and ``record.exists``."""
        if value.id in self.area(area):
            raise invalid("change", Fault(pointer="/id", code="record.exists", message="There is such a row already; leave the id out."))
        self.put(area, value, pointer=pointer)

    def remove(self, area: str, row_id: str, *, pointer: str) -> None:
        """Remove a row, and what belongs to it. Raises DomainError ``reference.not_found``, ``record.in_use``."""
        self.get(area, row_id, pointer=pointer)
        users = list(self._users(area, row_id))
        for falling in _FALL_WITH.get(area, ()):
            for other, other_id in users:
                if other == falling and other_id in self.area(other):
                    self.remove(other, other_id, pointer=pointer)
        left = [(other, other_id) for other, other_id in users if other_id in self.area(other)]
        if left:
            kinds = ", ".join(sorted({other.replace("_", " ") for other, _ in left}))
            message = f"{len(left)} rows refer to it ({kinds}); change or remove those first."
            raise invalid("change", Fault(pointer=pointer, code="record.in_use", message=message))
        del self._rows[area][row_id]

    def differ(self, before: LiveRows) -> RowsDiffer:
        """What differs from the rows it was made from."""
        added, changed, deleted = [], [], []
        for area in ONE_OF:
            was, now = before.get(area, {}), self.area(area)
            added += [(area, value) for row_id, value in now.items() if row_id not in was]
            changed += [(area, value) for row_id, value in now.items() if row_id in was and was[row_id] != value]
            deleted += [(area, value) for row_id, value in was.items() if row_id not in now]
        return RowsDiffer(added=tuple(added), changed=tuple(changed), deleted=tuple(reversed(deleted)))

    def rows(self) -> LiveRows:
        """The rows as they are now."""
        return self._rows

    def _users(self, area: str, row_id: str) -> Iterator[tuple[str, str]]:
        if area in _NEVER_NAMED:
            return
        for other, by_id in self._rows.items():
            for value in by_id.values():
                if any((named, ref) == (area, row_id) for _, named, ref in references(value)):
                    yield other, value.id


def references(value: Any) -> Iterator[tuple[str, str, str]]:
    """Where (JSON pointer) a record refers to which row: area and id."""
    match value:
        case Person():
            yield from ((f"/terms/{n}/calendar_id", "calendars", term.calendar_id) for n, term in enumerate(value.terms))
            yield from ((f"/skills/{n}/skill_id", "skills", held.skill_id) for n, held in enumerate(value.skills))
        case Absence():
            yield "/person_id", "people", value.person_id
        case Project():
            yield from _given("client_id", "clients", value.client_id)
            for kind in ("apart", "together"):
                for n, group in enumerate(getattr(value, kind)):
                    yield from ((f"/{kind}/{n}", "people", person) for person in sorted(group))
        case Demand():
            yield "/project_id", "projects", value.project_id
            yield from ((f"/requires/{skill}", "skills", skill) for skill in value.requires)
            yield from ((f"/prefers/{skill}", "skills", skill) for skill in value.prefers)
            yield from (("/only", "people", person) for person in sorted(value.only or ()))
            yield from (("/never", "people", person) for person in sorted(value.never))
        case Booking():
            yield "/person_id", "people", value.person_id
            yield "/project_id", "projects", value.project_id
            yield from _given("demand_id", "demands", value.demand_id)
        case BillRate():
            yield from _given("project_id", "projects", value.project_id)
            yield from _given("person_id", "people", value.person_id)
            yield from _given("client_id", "clients", value.client_id)
            yield from _given("activity_type_id", "activity_types", value.activity_type_id)


def _given(name: str, area: str, row_id: str | None) -> Iterator[tuple[str, str, str]]:
    if row_id is not None:
        yield f"/{name}", area, row_id


def _unknown(area: str, pointer: str) -> DomainError:
    message = f"Nothing among the {area.replace('_', ' ')} has this id here; give the id of one that exists."
    return invalid("change", Fault(pointer=pointer, code="reference.not_found", message=message))
