"""
Mean cost rates of groups of people that give nobody away, however they are combined.

A group's mean is fixed over the people whom it has on a day and who have a cost rate, each counting once. All means that were ever
fixed are known to whoever may see aggregates, and what people are booked for is known too: so a mean is fixed only if no sum or
difference of means, with whatever factors, rests on fewer than ``LEAST`` people. Two people, of whom the same means were taken, have
the same part in every such combination; so it is enough that people who cannot be told apart by the means they are in are never
fewer than ``LEAST``. The same must hold of people with their rate, or else one person's rise would show in two means of the same people.

Where a mean would break the rule, the one fixed before stays in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from scheduler.domain.ground.ids import PersonId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

T = TypeVar("T")

LEAST = 5
"""Fewest people whose cost may be seen together."""
DOMINANT = Fraction(1, 2)
"""Nobody's rate may be more than this part of a sum that could be worked out: the sum would tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody stands on a day: their team, and their cost rate per hour (> 0)."""

    team: str | None
    cost_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """The mean cost rate per hour of a group, from a day on until another is fixed."""

    fixed_on: date
    people: int
    rate: Fraction


Group = str | None
"""A team's name; ``None``: the whole firm."""
Members = Mapping[PersonId, Decimal]
"""A group's people with their rates."""


def fixed_rates(days: Iterable[tuple[date, Mapping[PersonId, Standing | None]]]) -> dict[Group, tuple[GroupRate, ...]]:
    """
    Every mean that was fixed, by group and in order of time.

    Parameters
    ----------
    days
        Days on which something changed, ascending, each with whose standing is another from then on (``None``: no cost rate any more).
    """
    standings: dict[PersonId, Standing] = {}
    told = _Told()
    fixed: dict[Group, list[GroupRate]] = {}
    in_force: dict[Group, Members] = {}
    for day, changes in days:
        for person_id, standing in changes.items():
            if standing is None:
                standings.pop(person_id, None)
            else:
                standings[person_id] = standing
        for group, members in _groups(standings).items():
            if members != in_force.get(group) and told.tell(members):
                in_force[group] = members
                mean = Fraction(sum(members.values())) / len(members)
                fixed.setdefault(group, []).append(GroupRate(fixed_on=day, people=len(members), rate=mean))
    return {group: tuple(rates) for group, rates in fixed.items()}


def rate_on(rates: Sequence[GroupRate], day: date) -> GroupRate | None:
    """The rate in force on a day; before the first was fixed, the first."""
    return next((rate for rate in reversed(rates) if rate.fixed_on <= day), rates[0] if rates else None)


def _groups(standings: Mapping[PersonId, Standing]) -> dict[Group, Members]:
    """The firm, then the teams by name."""
    found: dict[Group, dict[PersonId, Decimal]] = {None: {person: one.cost_rate for person, one in standings.items()}}
    for team in sorted({one.team for one in standings.values() if one.team is not None}):
        found[team] = {person: one.cost_rate for person, one in standings.items() if one.team == team}
    return dict(found)


class _Told:
    """The means that were told so far: which of them each person has a part in, and each person with one rate."""

    def __init__(self) -> None:
        self._known: set[frozenset[tuple[PersonId, Decimal]]] = set()
        self._refused: dict[frozenset[tuple[PersonId, Decimal]], int] = {}
        self._by_person: dict[PersonId, frozenset[int]] = {}
        self._by_rate: dict[tuple[PersonId, Decimal], frozenset[int]] = {}
        self._rates: dict[PersonId, Decimal] = {}

    def tell(self, members: Members) -> bool:
        """Tell the members' mean, unless that gives somebody away; whether it may be known."""
        items = frozenset(members.items())
        if items in self._known:
            return True
        if len(items) < LEAST or self._refused.get(items) == len(self._known):
            return False
        if not self._is_safe(members, items):
            self._refused[items] = len(self._known)
            return False
        number = frozenset({len(self._known)})
        self._known.add(items)
        self._by_person |= {person: self._by_person.get(person, frozenset()) | number for person in members}
        self._by_rate |= {item: self._by_rate.get(item, frozenset()) | number for item in items}
        self._rates |= members
        return True

    def _is_safe(self, members: Members, items: frozenset[tuple[PersonId, Decimal]]) -> bool:
        rates = {**self._rates, **members}
        for cell in _alike(self._by_person, members):
            amounts = [rates[person] for person in cell]
            if len(cell) < LEAST or max(amounts) > DOMINANT * Fraction(sum(amounts)):
                return False
        return all(len(cell) >= LEAST for cell in _alike(self._by_rate, items))


def _alike(told: Mapping[T, frozenset[int]], new: Collection[T]) -> Iterable[list[T]]:
    """Those who would have a part in the same means if that of ``new`` were told too."""
    cells: dict[tuple[frozenset[int], bool], list[T]] = {}
    for key in told.keys() | set(new):
        cells.setdefault((told.get(key, frozenset()), key in new), []).append(key)
    return cells.values()
