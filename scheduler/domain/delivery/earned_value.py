"""Earned value: what should have been done by a day, what has been done, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.delivery.estimates import Estimated, estimated, working_days_in
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scheduler.domain.delivery.structure import Part
    from scheduler.domain.ground.interval import DateInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedValue:
    """In minutes, or in minor units; ``total`` is the budget at completion."""

    total: int
    planned: int
    """PV: the estimates of what should have been done before the day."""
    earned: int
    """EV: the estimates of what is done, in part by its progress."""
    actual: int
    """AC: what it took."""

    @property
    def cpi(self) -> Fraction | None:
        """EV / AC: what each unit spent has earned; below 1 it takes more than was thought."""
        return Fraction(self.earned, self.actual) if self.actual else None

    @property
    def spi(self) -> Fraction | None:
        """EV / PV: how much of what should have been done is done; below 1 it is behind."""
        return Fraction(self.earned, self.planned) if self.planned else None


def earned_value(parts: Sequence[Part], *, project_days: DateInterval | None, on: date, actual_minutes: int) -> EarnedValue:
    """
    In minutes, before the day ``on``.

    The estimates that count are those that demand follows from. Each is planned evenly over the working days (Monday to Friday) of its
    period; without a period it is never planned. Done tasks have earned their estimate, others the part that their progress says. Parts
    of minutes are rounded down, task by task.
    """
    total = planned = earned = 0
    for found in estimated(parts, project_days=project_days):
        if not isinstance(found, Estimated):
            continue
        total += found.minutes
        earned += found.minutes * found.task.done_percent // 100
        if found.period is not None:
            days = working_days_in(found.period)
            planned += found.minutes * sum(day < on for day in days) // len(days)
    return EarnedValue(total=total, planned=planned, earned=earned, actual=actual_minutes)


def in_money(minutes: EarnedValue, *, budget_minor: int, actual_minor: int) -> EarnedValue | None:
    """The same with the budget in money spread over the estimates; ``None`` where there are none. Each figure is rounded once, half up."""
    if not minutes.total:
        return None
    planned, earned = (round_half_up(Fraction(budget_minor * part, minutes.total)) for part in (minutes.planned, minutes.earned))
    return EarnedValue(total=budget_minor, planned=planned, earned=earned, actual=actual_minor)
