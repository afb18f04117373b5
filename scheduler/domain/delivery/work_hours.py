"""
Minutes of people by week or month, as reports add them up.

Everything is counted by person and day and only then summed, so groups add up to the firm, and weeks to the quarter.
docs/metrics.md says what each figure means.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.ground.checks import name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scheduler.domain.ground.ids import PersonId

E4 = 10_000


class Span(StrEnum):
    """What a report's columns are."""

    WEEK = "week"
    MONTH = "month"
    WHOLE = "whole"
    """All days asked for together."""


class Grouping(StrEnum):
    """What a report's rows are."""

    FIRM = "firm"
    TEAM = "team"
    GRADE = "grade"
    LOCATION = "location"
    PERSON = "person"
    SKILL = "skill"
    """Somebody with several skills is in several groups, so groups by skill do not add up to the firm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Sums of minutes; all of them add."""

    contracted_min: int = 0
    """By the terms of employment."""
    bookable_min: int = 0
    """Without holidays, closures and absences."""
    confirmed_min: int = 0
    """Booked on won projects, confirmed or locked."""
    tentative_min: int = 0
    """Booked tentatively, or on projects that are not won."""
    weighted_e4: int = 0
    """Confirmed, and tentative times the project's chance; in ten-thousandths of a minute."""
    bench_min: int = 0
    """Bookable and not booked, day by day."""
    overload_min: int = 0
    """Booked beyond what is bookable, day by day."""
    target_min: int = 0
    """What of the bookable minutes should be billable, by the terms' targets."""
    logged_min: int = 0
    """Recorded."""
    billable_min: int = 0
    """Recorded as billable."""
    productive_min: int = 0
    """Recorded on projects for clients, billable or not."""

    def __add__(self, other: Minutes) -> Minutes:
        return Minutes(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    @property
    def billable_utilisation(self) -> Fraction | None:
        """Billable over bookable minutes; ``None`` where nothing is bookable."""
        return _part(self.billable_min, self.bookable_min)

    @property
    def productive_utilisation(self) -> Fraction | None:
        """Productive over bookable minutes."""
        return _part(self.productive_min, self.bookable_min)

    @property
    def booked_utilisation(self) -> Fraction | None:
        """Booked over bookable minutes, tentative bookings included."""
        return _part(self.confirmed_min + self.tentative_min, self.bookable_min)

    @property
    def weighted_min(self) -> int:
        """``weighted_e4`` in minutes, rounded half up."""
        return (self.weighted_e4 + E4 // 2) // E4


NAMES = tuple(field.name for field in fields(Minutes))


def _part(minutes: int, whole: int) -> Fraction | None:
    return Fraction(minutes, whole) if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMinutes:
    """A person's minutes in one column, under one term of employment."""

    person_id: PersonId
    name: str
    team: str | None
    grade: str | None
    location: str | None
    start: date
    """The first day of the column."""
    minutes: Minutes
    skill: str | None = None
    """Only where they are to be grouped by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMinutes:
    """A group's minutes by column; ``key`` is ``None`` for the firm, and for those without a team, grade or location."""

    key: str | None
    name: str | None
    columns: Mapping[date, Minutes]
    total: Minutes


def grouped(rows: Iterable[PersonMinutes], *, by: Grouping, starts: Iterable[date]) -> tuple[GroupMinutes, ...]:
    """Sums of each group, by name; every group has every column."""
    firsts = tuple(starts)
    found: dict[str | None, dict[date, Minutes]] = {None: {}} if by is Grouping.FIRM else {}
    names: dict[str | None, str | None] = {}
    for row in rows:
        key = _KEYS[by](row)
        names[key] = row.name if by is Grouping.PERSON else key
        columns = found.setdefault(key, {})
        columns[row.start] = columns.get(row.start, _NOTHING) + row.minutes
    groups = [_group(key, names.get(key), columns, firsts) for key, columns in found.items()]
    return tuple(sorted(groups, key=lambda group: (group.name is None, name_key(group.name or ""), group.key or "")))


def _group(key: str | None, name: str | None, columns: Mapping[date, Minutes], starts: tuple[date, ...]) -> GroupMinutes:
    every = {start: columns.get(start, _NOTHING) for start in starts}
    return GroupMinutes(key=key, name=name, columns=every, total=sum(every.values(), start=_NOTHING))


_NOTHING = Minutes()
_KEYS: Mapping[Grouping, Callable[[PersonMinutes], str | None]] = {
    Grouping.FIRM: lambda _row: None,
    Grouping.TEAM: lambda row: row.team,
    Grouping.GRADE: lambda row: row.grade,
    Grouping.LOCATION: lambda row: row.location,
    Grouping.PERSON: lambda row: row.person_id,
    Grouping.SKILL: lambda row: row.skill,
}


def column_starts(first: date, until: date, span: Span) -> tuple[date, ...]:
    """The first day of each column of ``[first, until)``: the day asked for, then every Monday or first of a month after it."""
    days = (first + timedelta(days=number) for number in range(1, (until - first).days))
    match span:
        case Span.WEEK:
            return (first, *(day for day in days if day.weekday() == 0))
        case Span.MONTH:
            return (first, *(day for day in days if day.day == 1))
        case Span.WHOLE:
            return (first,)


def column_of(days: Iterable[date], starts: tuple[date, ...]) -> dict[date, date]:
    """The column of each of the days, which ascend from the first start on."""
    found: dict[date, date] = {}
    number = 0
    for day in days:
        while number + 1 < len(starts) and starts[number + 1] <= day:
            number += 1
        found[day] = starts[number]
    return found


class DayMinutes(NamedTuple):
    """One day of one person."""

    contracted_min: int = 0
    bookable_min: int = 0
    confirmed_min: int = 0
    tentative_min: int = 0
    weighted_e4: int = 0
    target_e4: int = 0
    """What part of the bookable minutes should be billable."""
    logged_min: int = 0
    billable_min: int = 0
    productive_min: int = 0


def summed(days: Iterable[DayMinutes]) -> Minutes:
    """Days together. Each alone decides its bench, its overload and its target, rounded down."""
    contracted = bookable = confirmed = tentative = weighted = logged = billable = productive = 0
    bench = overload = target = 0
    for (
        contracted_min,
        bookable_min,
        confirmed_min,
        tentative_min,
        weighted_e4,
        target_e4,
        logged_min,
        billable_min,
        productive_min,
    ) in days:
        contracted += contracted_min
        bookable += bookable_min
        confirmed += confirmed_min
        tentative += tentative_min
        weighted += weighted_e4
        logged += logged_min
        billable += billable_min
        productive += productive_min
        free = bookable_min - confirmed_min - tentative_min
        if free > 0:
            bench += free
        else:
            overload -= free
        target += bookable_min * target_e4 // E4
    return Minutes(
        contracted_min=contracted,
        bookable_min=bookable,
        confirmed_min=confirmed,
        tentative_min=tentative,
        weighted_e4=weighted,
        bench_min=bench,
        overload_min=overload,
        target_min=target,
        logged_min=logged,
        billable_min=billable,
        productive_min=productive,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanActual:
    """Planned and recorded minutes of one thing in one column."""

    planned_min: int = 0
    logged_min: int = 0

    @property
    def difference_min(self) -> int:
        """Recorded beyond what was planned; less than 0 where less was recorded."""
        return self.logged_min - self.planned_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How near forecasts came to what was recorded."""

    forecast_min: int
    logged_min: int
    missed_min: int
    """The differences of every person, project and week, whichever way, added up."""

    @property
    def accuracy(self) -> Fraction | None:
        """One minus the missed part of what was recorded, at least 0; ``None`` where nothing was recorded."""
        return None if not self.logged_min else max(Fraction(0), 1 - Fraction(self.missed_min, self.logged_min))


def accuracy(forecast: Mapping[object, int], logged: Mapping[object, int]) -> Accuracy:
    """Forecasts against records by the same keys."""
    missed: defaultdict[object, int] = defaultdict(int)
    for key, minutes in forecast.items():
        missed[key] += minutes
    for key, minutes in logged.items():
        missed[key] -= minutes
    return Accuracy(
        forecast_min=sum(forecast.values()), logged_min=sum(logged.values()), missed_min=sum(abs(minutes) for minutes in missed.values())
    )
