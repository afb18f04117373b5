"""Calendar months, each named by its first day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scheduler.domain.ground.checks import Faults


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def following(month: date, *, by: int = 1) -> date:
    """The first day of the month that comes so many months after the day's own; before it where ``by`` is negative."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    """The month's last day."""
    return following(month) - timedelta(days=1)


def months_between(first: date, last: date) -> Iterator[date]:
    """Every month from that of ``first`` to that of ``last``, both included; none where ``last`` is earlier."""
    month = month_of(first)
    while month <= last:
        yield month
        month = following(month)


def check_month(faults: Faults, pointer: str, month: date) -> None:
    """A fault unless it is the first day of a month."""
    if month.day != 1:
        faults.add(pointer, "month.not_first_day", f"{month} is not the first day of a month; give {month_of(month)}.")


def first_and_last(days: Iterable[date]) -> tuple[date, date] | None:
    """The months of the earliest and the latest day; ``None`` where there is no day."""
    all_days = list(days)
    return (month_of(min(all_days)), month_of(max(all_days))) if all_days else None
