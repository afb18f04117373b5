"""Moving days so that as many working days lie between them as before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.interval import DateInterval

if TYPE_CHECKING:
    from collections.abc import Collection

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShift:
    """
    What began on ``begins`` begins on ``to``, and all else as many working days before or after it as it did.

    Working days are Monday to Friday without ``off``; either day that is none stands for the next one.
    """

    begins: date
    to: date
    off: Collection[date] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "begins", self._next(self.begins))
        object.__setattr__(self, "to", self._next(self.to))

    @property
    def weeks(self) -> int:
        """By how many calendar weeks the first week moves."""
        before, after = (day - timedelta(days=day.weekday()) for day in (self.begins, self.to))
        return (after - before).days // 7

    @property
    def is_none(self) -> bool:
        """Whether nothing moves."""
        return self.begins == self.to

    def day(self, day: date) -> date:
        """Where a day goes; one that is no working day counts as the next one."""
        if self.is_none:
            return day
        count = self._count(self.begins, day) if day >= self.begins else -self._count(day, self.begins)
        return self._walk(count)

    def interval(self, days: DateInterval) -> DateInterval:
        """Where an interval goes: it keeps its working days; one without any keeps its length."""
        if self.is_none or days.end is None:
            return days if self.is_none else DateInterval(self.day(days.start))
        if not self._count(days.start, days.end):
            by = self.to - self.begins
            return DateInterval(days.start + by, days.end + by)
        last = days.end - _DAY
        while not self._works(last):
            last -= _DAY
        return DateInterval(self.day(days.start), self.day(last) + _DAY)

    def _works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off

    def _next(self, day: date) -> date:
        while not self._works(day):
            day += _DAY
        return day

    def _count(self, first: date, until: date) -> int:
        return sum(self._works(first + timedelta(days=n)) for n in range((until - first).days))

    def _walk(self, count: int) -> date:
        """The working day so many after (before, where negative) the new first one."""
        day, step = self.to, _DAY if count > 0 else -_DAY
        while count:
            day += step
            if self._works(day):
                count += -1 if count > 0 else 1
        return day
