"""What a rebalance did or would do, for people and as JSON."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.jobs.rebalance import RebalanceOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from scheduler.domain.staffing.rebalancing import Move, MoveLimit
    from scheduler.domain.staffing.work import Booking
    from scheduler.jobs.rebalance import Rebalance

_WEEK = timedelta(weeks=1)


def rebalance_lines(done: Rebalance, limit: MoveLimit) -> Iterator[str]:
    """The outcome, the figures, and every moved booking."""
    found = done.upheaval
    yield _headline(done, limit)
    yield (
        f"  {len(found.moves)} of {found.in_force} bookings in force moved ({_percent(found.moved_share)}), of {_count(len(found.people))};"
        f" {len(found.notified_people)} of {_count(len(found.notified))} told already ({_percent(found.notified_share)})"
    )
    yield f"  {len(done.added)} new bookings"
    yield f"  plan {done.plan.id}"
    yield from (f"  moved: {_move(move, done)}" for move in found.moves)
    yield from (f"  new: {_who(booking, done)}, {_promise(booking)}" for booking in done.added)


def rebalance_to_json(done: Rebalance, limit: MoveLimit, *, dry_run: bool) -> dict[str, Any]:
    """The same as plain JSON; shares are rounded to four places, the decision is made on exact ones."""
    found = done.upheaval
    return {
        "outcome": done.outcome.value,
        "dry_run": dry_run,
        "plan_id": done.plan.id,
        "max_moved": str(limit.max_moved),
        "bookings_in_force": found.in_force,
        "bookings_moved": len(found.moves),
        "moved_share": _rounded(found.moved_share),
        "people_moved": len(found.people),
        "people_told": len(found.notified),
        "people_told_moved": len(found.notified_people),
        "told_moved_share": _rounded(found.notified_share),
        "moved": [
            {
                **_names(move.was, done),
                "change": "dropped" if move.now is None else "changed",
                "was": _booking(move.was),
                "now": None if move.now is None else _booking(move.now),
            }
            for move in found.moves
        ],
        "new": [{**_names(booking, done), "now": _booking(booking)} for booking in done.added],
    }


def _headline(done: Rebalance, limit: MoveLimit) -> str:
    return {
        RebalanceOutcome.NOTHING_TO_CHANGE: "Nothing to move: the bookings in force stay as they are.",
        RebalanceOutcome.APPLIED: "Applied: what is new or moved is tentative now.",
        RebalanceOutcome.WITHIN_LIMIT: "Dry run, nothing was applied: the plan is within the limit.",
        RebalanceOutcome.REVIEW: f"Review: more than {_hundredths(limit.max_moved)} would move; nothing was applied, the plan is kept.",
    }[done.outcome]


def _move(move: Move, done: Rebalance) -> str:
    after = "dropped in the weeks planned" if move.now is None else _promise(move.now)
    return f"{_who(move.was, done)}, {_promise(move.was)} -> {after}"


def _who(booking: Booking, done: Rebalance) -> str:
    names = _names(booking, done)
    return f"{names['person']['name']} on {names['demand']['name']} ({names['project']['name']})"


def _promise(booking: Booking) -> str:
    """Like everywhere in reports by the Mondays of the first and the last week."""
    first, end = booking.period.start, booking.period.end
    assert end is not None  # what is moved or new is on a demand, for whole weeks
    assert booking.share is not None
    shift = f", shifted by {booking.shift_weeks} weeks" if booking.shift_weeks else ""
    return f"weeks {first} to {end - _WEEK} at {_hundredths(booking.share)}{shift}, {booking.state.value}"


def _hundredths(part: Decimal) -> str:
    return f"{(part * 100).normalize():f} %"


def _names(booking: Booking, done: Rebalance) -> dict[str, dict[str, str]]:
    assert booking.demand_id is not None
    found = (("person", "people", booking.person_id), ("demand", "demands", booking.demand_id), ("project", "projects", booking.project_id))
    return {what: {"id": row_id, "name": done.names[area].get(row_id, row_id)} for what, area, row_id in found}


def _booking(booking: Booking) -> dict[str, Any]:
    return {
        "booking_id": booking.id,
        "start": booking.period.start.isoformat(),
        "end": booking.period.end and booking.period.end.isoformat(),
        "share": str(booking.share),
        "shift_weeks": booking.shift_weeks,
        "state": booking.state.value,
    }


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"


def _percent(share: Fraction) -> str:
    return f"{float(share):.1%}"


def _rounded(share: Fraction) -> float:
    return round(float(share), 4)
