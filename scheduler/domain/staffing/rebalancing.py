"""
How much of what is booked already a new plan would move, and whether that is too much to happen without somebody's eyes on it.

In force is every tentative or confirmed booking of a demand that has weeks in the horizon; locked bookings, and those on no
demand, are moved by no plan, so they do not count. A booking is moved when, inside the horizon, nobody keeps its promise: the
same person on the same demand in the same weeks with the same share and shift. How firm a booking is may change without a move,
and what was not booked before is no move either.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.work import Booking, BookingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import DemandId, PersonId
    from scheduler.domain.ground.interval import DateInterval

    Pair = tuple[PersonId, DemandId | None]
    Promise = tuple[date, date | None, Decimal | None, int]

_RELIED_ON = frozenset({BookingState.CONFIRMED, BookingState.LOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLimit:
    """Most that may move without a review, as a part of what there is. Raises DomainError ``input.invalid``."""

    max_moved: Decimal

    def __post_init__(self) -> None:
        faults = Faults()
        faults.decimal("/max_moved", self.max_moved, least=Decimal(0), most=Decimal(1))
        faults.raise_any("limit on moved bookings")

    def allows(self, upheaval: Upheaval) -> bool:
        """Whether neither the moved bookings nor the moved people that rely on theirs are too many."""
        most = Fraction(self.max_moved)
        return upheaval.moved_share <= most and upheaval.notified_share <= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A booking in force that does not stay as it is."""

    was: Booking
    now: Booking | None
    """What the person does on the demand instead, inside the horizon; ``None`` when nothing: the booking is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upheaval:
    """What becomes of the bookings in force."""

    in_force: int
    moves: tuple[Move, ...]
    notified: frozenset[PersonId]
    """People who have been told what they do next: those with a confirmed or locked booking in the frozen weeks."""

    @property
    def people(self) -> frozenset[PersonId]:
        """Whoever has a moved booking."""
        return frozenset(move.was.person_id for move in self.moves)

    @property
    def notified_people(self) -> frozenset[PersonId]:
        """Whoever has been told and has a moved booking, in whatever week."""
        return self.people & self.notified

    @property
    def moved_share(self) -> Fraction:
        """Moved bookings as a part of those in force; 0 of none."""
        return Fraction(len(self.moves), self.in_force or 1)

    @property
    def notified_share(self) -> Fraction:
        """Moved people as a part of those who have been told; 0 of none."""
        return Fraction(len(self.notified_people), len(self.notified) or 1)


def upheaval(before: Sequence[Booking], after: Iterable[Booking], *, horizon: DateInterval, frozen: DateInterval | None) -> Upheaval:
    """Compare all bookings as they are with all bookings as they would be; ``frozen``: the weeks in which nothing may move."""
    standing = [booking for booking in before if _is_in_force(booking, horizon)]
    later: dict[Pair, list[Booking]] = defaultdict(list)
    for booking in after:
        if _is_in_force(booking, horizon):
            later[_pair(booking)].append(booking)
    broken = [booking for booking in standing if not _kept(booking, later[_pair(booking)], horizon)]
    moves = [Move(was=booking, now=later[_pair(booking)].pop(0) if later[_pair(booking)] else None) for booking in broken]
    told = (b.person_id for b in before if frozen is not None and b.state in _RELIED_ON and b.period.overlaps(frozen))
    return Upheaval(in_force=len(standing), moves=tuple(moves), notified=frozenset(told))


def _is_in_force(booking: Booking, horizon: DateInterval) -> bool:
    return booking.demand_id is not None and booking.state is not BookingState.LOCKED and booking.period.overlaps(horizon)


def _kept(booking: Booking, later: list[Booking], horizon: DateInterval) -> bool:
    """Whether one of ``later`` promises the same; it is taken out, so that it stands for one booking only."""
    promise = _promise(booking, horizon)
    match = next((one for one in later if _promise(one, horizon) == promise), None)
    if match is not None:
        later.remove(match)
    return match is not None


def _pair(booking: Booking) -> Pair:
    return booking.person_id, booking.demand_id


def _promise(booking: Booking, horizon: DateInterval) -> Promise:
    """What the booking says of the horizon's weeks."""
    start, end = max(booking.period.start, horizon.start), booking.period.end
    if end is None or (horizon.end is not None and horizon.end < end):
        end = horizon.end
    return start, end, booking.share, booking.shift_weeks
