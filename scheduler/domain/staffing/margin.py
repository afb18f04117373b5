"""Planned revenue, cost and margin: minutes times rates, summed exactly and rounded once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scheduler.domain.ground.ids import PersonId

MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Booked minutes of one person in one month, under the same rates per hour."""

    person_id: PersonId
    month: date
    """The first day of a calendar month."""
    minutes: int
    bill_rate: Fraction | None
    """``None``: there is no rate for it."""
    cost_rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What several pieces of work come to; amounts exact, in the currency's main unit."""

    minutes: int
    unpriced_minutes: int
    """Those without a bill rate: they are not in the revenue."""
    revenue: Fraction
    cost: Fraction


def summed(works: Iterable[Work], *, cost_rate: Fraction | None = None) -> Sums:
    """All work together: at everybody's own cost rate, or at one for all."""
    minutes = unpriced = 0
    revenue = cost = Fraction(0)
    for work in works:
        minutes += work.minutes
        unpriced += work.minutes if work.bill_rate is None else 0
        revenue += work.minutes * (work.bill_rate or 0)
        cost += work.minutes * work.cost_rate
    if cost_rate is not None:
        cost = minutes * cost_rate
    return Sums(minutes=minutes, unpriced_minutes=unpriced, revenue=revenue / MINUTES_PER_HOUR, cost=cost / MINUTES_PER_HOUR)
