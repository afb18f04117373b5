"""
What planned days come to: summed to the lines that a monthly invoice would have, each rounded once.

A plan's key figures and the forecast from bookings both come from here, so they agree to the minor unit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.money import Money, exponent, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.exchange import Exchange
    from scheduler.domain.ground.ids import PersonId, ProjectId

MINUTES_PER_HOUR = 60


class PlannedDay(NamedTuple):
    """Booked minutes of a person on a project on a day. Rates are per hour, in main units."""

    project_id: ProjectId
    person_id: PersonId
    day: date
    minutes: int
    rate: Fraction | None
    """In ``currency``; ``None``: nothing prices it."""
    currency: str
    cost_rate: Fraction | None
    """In the firm's currency; ``None``: nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAmounts:
    """
    What a project's month comes to, in minor units. Minutes without a rate are in no amount.

    ``billed_minor`` is in ``currency``, that of the contract; the others are in the firm's.
    """

    currency: str
    minutes: int = 0
    unpriced_minutes: int = 0
    uncosted_minutes: int = 0
    billed_minor: int = 0
    revenue_minor: int = 0
    expected_minor: int = 0
    """Revenue by the chance that the work comes."""
    cost_minor: int = 0


class _RevenueLine(NamedTuple):
    person_id: PersonId
    rate: Fraction
    currency: str


def planned_amounts(
    days: Iterable[PlannedDay], *, chances: Mapping[ProjectId, Fraction], exchange: Exchange
) -> dict[tuple[ProjectId, date], PlannedAmounts]:
    """
    By project and month (its first day): one line for each person and rate, rounded once, half up, to the minor unit.

    A line in a foreign currency comes into the firm's at the last rate that is known of its month; without one it has no price. The
    expected amount is the line's, times the project's chance, rounded; costs are rounded by person and cost rate.
    """
    months: dict[tuple[ProjectId, date], list[PlannedDay]] = defaultdict(list)
    for one in days:
        months[one.project_id, one.day.replace(day=1)].append(one)
    return {key: _month(months[key], chance=chances.get(key[0], Fraction(1)), exchange=exchange) for key in sorted(months)}


def _month(days: list[PlannedDay], *, chance: Fraction, exchange: Exchange) -> PlannedAmounts:
    lines: Counter[_RevenueLine] = Counter()
    costs: Counter[tuple[PersonId, Fraction]] = Counter()
    minutes = unpriced = uncosted = 0
    for one in days:
        minutes += one.minutes
        if one.rate is None:
            unpriced += one.minutes
        else:
            lines[_RevenueLine(one.person_id, one.rate, one.currency)] += one.minutes
        if one.cost_rate is None:
            uncosted += one.minutes
        else:
            costs[one.person_id, one.cost_rate] += one.minutes
    billed = revenue = expected = 0
    last = _last_day(days[0].day)
    for line, worked in lines.items():
        amount = Money(amount_minor=_amount(worked, line.rate, line.currency), currency=line.currency)
        try:
            home = exchange.to_home(amount, last).amount_minor
        except DomainError:
            unpriced += worked
            continue
        billed += amount.amount_minor
        revenue += home
        expected += round_half_up(home * chance)
    return PlannedAmounts(
        currency=days[0].currency,
        minutes=minutes,
        unpriced_minutes=unpriced,
        uncosted_minutes=uncosted,
        billed_minor=billed,
        revenue_minor=revenue,
        expected_minor=expected,
        cost_minor=sum(_amount(worked, rate, exchange.home) for (_, rate), worked in costs.items()),
    )


def _amount(minutes: int, rate: Fraction, currency: str) -> int:
    return round_half_up(minutes * rate * 10 ** exponent(currency) / MINUTES_PER_HOUR)


def _last_day(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
