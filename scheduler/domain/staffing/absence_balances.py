"""
What is left of a kind of absence, year by year, as a ledger: what came over, what is granted, taken, asked for, and expired.

A day counts for what the person would have worked on it: nothing on weekends, holidays and days without contract, half on a half
holiday. What was carried over is taken first; what is left of it on its last day expires. What is overdrawn is missing in the next year.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.absence_kinds import MONTHS, BalanceUnit
from scheduler.domain.staffing.capacity import HALVES, WHOLE_DAY, working_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scheduler.domain.ground.ids import CalendarId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.absence_kinds import AbsenceKind
    from scheduler.domain.staffing.people import DayPart, Term

    Pieces = Sequence[tuple[DateInterval, DayPart]]


class RowKind(StrEnum):
    """What a row of a balance is."""

    CARRIED = "carried"
    GRANTED = "granted"
    TAKEN = "taken"
    REQUESTED = "requested"
    """Asked for and not decided; it is as good as taken until then."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Days of one kind that somebody takes: an absence, or a request that waits."""

    area: str
    id: str
    pieces: tuple[tuple[DateInterval, DayPart], ...]
    is_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What a spell takes on one day."""

    day: date
    units: int
    spell: Spell


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """What a person would work, day by day."""

    terms: Sequence[Term]
    days_off: Mapping[CalendarId, Mapping[date, DayPart]]

    def units(self, day: date, *, halves: int, unit: BalanceUnit) -> int:
        """What so many halves of the day come to."""
        term = next((term for term in self.terms if day in term.period), None)
        contracted_min = 0 if term is None else term.weekly_minutes[day.weekday()]
        if term is None or not contracted_min:
            return 0
        part = self.days_off.get(term.calendar_id, {}).get(day)
        off = HALVES[part] if part else 0
        if unit is BalanceUnit.HALF_DAYS:
            return min(halves, WHOLE_DAY - off)
        return working_minutes(contracted_min, off_halves=off) - working_minutes(contracted_min, off_halves=off + halves)


def takings(
    spells: Iterable[Spell], *, recorded_anyway: Iterable[Pieces], worked: WorkingDays, unit: BalanceUnit, within: DateInterval
) -> tuple[Taking, ...]:
    """
    What the spells take, ascending by day; on one day they come to a whole day at most.

    ``recorded_anyway``: what is always recordable; on those days nothing else counts.
    """
    other: Counter[date] = Counter()
    for pieces in recorded_anyway:
        for day, halves in _by_day(pieces, within):
            other[day] += halves
    used: Counter[date] = Counter()
    found = []
    for spell in spells:
        for day, halves in _by_day(spell.pieces, within):
            before = used[day]
            used[day] = max(before, min(WHOLE_DAY - min(WHOLE_DAY, other[day]), before + halves))
            units = worked.units(day, halves=used[day], unit=unit) - worked.units(day, halves=before, unit=unit)
            if units:
                found.append(Taking(day=day, units=units, spell=spell))
    return tuple(sorted(found, key=lambda taking: taking.day))


def _by_day(pieces: Pieces, within: DateInterval) -> Iterator[tuple[date, int]]:
    assert within.end is not None
    for period, part in pieces:
        day, end = max(period.start, within.start), within.end if period.end is None else min(period.end, within.end)
        while day < end:
            yield day, HALVES[part]
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One row of a balance: from which day it counts, and what it adds."""

    day: date
    what: RowKind
    units: int
    """Less than nothing where it takes."""
    area: str | None = None
    id: str | None = None
    """The absence or request that takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBalance:
    """A year of one kind; ``left`` is the sum of its rows."""

    year: int
    rows: tuple[BalanceRow, ...]
    lowest: tuple[tuple[date, int], ...]
    """Days on which something is taken, with what could still be taken after them."""

    def sum_of(self, what: RowKind) -> int:
        """What the rows of a sort come to."""
        return sum(row.units for row in self.rows if row.what is what)

    @property
    def left(self) -> int:
        """What is left of the year, less than nothing where it is overdrawn."""
        return sum(row.units for row in self.rows)


def balances(kind: AbsenceKind, *, terms: Sequence[Term], taken: Iterable[Taking], until: int) -> tuple[YearBalance, ...]:
    """The balances of a kind from its first year until the year ``until``; none where no balance is kept."""
    if kind.first_year is None:
        return ()
    by_year: dict[int, list[Taking]] = defaultdict(list)
    for taking in taken:
        by_year[taking.day.year].append(taking)
    found: list[YearBalance] = []
    for year in range(kind.first_year, until + 1):
        carried = _carried(kind, found[-1].left) if found else 0
        found.append(_year(kind, year, carried=carried, granted=kind.granted_by_month(terms, year=year), taken=by_year[year]))
    return tuple(found)


def _carried(kind: AbsenceKind, left: int) -> int:
    return left if kind.carry_over_max is None else min(left, kind.carry_over_max)


def _year(kind: AbsenceKind, year: int, *, carried: int, granted: Sequence[int], taken: Sequence[Taking]) -> YearBalance:
    last_day = kind.last_day_of_carried(year)
    in_time = sum(taking.units for taking in taken if last_day is not None and taking.day <= last_day)
    expired = 0 if last_day is None else max(0, carried - in_time)
    rows = [BalanceRow(day=date(year, 1, 1), what=RowKind.CARRIED, units=carried)] if carried else []
    steps = zip(range(1, MONTHS + 1), (0, *granted), granted, strict=False)
    rows += [BalanceRow(day=date(year, n, 1), what=RowKind.GRANTED, units=now - was) for n, was, now in steps if now != was]
    if expired and last_day is not None:
        rows.append(BalanceRow(day=last_day + timedelta(days=1), what=RowKind.EXPIRED, units=-expired))
    rows += _of_spells(taken)
    lowest = []
    used = 0
    for place, taking in enumerate(taken):
        used += taking.units
        if place + 1 < len(taken) and taken[place + 1].day == taking.day:
            continue
        there = carried if last_day is None or taking.day <= last_day else carried - expired
        lowest.append((taking.day, there + granted[taking.day.month - 1] - used))
    return YearBalance(year=year, rows=tuple(sorted(rows, key=lambda row: row.day)), lowest=tuple(lowest))


def _of_spells(taken: Iterable[Taking]) -> Iterator[BalanceRow]:
    """One row for each spell, on its first day in the year."""
    by_spell: dict[tuple[str, str, bool], list[Taking]] = defaultdict(list)
    for taking in taken:
        by_spell[taking.spell.area, taking.spell.id, taking.spell.is_pending].append(taking)
    for (area, own, is_pending), row in by_spell.items():
        what = RowKind.REQUESTED if is_pending else RowKind.TAKEN
        yield BalanceRow(day=row[0].day, what=what, units=-sum(taking.units for taking in row), area=area, id=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """The day on which most is missing, and how much."""

    kind: AbsenceKind
    day: date
    missing: int

    @property
    def message(self) -> str:
        """What is said of it."""
        unit = "half days" if self.kind.unit is BalanceUnit.HALF_DAYS else "minutes"
        return f"On {self.day} the balance of {self.kind.name} is overdrawn by {self.missing} {unit}."

    def refusal(self) -> DomainError:
        """The error where the policy says so."""
        return DomainError(
            ErrorKind.CONFLICT,
            "absence_request.beyond_balance",
            f"{self.message} Ask for fewer or later days, or withdraw another request.",
            facts={"day": self.day.isoformat(), "missing": self.missing, "unit": self.kind.unit.value},
        )


def shortfall(kind: AbsenceKind, years: Iterable[YearBalance], *, since: date) -> Shortfall | None:
    """The worst of the first year in which a day from ``since`` on takes more than there is."""
    for one in years:
        short = [(units, day) for day, units in one.lowest if day >= since and units < 0]
        if short:
            units, day = min(short)
            return Shortfall(kind=kind, day=day, missing=-units)
    return None
