"""Calendar weeks and the solver's periods: period 0 is the week that begins on the horizon's first Monday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.interval import DateInterval

WEEKS_MAX = 260
"""Longest horizon: five years."""

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGrid:
    """``weeks`` calendar weeks from the Monday ``start``."""

    start: date
    weeks: int

    def __post_init__(self) -> None:
        faults = grid_faults(start=self.start, weeks=self.weeks)
        if faults:
            raise DomainError(ErrorKind.INVALID, faults[0].code, faults[0].message, tuple(faults))

    @property
    def days(self) -> DateInterval:
        """Every day of the horizon."""
        return DateInterval(self.start, self.start + WEEK * self.weeks)

    @property
    def mondays(self) -> tuple[date, ...]:
        """First day of every week."""
        return tuple(self.start + WEEK * index for index in range(self.weeks))

    def monday(self, index: int) -> date:
        """First day of a week, by its index, which may lie outside the horizon."""
        return self.start + WEEK * index

    def week_days(self, index: int) -> DateInterval:
        """The seven days of a week."""
        return self.span(index, index)

    def span(self, first: int, last: int) -> DateInterval:
        """The days from the week ``first`` to the week ``last``, both included."""
        return DateInterval(self.monday(first), self.monday(last + 1))

    def index(self, day: date) -> int:
        """Index of the week a day lies in; negative, or ``weeks`` and above, outside the horizon."""
        return (day - self.start).days // 7

    def clip(self, first: int, last: int) -> tuple[int, int] | None:
        """The part of a span of weeks that lies in the horizon; ``None`` when none does."""
        first, last = max(0, first), min(last, self.weeks - 1)
        return (first, last) if first <= last else None


def grid_faults(*, start: date, weeks: int) -> list[Fault]:
    """What is wrong with a horizon."""
    faults = []
    if start.weekday() != 0:
        monday = start - timedelta(days=start.weekday())
        faults.append(
            Fault(
                pointer="/horizon_start",
                code="horizon.not_monday",
                message=f"The horizon starts on {start:%A} {start}; it must start on a Monday, such as {monday} or {monday + WEEK}.",
            )
        )
    if not 1 <= weeks <= WEEKS_MAX:
        faults.append(Fault(pointer="/weeks", code="number.out_of_range", message=f"The horizon has {weeks} weeks; give 1 to {WEEKS_MAX}."))
    elif start > date.max - WEEK * (weeks + WEEKS_MAX):
        faults.append(Fault(pointer="/horizon_start", code="date.out_of_range", message=f"The horizon starts too late: {start}."))
    return faults
