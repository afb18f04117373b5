"""What a person would have to give up for one more run, and what that would lose."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.roster import Booked, Roster

_TRIED = 200
"""How many groups of runs of one size are tried at most."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A run that would fit if the person gave up others, and by how much Z would fall short of the plan's."""

    wanted: Booked
    given_up: tuple[Booked, ...]
    short_x60: int
    replacing: Booked | None = None
    """The person's run on the same demand that it would stand in for."""


@dataclass(frozen=True, slots=True)
class _Movable:
    """A run of the person that could be given up: in which periods it frees time, and what Z loses."""

    booked: Booked
    free_from: int
    loss: int

    def freed(self, minutes_at: Iterable[int], runs_at: Iterable[int]) -> tuple[int, ...]:
        """What giving it up frees: minutes in some periods, then runs in others."""
        o, last = self.booked.option, self.booked.last
        minutes = [o.minutes[t - o.lo] if self.free_from <= t <= last else 0 for t in minutes_at]
        return (*minutes, *(int(self.free_from <= t <= last) for t in runs_at))


class Exchanges:
    """Exchanges of one person's runs in a plan."""

    def __init__(self, columns: Columns, roster: Roster) -> None:
        self._columns = columns
        self._roster = roster
        self._is_fair = columns.problem.policy.fairness_cost > 0
        self._of_person: defaultdict[str, list[Booked]] = defaultdict(list)
        for (person, _), booked in roster.booked.items():
            self._of_person[person].append(booked)
        self._movable: dict[str, list[_Movable]] = {}

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
        return None if roster.has_share(option, wanted.first, wanted.last) else "shares"

    def _cheapest(self, wanted: Booked, replacing: Booked | None) -> Exchange | str:
        """The exchange of fewest runs that loses least; where there are too many to try, one none of whose runs could stay."""
        minutes, runs = self._roster.lacking(wanted)
        if not minutes and not runs:
            return self._exchange(wanted, (), replacing)
        useful = [(m, freed) for m in self._movable_of(wanted.option.person, replacing) if any(freed := m.freed(minutes, runs))]
        # Periods alike in what is lacking and in what each run frees count once: most are.
        lack, *columns = zip(*set(zip((*minutes.values(), *(1 for _ in runs)), *(freed for _, freed in useful), strict=True)), strict=True)
        useful = [(m, freed) for (m, _), freed in zip(useful, columns, strict=True)]
        fewest = max(_fewest(amounts, need) for need, *amounts in zip(lack, *columns, strict=True))
        if fewest > len(useful):
            return "capacity" if minutes else "max_demands"
        for size in range(fewest, len(useful)):
            if comb(len(useful), size) > _TRIED:
                break
            fitting = [group for group in combinations(useful, size) if _covers([freed for _, freed in group], lack)]
            if fitting:
                return min((self._exchange(wanted, [m for m, _ in g], replacing) for g in fitting), key=lambda x: x.short_x60)
        return self._exchange(wanted, [m for m, _ in _needed(useful, lack)], replacing)

    def _movable_of(self, person: str, replacing: Booked | None) -> Iterable[_Movable]:
        """The person's runs that may be given up: a pinned one only as far as it goes beyond what is pinned."""
        if (held := self._movable.get(person)) is None:
            held = self._movable[person] = [m for b in self._of_person[person] if (m := _movable(b)) is not None]
        return held if replacing is None else [m for m in held if m.booked is not replacing]

    def _exchange(self, wanted: Booked, given_up: Sequence[_Movable], replacing: Booked | None) -> Exchange:
        short = sum(m.loss for m in given_up) + (0 if replacing is None else replacing.gain) - wanted.gain
        if self._is_fair:
            short += self._unfairness_added(wanted, given_up, replacing)
        return Exchange(wanted, tuple(m.booked for m in given_up), short, replacing)

    def _unfairness_added(self, wanted: Booked, given_up: Sequence[_Movable], replacing: Booked | None) -> int:
        person = self._columns.terms.people[wanted.option.person]
        before = sum(b.minutes for b in self._of_person[person.id])
        freed = sum(sum(m.freed(range(m.free_from, m.booked.last + 1), ())) for m in given_up)
        after = before + wanted.minutes - freed - (0 if replacing is None else replacing.minutes)
        return self._columns.unfairness(person, after) - self._columns.unfairness(person, before)


def _movable(booked: Booked) -> _Movable | None:
    pin = booked.option.pin
    if pin is None:
        return _Movable(booked, booked.first, booked.gain)
    if booked.last == pin.last_min:
        return None
    return _Movable(booked, pin.last_min + 1, booked.gain - booked.option.run_gain(booked.first, pin.last_min))


def _fewest(freed: Sequence[int], need: int) -> int:
    """How many must be given up at least for one period's need; more than there are when all are too few."""
    total = 0
    for count, amount in enumerate(sorted(freed, reverse=True), start=1):
        total += amount
        if total >= need:
            return count
    return len(freed) + 1


def _covers(freed: Iterable[tuple[int, ...]], lack: tuple[int, ...]) -> bool:
    return all(sum(amounts) >= need for amounts, need in zip(zip(*freed, strict=True), lack, strict=True))


def _needed(useful: Sequence[tuple[_Movable, tuple[int, ...]]], lack: tuple[int, ...]) -> list[tuple[_Movable, tuple[int, ...]]]:
    """All of them, less those that can stay, the dearest first."""
    given_up = list(useful)
    for one in sorted(useful, key=lambda pair: -pair[0].loss):
        rest = [pair for pair in given_up if pair is not one]
        if rest and _covers([freed for _, freed in rest], lack):
            given_up = rest
    return given_up
