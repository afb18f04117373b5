"""
Which bookings change when a plan is put in force.

A plan decides about the weeks of its horizon only: what a booking covers before and after stays as it was. A booking whose
share and shift the plan keeps goes on as one booking across the edge of the horizon; else it is split there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import Booking, BookingState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, PlanId, ProjectId

    Pair = tuple[PersonId, DemandId]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One person on one demand for some weeks, as a plan has it."""

    person_id: PersonId
    demand_id: DemandId
    project_id: ProjectId
    share: Decimal
    period: DateInterval
    shift_weeks: int

    @property
    def pair(self) -> Pair:
        """Person and demand: a plan has one run of each."""
        return self.person_id, self.demand_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooking:
    """What becomes of the bookings."""

    added: tuple[Booking, ...] = ()
    changed: tuple[Booking, ...] = ()
    deleted: tuple[Booking, ...] = ()


def in_force(bookings: Iterable[Booking], pairs: Iterable[Pair], *, horizon: DateInterval) -> dict[Pair, Booking]:
    """The booking of each pair that has weeks in the horizon. Raises DomainError ``plan.booking_ambiguous`` for two of a pair."""
    wanted = set(pairs)
    found: dict[Pair, Booking] = {}
    for booking in bookings:
        if booking.demand_id is None or (pair := (booking.person_id, booking.demand_id)) not in wanted:
            continue
        if not booking.period.overlaps(horizon):
            continue
        if pair in found:
            raise DomainError(
                ErrorKind.CONFLICT,
                "plan.booking_ambiguous",
                "Somebody is booked twice on a demand that the plan changes; delete one of the bookings and plan again.",
                facts={"bookings": sorted([found[pair].id, booking.id])},
            )
        found[pair] = booking
    return found


def rebook(
    current: Mapping[Pair, Booking],
    runs: Sequence[PlannedRun],
    *,
    horizon: DateInterval,
    state: BookingState,
    plan_id: PlanId,
    next_id: Callable[[], BookingId],
) -> Rebooking:
    """Replace the ``current`` bookings, inside the horizon, by the runs; a booking without a run loses its weeks there."""
    added = [_booked(run, booking_id=next_id(), state=state, plan_id=plan_id) for run in runs if run.pair not in current]
    changed: list[Booking] = []
    deleted: list[Booking] = []
    by_pair = {run.pair: run for run in runs}
    for pair, booking in current.items():
        pieces = (
            _pieces(booking, by_pair[pair], horizon=horizon, state=state, plan_id=plan_id)
            if pair in by_pair
            else _outside(booking, horizon)
        )
        if not pieces:
            deleted.append(booking)
            continue
        # The first piece goes on under the booking's own id, so that what refers to it finds the earliest weeks.
        first = replace(pieces[0], id=booking.id, external_id=booking.external_id, version=booking.version)
        if first != booking:
            changed.append(first)
        added += [replace(piece, id=next_id(), external_id=None, version=0) for piece in pieces[1:]]
    return Rebooking(added=tuple(added), changed=tuple(changed), deleted=tuple(deleted))


def _booked(run: PlannedRun, *, booking_id: BookingId, state: BookingState, plan_id: PlanId) -> Booking:
    return Booking(
        id=booking_id,
        person_id=run.person_id,
        project_id=run.project_id,
        demand_id=run.demand_id,
        period=run.period,
        share=run.share,
        shift_weeks=run.shift_weeks,
        state=state,
        plan_id=plan_id,
    )


def _outside(booking: Booking, horizon: DateInterval) -> list[Booking]:
    """The booking's weeks before and after the horizon."""
    start, end = booking.period.start, booking.period.end
    pieces = []
    if start < horizon.start:
        pieces.append(replace(booking, period=DateInterval(start, horizon.start)))
    if end is not None and horizon.end is not None and end > horizon.end:
        pieces.append(replace(booking, period=DateInterval(horizon.end, end)))
    return pieces


def _pieces(booking: Booking, run: PlannedRun, *, horizon: DateInterval, state: BookingState, plan_id: PlanId) -> list[Booking]:
    """Before, in and after the horizon, ascending; neighbours that promise the same are one."""
    inside = replace(
        booking, period=run.period, project_id=run.project_id, share=run.share, shift_weeks=run.shift_weeks, state=state, plan_id=plan_id
    )
    if (booking.share, booking.shift_weeks) != (run.share, run.shift_weeks):
        return sorted([*_outside(booking, horizon), inside], key=lambda piece: piece.period.start)
    separate = []
    start, end = run.period.start, run.period.end
    for piece in _outside(booking, horizon):
        if piece.period.end == start:
            start = piece.period.start
        elif piece.period.start == end:
            end = piece.period.end
        else:
            separate.append(piece)
    whole = replace(inside, period=DateInterval(start, end))
    return sorted([*separate, whole], key=lambda piece: piece.period.start)
