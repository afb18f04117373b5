"""Half-open date intervals ``[start, end)``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, order=True)
class DateInterval:
    """Days from ``start`` up to, not including, ``end``; ``end`` ``None`` = open-ended."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise DomainError(
                ErrorKind.INVALID, "interval.empty", f"The interval ends {self.end}, on or before its start {self.start}; end it later."
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: DateInterval) -> bool:
        """Whether some day lies in both."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def covers(self, other: DateInterval) -> bool:
        """Whether every day of ``other`` lies in this one."""
        return self.start <= other.start and (self.end is None or (other.end is not None and other.end <= self.end))

    def days(self) -> Iterator[date]:
        """Every day, in order. Raises ValueError on an open-ended interval."""
        if self.end is None:
            raise ValueError("an open-ended interval has no last day")
        return (self.start + timedelta(days=n) for n in range((self.end - self.start).days))
