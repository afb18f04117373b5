"""What a person would have to give up for one more run, and what that would lose."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from solver_models.staffing.roster import Booked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.roster import Roster


@dataclass(frozen=True, slots=True)
class Exchange:
    """A run that would fit if the person gave up others, and by how much Z would fall short of the plan's."""

    wanted: Booked
    given_up: tuple[Booked, ...]
    short_x60: int
    replacing: Booked | None = None
    """The person's run on the same demand that it would stand in for."""


class Exchanges:
    """Exchanges of one person's runs in a plan."""

    def __init__(self, columns: Columns, roster: Roster) -> None:
        self._columns = columns
        self._terms = columns.terms
        self._roster = roster
        self._of_person: defaultdict[str, list[Booked]] = defaultdict(list)
        for (person, _), booked in roster.booked.items():
            self._of_person[person].append(booked)

    def offer(self, wanted: Booked, *, replacing: Booked | None = None) -> Exchange | str:
        """
        What stands in the way of one run: the cheapest of the person's runs to give up for it, or the name of the rule that bars it.

        ``replacing`` is the person's own run on the demand, when the wanted one would stand in for it.
        """
        if replacing is not None:
            self._roster.remove(replacing)
        try:
            return self._bar(wanted) or self._cheapest(wanted, replacing)
        finally:
            if replacing is not None:
                self._roster.add(replacing)

    def _bar(self, wanted: Booked) -> str | None:
        """The rule that bars the run whatever the person gives up."""
        roster, option = self._roster, wanted.option
        if (rule := roster.blocking_rule(option)) is not None:
            return rule
        left = roster.churn_left()
        if left is not None and sum(option.fresh[wanted.first - option.lo : wanted.last - option.lo + 1]) > left:
            return "max_churn_minutes"
        return "shares" if "effort" in self._obstacles(wanted) else None

    def _obstacles(self, wanted: Booked) -> set[str]:
        span = range(wanted.first, wanted.last + 1)
        return {o for t in span if (o := self._roster.obstacle(wanted.option, t)) is not None}

    def _cheapest(self, wanted: Booked, replacing: Booked | None) -> Exchange | str:
        """The exchange of fewest runs that loses least."""
        person = wanted.option.person
        own = () if replacing is None else (replacing,)
        movable = [
            b for b in self._of_person[person] if b not in own and _is_movable(b) and b.last >= wanted.first and b.first <= wanted.last
        ]
        now = self._person_value(person)
        for size in range(len(movable) + 1):
            best: Exchange | None = None
            for given_up in combinations(movable, size):
                if self._fits_without(wanted, given_up):
                    lost = now - self._person_value(person, (*own, *given_up), plus=wanted)
                    if best is None or lost < best.short_x60:
                        best = Exchange(wanted, given_up, lost, replacing)
            if best is not None:
                return best
        return "max_demands" if self._obstacles(wanted) == {"max_demands"} else "capacity"

    def _fits_without(self, wanted: Booked, given_up: Sequence[Booked]) -> bool:
        cut = [c for b in given_up if (c := _cut(b)) is not None]
        for b in given_up:
            self._roster.remove(b)
        for c in cut:
            self._roster.add(c)
        fits = all(self._roster.obstacle(wanted.option, t) is None for t in range(wanted.first, wanted.last + 1))
        for c in cut:
            self._roster.remove(c)
        for b in given_up:
            self._roster.add(b)
        return fits

    def _person_value(self, person: str, without: Sequence[Booked] = (), plus: Booked | None = None) -> int:
        runs = [b for b in self._of_person[person] if b not in without]
        runs += [c for b in without if (c := _cut(b)) is not None]
        runs += [] if plus is None else [plus]
        return self._columns.person_objective(self._terms.people[person], [(b.option, b.first, b.last) for b in runs])


def _is_movable(booked: Booked) -> bool:
    """Whether it may be given up: a pinned run only as far as it goes beyond what is pinned."""
    return booked.option.pin is None or booked.last > booked.option.pin.last_min


def _cut(booked: Booked) -> Booked | None:
    """What is left of a run that is given up."""
    pin = booked.option.pin
    return None if pin is None else Booked(booked.option, booked.first, pin.last_min)
