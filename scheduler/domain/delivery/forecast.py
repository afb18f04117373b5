"""
What a project has come to, what is still booked, and what it comes to with that.

Everything is a sum of lines: one person's minutes on one day, at the rates valid on that day, or an expense. A line's amounts are rounded
once, half up, to the minor unit; so sums agree however lines are put together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, Union

from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId, TaskId

MINUTES_PER_HOUR = 60
K = TypeVar("K")
Line = Union["WorkLine", "SpentLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedMinutes:
    """Approved minutes of one person on one day, on one task of a project."""

    project_id: ProjectId
    person_id: PersonId
    day: date
    minutes: int
    is_billable: bool
    task_id: TaskId | None = None
    activity_type_id: ActivityTypeId | None = None
    demand_id: DemandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """Minutes of one person on one day: approved (actual), or booked and still to come. Rates are per hour, in minor units."""

    project_id: ProjectId
    person_id: PersonId
    day: date
    minutes: int
    is_booked: bool
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    grade: str | None = None
    bill_rate: Fraction | None = None
    """``None``: nobody knows; 0 for what is not billed."""
    cost_rate: Fraction | None = None

    @property
    def bill_minor(self) -> int:
        """What it is billed, rounded."""
        return line_amount(self.minutes, self.bill_rate or Fraction(0))

    @property
    def cost_minor(self) -> int:
        """What it costs, rounded."""
        return line_amount(self.minutes, self.cost_rate or Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentLine:
    """An approved expense: no minutes, and amounts in the firm's currency that are not reckoned from a rate."""

    project_id: ProjectId
    person_id: PersonId
    day: date
    bill_minor: int
    cost_minor: int
    task_id: TaskId | None = None
    minutes: int = 0
    is_booked: bool = False
    demand_id: DemandId | None = None
    grade: str | None = None
    bill_rate: Fraction | None = Fraction(0)
    cost_rate: Fraction | None = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What lines add up to. Minutes without a rate are in no amount."""

    minutes: int = 0
    bill_minor: int = 0
    cost_minor: int = 0
    unpriced_minutes: int = 0
    uncosted_minutes: int = 0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            minutes=self.minutes + other.minutes,
            bill_minor=self.bill_minor + other.bill_minor,
            cost_minor=self.cost_minor + other.cost_minor,
            unpriced_minutes=self.unpriced_minutes + other.unpriced_minutes,
            uncosted_minutes=self.uncosted_minutes + other.uncosted_minutes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Actual, booked remaining, and (the sum) the estimate at completion."""

    actual: Amounts = Amounts()
    booked: Amounts = Amounts()

    @property
    def at_completion(self) -> Amounts:
        """The estimate at completion."""
        return self.actual + self.booked

    def __add__(self, other: Forecast) -> Forecast:
        return Forecast(actual=self.actual + other.actual, booked=self.booked + other.booked)


@lru_cache(maxsize=65_536)
def line_amount(minutes: int, rate: Fraction) -> int:
    """Minutes at a rate per hour, in the minor units of the rate: rounded once, half up."""
    return round_half_up(minutes * rate / MINUTES_PER_HOUR)


def forecast(lines: Iterable[Line]) -> Forecast:
    """What the lines come to."""
    return forecast_by(lines, lambda _line: None).get(None, Forecast())


def forecast_by(lines: Iterable[Line], key: Callable[[Line], K]) -> dict[K, Forecast]:
    """What the lines come to by a key of theirs: the parts add up to the whole."""
    sums: dict[tuple[K, bool], list[int]] = defaultdict(lambda: [0] * 5)
    for line in lines:
        found = sums[key(line), line.is_booked]
        found[0] += line.minutes
        found[1] += line.bill_minor
        found[2] += line.cost_minor
        found[3] += line.minutes if line.bill_rate is None else 0
        found[4] += line.minutes if line.cost_rate is None else 0
    made: dict[K, Forecast] = {}
    for (name, is_booked), (minutes, bill, cost, unpriced, uncosted) in sums.items():
        amounts = Amounts(minutes=minutes, bill_minor=bill, cost_minor=cost, unpriced_minutes=unpriced, uncosted_minutes=uncosted)
        made[name] = made.get(name, Forecast()) + (Forecast(booked=amounts) if is_booked else Forecast(actual=amounts))
    return made
