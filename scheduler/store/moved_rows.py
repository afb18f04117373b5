"""Which of the rows that a plan's changes touch are no longer what the plan was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.staffing.movement import Moved, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from scheduler.domain.ground.ids import DemandId, PersonId
    from scheduler.store.reader import Reader
    from scheduler.store.transaction import Transaction


def moved_rows(
    tx: Transaction, *, versions: Mapping[str, Mapping[str, int]], people: Collection[PersonId], demands: Collection[DemandId]
) -> list[Moved]:
    """
    What has changed of these people and demands since ``versions`` was read, with all that bears on them.

    That is their rows, the demands' projects, the calendars the people work by, and their absences and bookings, new and deleted
    ones too. The rows of people and demands stay locked, and with them whoever would book them meanwhile.
    """
    found = _named(tx.demands, "demands", demands, versions)
    found += _named(tx.people, "people", people, versions)
    chosen = tx.demands.many(demands)
    found += _named(tx.projects, "projects", {demand.project_id for demand in chosen}, versions)
    calendars = {term.calendar_id for person in tx.people.many(people) for term in person.terms}
    found += _named(tx.calendars, "calendars", calendars, versions)
    found += _related(tx.absences, "absences", lambda absence: absence.person_id in people, versions)
    return found + _related(tx.bookings, "bookings", lambda booking: booking.person_id in people or booking.demand_id in demands, versions)


def _named(rows: Any, area: str, ids: Collection[str], versions: Mapping[str, Mapping[str, int]]) -> list[Moved]:
    then = versions.get(area, {})
    now = {row.id: row for row in rows.locked(ids)}
    found = []
    for row_id in sorted(ids):
        row, version = now.get(row_id), then.get(row_id)
        if row is None or row.version != version:
            was = None if version is None else rows.at_version(row_id, version)
            if was is not None or row is not None:
                found.append(moved(area, was, row))
    return found


def _related(rows: Reader[Any], area: str, relevant: Callable[[Any], bool], versions: Mapping[str, Mapping[str, int]]) -> list[Moved]:
    then = versions.get(area, {})
    now = {row.id: row for row in rows.all()}
    found = []
    for row_id in sorted({*then, *now}):
        row, version = now.get(row_id), then.get(row_id)
        if row is not None and row.version == version:
            continue
        was = None if version is None else rows.at_version(row_id, version)
        if any(state is not None and relevant(state) for state in (was, row)):
            found.append(moved(area, was, row))
    return found
