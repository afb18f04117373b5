"""
The counters of people's days, kept in the transaction that changes what they follow from.

People's rows are locked first, in one order; what is read afterwards stays. The counters move by what is added and taken, so that
the database's own check holds whatever else goes wrong: booked <= capacity + excess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from scheduler.domain.ground.ids import PersonId, new_id
from scheduler.domain.staffing.over_capacity import capacity_exceeded, taken_meanwhile
from scheduler.domain.staffing.person_days import Claim, settle
from scheduler.store import capacity_reading
from scheduler.store.among import among, chunks
from scheduler.store.areas.people import PERSON_AREA
from scheduler.store.areas.work import BOOKING_AREA
from scheduler.store.noted_rows import note
from scheduler.store.reader import Reader
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.capacity import BOOKING_LOADS, CAPACITY_OVERRIDES, PERSON_DAYS
from scheduler.store.tables.work import BOOKINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import BookingId
    from scheduler.domain.staffing.over_capacity import Override, PlannedMinutes
    from scheduler.domain.staffing.person_days import Load, OverbookedWeek, PersonDay, Settled
    from scheduler.domain.staffing.work import Booking
    from scheduler.store.capacity_reading import Basis
    from scheduler.store.repository import Changes
    from scheduler.store.view import View


@dataclass(slots=True)
class Terms:
    """On what terms a transaction may book."""

    override: Override | None = None
    """Leave to book beyond capacity, for this reason."""
    planned: PlannedMinutes | None = None
    """The plan that is being applied."""
    raised: list[tuple[PersonId, OverbookedWeek]] = field(default_factory=list)
    """Where bookings were let in beyond capacity."""


def settle_days(view: View, changes: Changes, terms: Terms, *, actor: Actor, now: datetime) -> None:
    """
    Bring the counters in line with what was written since the last time.

    Raises DomainError ``capacity.exceeded`` (CONFLICT) when bookings take more than there is, and there is no override.
    """
    connection = view.connection
    touched = {area: set(changes.unsettled.pop(area, ())) for area in capacity_reading.WATCHED}
    written, people = capacity_reading.concerned(connection, touched)
    if not people:
        return
    capacity_reading.hold(connection, people=people)
    basis = capacity_reading.read_basis(view, people)
    settled = settled_days(basis, people, written=written, planned=terms.planned)
    over = [(person, week) for person, one in settled.items() for week in one.overbooked]
    if over and terms.override is None:
        seen = Reader(connection, PERSON_AREA, actor)
        names = {person.id: person.name for person in seen.many({person for person, _ in over})}
        raise capacity_exceeded([(person, names.get(person), week) for person, week in over])
    _write(connection, basis, settled)
    for booking_id in _flag(connection, basis, settled):
        changes.touched[BOOKING_AREA.name].add(booking_id)
    if over and terms.override is not None:
        terms.raised += over
        _record(connection, changes, over, terms.override, actor=actor, now=now)


def settled_days(
    basis: Basis, people: Iterable[str], *, written: set[str], planned: PlannedMinutes | None = None
) -> dict[PersonId, Settled]:
    """What the counters of these people have to be."""
    found = {}
    for person_id in map(PersonId, sorted(people)):
        claims = [_claim(booking, basis, written=written, planned=planned) for booking in basis.bookings.get(person_id, ())]
        found[person_id] = settle(claims, before=basis.loads.get(person_id, {}), availability=basis.availability(person_id))
    return found


def _claim(booking: Booking, basis: Basis, *, written: set[str], planned: PlannedMinutes | None) -> Claim:
    claim = Claim(
        booking=booking,
        effort=None if booking.demand_id is None else basis.efforts.get(booking.demand_id, ()),
        is_written=booking.id in written,
    )
    if planned is None:
        return claim
    minutes = {} if booking.demand_id is None else planned.minutes.get((booking.person_id, booking.demand_id), {})
    return replace(claim, planned=minutes, is_planned=claim.is_written and bool(minutes), refreshed=planned.horizon)


def rebuild(view: View) -> int:
    """Fill the counters from all bookings, as if all were written now; how many there are."""
    people = sorted({booking.person_id for booking in view.bookings.all()})
    versions = TWINS[BOOKINGS.name]
    for part in chunks(people):
        basis = capacity_reading.read_basis(view, part)
        settled = settled_days(basis, part, written=set())
        _write(view.connection, basis, settled)
        flagged = _flag(view.connection, basis, settled)
        for ids in chunks(sorted(flagged)):
            # As if it had always been known: no change of the booking is made up.
            open_versions = (among(versions.c.id, ids), versions.c.recorded_to.is_(None))
            view.connection.execute(update(versions).where(*open_versions).values(over_capacity=True))
    return len(people)


def _write(connection: Connection, basis: Basis, settled: Mapping[PersonId, Settled]) -> None:
    try:
        _write_days(connection, basis, settled)
    except IntegrityError as error:
        raise taken_meanwhile() from error
    _write_loads(connection, basis, settled)


def _write_days(connection: Connection, basis: Basis, settled: Mapping[PersonId, Settled]) -> None:
    added: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for person_id, one in settled.items():
        before = basis.days.get(person_id, {})
        for day, now in one.days.items():
            if day not in before:
                added.append(_day_row(person_id, day, now))
            elif now != before[day]:
                moved.append(_moved(person_id, day, now, delta=now.booked_min - before[day].booked_min))
        moved += [_moved(person_id, day, None, delta=-was.booked_min) for day, was in before.items() if day not in one.days]
    table = PERSON_DAYS.c
    if moved:
        same = (table.person_id == bindparam("of_person"), table.day == bindparam("on_day"))
        values = {
            "capacity_min": bindparam("capacity"),
            "excess_min": bindparam("excess"),
            "booked_min": table.booked_min + bindparam("delta"),
        }
        connection.execute(update(PERSON_DAYS).where(*same).values(values), moved)
    if any(row["is_gone"] for row in moved):
        for part in chunks(sorted(settled)):
            connection.execute(delete(PERSON_DAYS).where(among(table.person_id, part), table.booked_min == 0))
    if added:
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = dialect.insert(PERSON_DAYS)
        both = {"booked_min": table.booked_min + rows.excluded.booked_min}
        connection.execute(rows.on_conflict_do_update(index_elements=["person_id", "day"], set_=both), added)


def _day_row(person_id: PersonId, day: date, counter: PersonDay) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "day": day,
        "capacity_min": counter.capacity_min,
        "booked_min": counter.booked_min,
        "excess_min": counter.excess_min,
    }


def _moved(person_id: PersonId, day: date, now: PersonDay | None, *, delta: int) -> dict[str, Any]:
    """A counter's step; ``None``: nothing is booked on the day any more."""
    return {
        "of_person": person_id,
        "on_day": day,
        "capacity": 0 if now is None else now.capacity_min,
        "excess": 0 if now is None else now.excess_min,
        "delta": delta,
        "is_gone": now is None,
    }


def _write_loads(connection: Connection, basis: Basis, settled: Mapping[PersonId, Settled]) -> None:
    gone: list[str] = []
    rows = []
    for person_id, one in settled.items():
        before = basis.loads.get(person_id, {})
        gone += [booking for booking, load in before.items() if one.loads.get(booking) != load]
        for booking, load in one.loads.items():
            if before.get(booking) != load:
                rows.append(_load_row(load, person_id=person_id))
    for part in chunks(sorted(gone)):
        connection.execute(delete(BOOKING_LOADS).where(among(BOOKING_LOADS.c.booking_id, part)))
    if rows:
        connection.execute(insert(BOOKING_LOADS), rows)


def put_load(connection: Connection, load: Load, *, person_id: str) -> None:
    """Set what a booking takes, before its person's days are settled."""
    connection.execute(delete(BOOKING_LOADS).where(BOOKING_LOADS.c.booking_id == load.booking_id))
    connection.execute(insert(BOOKING_LOADS), [_load_row(load, person_id=person_id)])


def _load_row(load: Load, *, person_id: str) -> dict[str, Any]:
    return {
        "booking_id": load.booking_id,
        "person_id": person_id,
        "period_start": load.period.start,
        "period_end": load.period.end,
        "promised": list(load.promised),
        "minutes": list(load.minutes),
    }


def _flag(connection: Connection, basis: Basis, settled: Mapping[PersonId, Settled]) -> set[BookingId]:
    """Set and clear the flag of the bookings; which ones it changed. No new version: nobody changed the booking itself."""
    changed: dict[bool, set[BookingId]] = {True: set(), False: set()}
    for person_id, one in settled.items():
        for booking in basis.bookings.get(person_id, ()):
            is_over = booking.id in one.over_capacity
            if is_over != booking.over_capacity:
                changed[is_over].add(booking.id)
    for is_over, ids in changed.items():
        for part in chunks(sorted(ids)):
            connection.execute(update(BOOKINGS).where(among(BOOKINGS.c.id, part)).values(over_capacity=is_over))
    return changed[True] | changed[False]


def _record(
    connection: Connection,
    changes: Changes,
    over: Iterable[tuple[PersonId, OverbookedWeek]],
    override: Override,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """One row for each person: from when until when, how much, by whom and why."""
    for person_id, weeks in _by_person(over):
        days = [day for week in weeks for day, _, _ in week.days]
        row: dict[str, Any] = {
            "id": new_id(),
            "person_id": person_id,
            "first_day": min(days),
            "last_day": max(days),
            "over_min": sum(week.over_min for week in weeks),
            "reason": override.reason,
            "actor_id": actor.id,
            "created_at": now,
        }
        note(connection, changes, CAPACITY_OVERRIDES, row["id"])
        connection.execute(insert(CAPACITY_OVERRIDES), row)


def _by_person(over: Iterable[tuple[PersonId, OverbookedWeek]]) -> Iterator[tuple[PersonId, list[OverbookedWeek]]]:
    grouped: dict[PersonId, list[OverbookedWeek]] = {}
    for person_id, week in over:
        grouped.setdefault(person_id, []).append(week)
    yield from grouped.items()
