"""Whether the counters of people's days are what they follow from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.store.capacity_ledger import settled_days
from scheduler.store.capacity_reading import read_basis
from scheduler.store.tables.capacity import BOOKING_LOADS, PERSON_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.person_days import Settled
    from scheduler.store import Store, View
    from scheduler.store.capacity_reading import Basis


def capacity_faults(store: Store, *, actor: Actor) -> tuple[str, ...]:
    """
    Every counter, load or flag that is not what bookings, terms, calendars and absences make of it, in words; none when all is well.

    The actor has to see everything.
    """
    with store.read(actor) as view:
        columns = (PERSON_DAYS.c.person_id, BOOKING_LOADS.c.person_id)
        people = {row for column in columns for row in view.connection.execute(select(column).distinct()).scalars()}
        people |= {booking.person_id for booking in view.bookings.all()}
        basis = read_basis(view, people)
        settled = settled_days(basis, people, written=set())
        return tuple(fault for person, one in settled.items() for fault in _faults(person, one, basis)) + tuple(_unbalanced(view))


def _faults(person: str, settled: Settled, basis: Basis) -> Iterator[str]:
    counted = basis.days.get(person, {})
    for day in sorted({*counted, *settled.days}):
        if counted.get(day) != settled.days.get(day):
            yield f"{person} on {day}: counted is {counted.get(day)}, it should be {settled.days.get(day)}"
    if dict(basis.loads.get(person, {})) != dict(settled.loads):
        yield f"{person}: what bookings take is kept as {basis.loads.get(person)}, it should be {settled.loads}"
    for bookings in (row for key, row in basis.bookings.items() if key == person):
        for booking in bookings:
            if booking.over_capacity != (booking.id in settled.over_capacity):
                yield f"{person}: booking {booking.id} is {'' if booking.over_capacity else 'not '}flagged, and should be the other"


def _unbalanced(view: View) -> Iterator[str]:
    rows = PERSON_DAYS.c
    most = rows.capacity_min + rows.excess_min
    for row in view.connection.execute(
        select(PERSON_DAYS).where((rows.booked_min > most) | ((rows.excess_min > 0) & (rows.booked_min != most)))
    ):
        yield f"{row.person_id} on {row.day}: {row.booked_min} of {row.capacity_min} booked, with an excess of {row.excess_min}"
