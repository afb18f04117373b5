"""Rules between records: what one value may say depends on another."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scheduler.domain.staffing.work import BillRate, Booking, Demand, Firm


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


def check_rate_alone(rate: BillRate, others: Iterable[BillRate]) -> None:
    """No two rates for the same project, person and grade hold on one day. Raises DomainError ``rate.overlap``."""
    for other in others:
        if other.id != rate.id and rate_scope(other) == rate_scope(rate) and _hold_together(rate, other):
            raise DomainError(
                ErrorKind.CONFLICT,
                "rate.overlap",
                f"The bill rate {other.external_id or other.id} for the same project, person and grade is valid {_validity(other)},"
                f" and this one {_validity(rate)}; end one before the other begins.",
                facts={"bill_rate": other.id},
            )


def rate_scope(rate: BillRate) -> tuple[str | None, str | None, str | None]:
    """What a rate is for."""
    return (rate.project_id, rate.person_id, rate.grade)


def _hold_together(one: BillRate, other: BillRate) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_until or date.max, other.valid_until or date.max)


def _validity(rate: BillRate) -> str:
    if rate.valid_from is None and rate.valid_until is None:
        return "always"
    begin = f"from {rate.valid_from} " if rate.valid_from else ""
    return f"{begin}until {rate.valid_until}" if rate.valid_until else f"{begin}on"


def check_currency_stays(before: Firm, after: Firm, *, has_amounts: bool) -> None:
    """Amounts carry no currency of their own, so it stays once there are any. Raises DomainError ``firm.currency_in_use``."""
    if before.version and before.currency != after.currency and has_amounts:
        raise DomainError(
            ErrorKind.CONFLICT,
            "firm.currency_in_use",
            f"The firm's rates and prices are in {before.currency}; another currency would change what they mean.",
        )
