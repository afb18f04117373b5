"""
What stood before something was applied, and putting exactly that back.

Kept are ids, versions and minutes, never a row itself: rows are read from their recorded versions, where an erasure reaches them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.booking_moves import Mover, require_moves
from scheduler.domain.staffing.person_days import Load
from scheduler.store.capacity_reading import read_basis

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.work import Booking
    from scheduler.store.transaction import Transaction

    Pair = tuple[PersonId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Some people's bookings, what each takes, and the excess of their days."""

    bookings: Mapping[str, Booking]
    loads: Mapping[str, Load]
    excess: Mapping[tuple[str, date], int]


def standing(tx: Transaction, people: Collection[str]) -> Standing:
    """How things stand now; what is written so far is settled."""
    tx.settle_days()
    basis = read_basis(tx.unrestricted, people)
    return Standing(
        bookings={booking.id: booking for row in basis.bookings.values() for booking in row},
        loads={booking_id: load for row in basis.loads.values() for booking_id, load in row.items()},
        excess={(person, day): one.excess_min for person, row in basis.days.items() for day, one in row.items() if one.excess_min},
    )


def undo_of(before: Standing, after: Standing, pairs: Collection[tuple[str, str | None]]) -> dict[str, Any]:
    """What has to be known to put back what stood before of these pairs of person and demand; plain JSON."""
    people = {person for person, _ in pairs}
    rows = []
    loads = []
    for booking_id in sorted({*before.bookings, *after.bookings}):
        was, now = before.bookings.get(booking_id), after.bookings.get(booking_id)
        known = was or now
        if known is None or known.person_id not in people:
            continue
        if (known.person_id, known.demand_id) in pairs and was != now:
            rows.append([booking_id, None if was is None else was.version, None if now is None else now.version])
        old, new = before.loads.get(booking_id), after.loads.get(booking_id)
        if old != new:
            loads.append([booking_id, None if now is None else now.version, _load_json(old), _load_json(new)])
    excess = [[person, day.isoformat(), minutes] for (person, day), minutes in sorted(before.excess.items()) if person in people]
    return {"people": sorted(people), "rows": rows, "loads": loads, "excess": excess}


def put_back(tx: Transaction, undo: Mapping[str, Any]) -> None:
    """
    Write what stood before: bookings with their ids and contents, and the minutes that they took.

    Raises DomainError ``change_set.undo_moved`` (CONFLICT) when a booking has been changed since, or the time is taken by others;
    ``access.denied``. The transaction is of no more use then.
    """
    tx.hold_days(people=undo["people"])
    current: dict[str, Booking] = {booking.id: booking for booking in tx.bookings.locked([row[0] for row in undo["rows"]])}
    _require_unmoved(undo["rows"], current)
    reader = tx.unrestricted.bookings
    was = {row[0]: reader.at_version(row[0], row[1]) for row in undo["rows"] if row[1] is not None}
    require_moves(tx.actor, (*current.values(), *(booking for booking in was.values() if booking is not None)), Mover.PLAN)
    others = {one.id: one for one in tx.bookings.many(load[0] for load in undo["loads"])}
    loads_now = standing(tx, undo["people"]).loads
    for booking_id, _, _ in undo["rows"]:
        _put_row_back(tx, was.get(booking_id), current.get(booking_id))
    own = {row[0] for row in undo["rows"]}
    tx.restore_loads(
        (
            load
            for booking_id, version, old, new in undo["loads"]
            if (load := _load(booking_id, old)) is not None
            and (
                booking_id in own
                or (booking_id in others and others[booking_id].version == version and _load(booking_id, new) == loads_now.get(booking_id))
            )
        ),
        people=undo["people"],
    )
    _require_room(tx, undo)


def _put_row_back(tx: Transaction, was: Booking | None, now: Booking | None) -> None:
    if was is None and now is not None:
        tx.bookings.delete(now.id, now.version)
    elif was is not None and now is not None:
        tx.bookings.save(replace(was, version=now.version))
    elif was is not None:
        tx.bookings.restore(was)


def _require_unmoved(rows: Iterable[Sequence[Any]], current: Mapping[str, Booking]) -> None:
    moved = [booking_id for booking_id, _, version in rows if (current[booking_id].version if booking_id in current else None) != version]
    if moved:
        detail = (
            f"{len(moved)} of the bookings have been changed since they were applied, so what was there before cannot be put back. Nothing was"
            " changed; change the bookings by hand, or run the policy again."
        )
        raise DomainError(ErrorKind.CONFLICT, "change_set.undo_moved", detail, facts={"bookings": moved[:50], "count": len(moved)})


def _require_room(tx: Transaction, undo: Mapping[str, Any]) -> None:
    """No day may have more beyond its capacity than it had."""
    allowed = {(person, date.fromisoformat(day)): minutes for person, day, minutes in undo["excess"]}
    now = standing(tx, undo["people"]).excess
    over = sorted((person, day.isoformat()) for (person, day), minutes in now.items() if minutes > allowed.get((person, day), 0))
    if over:
        detail = (
            f"The time has been taken by others, or is no longer there: what was there before would overbook {len(over)} days. Nothing was"
            " changed; make room first, or change the bookings by hand."
        )
        days = [{"person_id": person, "day": day} for person, day in over[:50]]
        raise DomainError(ErrorKind.CONFLICT, "change_set.undo_moved", detail, facts={"days": days, "count": len(over)})


def _load_json(load: Load | None) -> list[Any] | None:
    if load is None:
        return None
    end = load.period.end
    return [load.period.start.isoformat(), None if end is None else end.isoformat(), list(load.promised), list(load.minutes)]


def _load(booking_id: str, stored: Sequence[Any] | None) -> Load | None:
    if stored is None:
        return None
    start, end, promised, minutes = stored
    period = DateInterval(date.fromisoformat(start), None if end is None else date.fromisoformat(end))
    return Load(booking_id=BookingId(booking_id), period=period, promised=tuple(promised), minutes=tuple(minutes))
