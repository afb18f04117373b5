"""Rules between records: what one value may say depends on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Collection

    from scheduler.domain.staffing.work import Booking, Demand, Firm


def check_booking_of_demand(booking: Booking, demand: Demand) -> None:
    """A booking is on the project of its demand. Raises DomainError ``input.invalid``."""
    if booking.project_id != demand.project_id:
        message = f"The demand {demand.name!r} belongs to another project; give that one's id."
        raise invalid("booking", Fault(pointer="/project_id", code="booking.project_mismatch", message=message))


def check_demand_stays(before: Demand, after: Demand, *, bookings: Collection[Booking]) -> None:
    """A booked demand keeps its project. Raises DomainError ``demand.booked``."""
    if before.project_id != after.project_id and bookings:
        raise DomainError(
            ErrorKind.CONFLICT,
            "demand.booked",
            f"The demand has {len(bookings)} bookings on its project; delete them before it moves to another project.",
            facts={"bookings": sorted(booking.id for booking in bookings)[:5]},
        )


def check_currency_stays(before: Firm, after: Firm, *, has_amounts: bool) -> None:
    """Amounts carry no currency of their own, so it stays once there are any. Raises DomainError ``firm.currency_in_use``."""
    if before.version and before.currency != after.currency and has_amounts:
        raise DomainError(
            ErrorKind.CONFLICT,
            "firm.currency_in_use",
            f"The firm's rates and prices are in {before.currency}; another currency would change what they mean.",
        )
