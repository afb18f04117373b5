"""Which bill rate applies: the most specific valid one."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.staffing.work import BillRate


class RateCard:
    """
    The firm's bill rates, for look-up.

    A rate fits when each of its person, grade and project is absent or the one asked for, and the day lies in its validity.
    Of those that fit: one for the person before one for any, then for the grade, then for the project; among equals the one
    valid from the latest day (new ones cannot overlap, see ``check_rate_alone``), then the highest.
    """

    def __init__(self, rates: Iterable[BillRate]) -> None:
        self._by_person: dict[PersonId | None, list[BillRate]] = {}
        turns: set[date] = set()
        for rate in rates:
            self._by_person.setdefault(rate.person_id, []).append(rate)
            turns |= {day for day in (rate.valid_from, _after(rate)) if day is not None}
        for group in self._by_person.values():
            group.sort(key=_precedence, reverse=True)
        self._turns = sorted(turns)
        self._found: dict[tuple[int, ProjectId, str | None, PersonId | None], Fraction | None] = {}

    def rate(self, *, day: date, project_id: ProjectId, grade: str | None, person_id: PersonId | None = None) -> Fraction | None:
        """The rate per hour on a day; without ``person_id`` only rates that hold for anybody."""
        key = (self.epoch(day), project_id, grade, person_id)
        if key not in self._found:
            self._found[key] = self._find(day, project_id=project_id, grade=grade, person_id=person_id)
        return self._found[key]

    def has_own(self, person_id: PersonId) -> bool:
        """Whether some rate, valid at any time, is the person's own."""
        return person_id in self._by_person

    def epoch(self, day: date) -> int:
        """A number that is the same for days on which the same rates are valid."""
        return bisect_right(self._turns, day)

    def _find(self, day: date, *, project_id: ProjectId, grade: str | None, person_id: PersonId | None) -> Fraction | None:
        groups = [None] if person_id is None else [person_id, None]
        for group in groups:
            for rate in self._by_person.get(group, ()):
                if rate.grade in {None, grade} and rate.project_id in {None, project_id} and _valid(rate, day):
                    return Fraction(rate.rate)
        return None


def by_epoch(card: RateCard, minutes_on: Mapping[date, int]) -> dict[date, int]:
    """The minutes summed over days with the same valid rates, each sum under the first of its days."""
    sums: dict[int, tuple[date, int]] = {}
    for day in sorted(minutes_on):
        first, minutes = sums.get(card.epoch(day), (day, 0))
        sums[card.epoch(day)] = (first, minutes + minutes_on[day])
    return dict(sums.values())


def _precedence(rate: BillRate) -> tuple[bool, bool, date, Decimal]:
    return (rate.grade is not None, rate.project_id is not None, rate.valid_from or date.min, rate.rate)


def _after(rate: BillRate) -> date | None:
    return None if rate.valid_until in {None, date.max} else rate.valid_until + timedelta(days=1)


def _valid(rate: BillRate, day: date) -> bool:
    return (rate.valid_from is None or rate.valid_from <= day) and (rate.valid_until is None or day <= rate.valid_until)
