"""Who may move which booking: the one table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import BOOKINGS_CONFIRM, BOOKINGS_LOCK, PLANS_APPLY
from scheduler.domain.staffing.work import Booking, BookingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.access import Actor


class Mover(StrEnum):
    """Who makes, changes or removes a booking."""

    HAND = "hand"
    """Somebody, one booking at a time: with the rights on the records (``bookings:create`` and so on) beside those here."""
    PLAN = "plan"
    """A plan that is applied, by somebody or at night."""


NEVER = "never"
MOVES: Mapping[BookingState, Mapping[Mover, tuple[str, ...]]] = {
    BookingState.TENTATIVE: {Mover.HAND: (), Mover.PLAN: (PLANS_APPLY,)},
    BookingState.CONFIRMED: {Mover.HAND: (BOOKINGS_CONFIRM,), Mover.PLAN: (PLANS_APPLY, BOOKINGS_CONFIRM)},
    BookingState.LOCKED: {Mover.HAND: (BOOKINGS_LOCK,), Mover.PLAN: (NEVER,)},
}
"""
The rights that moving a booking of a state asks for; coming into a state is a move too.

Whoever leaves the firm has all bookings ended, and an import brings what the other tool says: both are rights of their own.
"""


def may_ever_move(booking: Booking, mover: Mover) -> bool:
    """Whether such a mover moves such bookings at all."""
    return NEVER not in MOVES[booking.state][mover]


def require_moves(actor: Actor, bookings: Iterable[Booking], mover: Mover) -> None:
    """Raise DomainError ``access.denied`` unless the actor may move all of them, each as it was or as it is to be."""
    for state in sorted({booking.state for booking in bookings}):
        for right in MOVES[state][mover]:
            require(actor, right)
