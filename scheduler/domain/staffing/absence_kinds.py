"""
Kinds of absence as a policy: who must be asked, and how much of it a person may take in a year.

Balances are counted in whole units: half days, or minutes. A kind is known by its name: absences bear it, so it never changes.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, invalid, name_key
from scheduler.domain.ground.errors import Fault
from scheduler.domain.staffing.people import Employment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.ground.ids import AbsenceKindId
    from scheduler.domain.staffing.people import Term

MONTHS = 12
ENTITLEMENT_MAX = 366 * 1440
FIRST_YEAR, LAST_YEAR = 1990, 2199
_MONTH_AND_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class BalanceUnit(StrEnum):
    """What balances of a kind are counted in."""

    HALF_DAYS = "half_days"
    """Two for each day on which the person would have worked, one on a half holiday."""
    MINUTES = "minutes"
    """The minutes that the person would have worked."""


class Accrual(StrEnum):
    """When a year's entitlement may be taken."""

    UP_FRONT = "up_front"
    MONTHLY = "monthly"
    """A twelfth on the first day of each month."""


class BeyondBalance(StrEnum):
    """What becomes of a request for more than is left."""

    REFUSED = "refused"
    WARNED = "warned"
    """It is taken, and says so; what is overdrawn is missing in the next year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceKind:
    """A kind of absence and its policy. Without an entitlement no balance is kept of it."""

    id: AbsenceKindId
    name: str
    needs_approval: bool = True
    is_always_recordable: bool = False
    """Recorded whatever else is on those days, which then count against no other kind: sickness during a vacation."""
    unit: BalanceUnit = BalanceUnit.HALF_DAYS
    entitlement: int | None = None
    """Units a year."""
    full_week: int | None = None
    """Units of the working week that the entitlement is meant for; whoever works less gets less. ``None``: all get the same."""
    first_year: int | None = None
    """The year in which balances begin, with nothing carried over. Goes with the entitlement."""
    accrual: Accrual = Accrual.UP_FRONT
    carry_over_max: int | None = None
    """Most units that go over into the next year; ``None``: all."""
    carry_over_until: str | None = None
    """Last day, as MM-DD, on which what was carried over can be taken; ``None``: it does not expire."""
    beyond_balance: BeyondBalance = BeyondBalance.REFUSED
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        for name, least in (("entitlement", 0), ("full_week", 1), ("carry_over_max", 0)):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=least, most=ENTITLEMENT_MAX)
        if self.first_year is not None:
            faults.integer("/first_year", self.first_year, least=FIRST_YEAR, most=LAST_YEAR)
        self._check_balance(faults)
        faults.raise_any("kind of absence")

    def _check_balance(self, faults: Faults) -> None:
        if (self.entitlement is None) != (self.first_year is None):
            message = "An entitlement and the first year in which it holds go together; give both or none."
            faults.add("/first_year" if self.first_year is None else "/entitlement", "absence_kind.no_first_year", message)
        if self.is_always_recordable and (self.needs_approval or self.entitlement is not None):
            message = "What can always be recorded needs no approval and has no entitlement; leave both out, or take this away."
            faults.add("/is_always_recordable", "absence_kind.always_recordable", message)
        if self.carry_over_until is not None and not _is_month_and_day(self.carry_over_until):
            message = "A day of every year is written as MM-DD, such as 03-31; 02-29 is not in every year."
            faults.add("/carry_over_until", "absence_kind.no_day_of_the_year", message)

    def is_of(self, kind: str) -> bool:
        """Whether an absence that bears this word is of this kind."""
        return name_key(kind) == name_key(self.name)

    def last_day_of_carried(self, year: int) -> date | None:
        """Last day on which what came over into the year can be taken; ``None``: no such day."""
        return None if self.carry_over_until is None else date.fromisoformat(f"{year:04d}-{self.carry_over_until}")

    def granted_by_month(self, terms: Sequence[Term], *, year: int) -> tuple[int, ...]:
        """
        What of the year's entitlement may be taken from the first day of each month on, in whole units, rounded down.

        A month counts for the part of its days on which the person is an employee, and by their working week where ``full_week``
        says what week the entitlement is for. All twelve together are the entitlement of whoever works that week all year.
        """
        earned = Fraction(0)
        found = []
        for month in range(1, MONTHS + 1):
            earned += self._weight(terms, year=year, month=month)
            found.append(int((self.entitlement or 0) * earned / MONTHS))
        return (found[-1],) * MONTHS if self.accrual is Accrual.UP_FRONT else tuple(found)

    def _weight(self, terms: Sequence[Term], *, year: int, month: int) -> Fraction:
        length = calendar.monthrange(year, month)[1]
        first, last = date(year, month, 1), date(year, month, length)
        weight = Fraction(0)
        for term in terms:
            start, end = term.period.start, term.period.end
            days = ((last if end is None else min(last, date.fromordinal(end.toordinal() - 1))) - max(first, start)).days + 1
            if days > 0 and term.employment is Employment.EMPLOYEE:
                weight += Fraction(days, length) * self._share_of_week(term)
        return weight

    def _share_of_week(self, term: Term) -> Fraction:
        if self.full_week is None:
            return Fraction(1)
        by_minutes = self.unit is BalanceUnit.MINUTES
        own = sum(term.weekly_minutes) if by_minutes else 2 * sum(1 for minutes in term.weekly_minutes if minutes)
        return Fraction(own, self.full_week)


def check_name_stays(before: AbsenceKind, after: AbsenceKind) -> None:
    """A kind keeps its name, by which absences are counted. Raises DomainError ``input.invalid``."""
    faults = []
    if not after.is_of(before.name):
        message = f"The kind is called {before.name}, and absences bear that name; keep it, or make another kind."
        faults.append(Fault(pointer="/name", code="absence_kind.name_stays", message=message))
    if faults:
        raise invalid("kind of absence", *faults)


def _is_month_and_day(text: str) -> bool:
    if not _MONTH_AND_DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"2027-{text}")
    except ValueError:
        return False
    return True
