"""
Minimal relaxations: changes to a problem that let an open demand be filled, of which no part can be left out.

A relaxation *fills* a demand when some feasible plan of the changed problem fills it and is worth more than the plan in hand: the
rest loses less than the demand brings. It is *minimal* when the problem with any smaller part of it has no such plan. Both are
decided by searches that end either way, as far as the time goes; what could not be decided is said.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from solver_models.staffing.candidates import Candidates, hardest_first
from solver_models.staffing.changes import Change, Kind, Relaxation, changed, keeps_old_plans, relaxation
from solver_models.staffing.forced import Clock, Forced, Must, forced
from solver_models.staffing.verify_ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from solver_models.staffing.candidates import Bundle
    from solver_models.staffing.forced import Basis
    from solver_models.staffing.problem import Problem, Run

MOST = 6
"""Relaxations of one demand that are looked for."""
_ANY = -(10**17)
"""Less than any plan is worth."""
_PARTS = 200
"""Parts of a relaxation that are all tried, where more of a change need not do more."""
_RATE_MOST = 10**9
_SLICE = 0.35
"""Share of the time left that one search may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """
    A relaxation with a plan of the changed problem that fills the demand, and what that plan is worth more than the one in hand.

    ``is_minimal``: no part of it does, and that is proven; otherwise some part was not decided in time. Without any change: the
    demand can be filled as it is, by a better plan than the one in hand.
    """

    changes: Relaxation
    plan: tuple[Run, ...]
    gain_x60: int
    is_minimal: bool


def remedies(problem: Problem, demand_id: str, basis: Basis, clock: Clock, *, most: int = MOST) -> Iterator[Remedy]:
    """
    Minimal relaxations that fill an open demand, those first that ask least of anybody, as they are found.

    First of one kind each; where there is none, of several kinds, then with people hired for it, then with a higher rate.
    """
    search = _Search(problem, demand_id, basis, clock)
    if search.fills({}) and (better := search.remedy({}, is_minimal=True)) is not None:
        yield better
        return
    seen: set[Relaxation] = set()
    for bundle in search.bundles():
        if len(seen) >= most or clock.left_s <= 0:
            return
        found = search.smallest(bundle)
        if found is not None and found.changes not in seen and not any(_holds(found.changes, other) for other in seen):
            seen.add(found.changes)
            yield found


def _holds(larger: Relaxation, smaller: Relaxation) -> bool:
    steps = dict(larger)
    return all(steps.get(change, 0) >= n for change, n in smaller)


class _Search:
    def __init__(self, problem: Problem, demand_id: str, basis: Basis, clock: Clock) -> None:
        self._problem = problem
        self._must = Must(demand=demand_id)
        self._basis = basis
        self._clock = clock
        self._candidates = Candidates(problem, demand_id)
        self._least = basis.objective_x60 + 1
        self._known: dict[tuple[Relaxation, int], tuple[bool | None, Forced]] = {}
        self._monotone: dict[Change, bool] = {}
        self._found = 0

    def bundles(self) -> Iterator[Bundle]:
        """What is tried, one after the other; several kinds together only where none did it alone."""
        yield from self._candidates.single()
        yield {self._candidates.rate: 1}
        if self._found:
            return
        together = self._candidates.together()
        yield together
        for more in ({}, together):
            if not self._found:
                yield self._candidates.hires() | more
            if not self._found:
                yield self._candidates.hires() | more | {self._candidates.rate: 1}

    def smallest(self, bundle: Bundle) -> Remedy | None:
        """The bundle made as small as it can be, if it fills the demand."""
        found = self._with_rate(bundle) if self._candidates.rate in bundle else self._without_rate(bundle)
        self._found += found is not None
        return found

    def _without_rate(self, bundle: Bundle) -> Remedy | None:
        if not self.fills(bundle):
            return None
        steps, proven = self._shrink(bundle, self._least)
        return self.remedy(steps, is_minimal=proven)

    def _with_rate(self, bundle: Bundle) -> Remedy | None:
        """As little as lets the demand be filled at all, and then the least rise of the rate that makes it pay."""
        rest = {change: n for change, n in bundle.items() if change.kind is not Kind.RATE}
        if not self.fills(rest, _ANY):
            return None
        steps, proven = self._shrink(rest, _ANY)
        best = self._forced(steps, None)
        rate = self._rate(steps, best, 0)
        lower_fails: bool | None = False
        while rate is not None and 0 < rate <= _RATE_MOST:
            lower = steps | {self._candidates.rate: rate - 1}
            lower_fails = self.fills(lower)
            if not lower_fails:
                break
            rate = self._rate(steps, self._known[relaxation(lower), self._least][1], rate - 1)
        if rate is None or rate > _RATE_MOST:
            return None
        whole = steps if rate == 0 else steps | {self._candidates.rate: rate}
        return self.remedy(whole, is_minimal=proven and lower_fails is False) if self.fills(whole) else None

    def _rate(self, steps: Bundle, found: Forced, rise: int) -> int | None:
        """The least rise at which a plan found with some rise pays."""
        if found.plan is None or found.objective_x60 is None:
            return None
        ledger = Ledger.of(changed(self._problem, relaxation(steps)))
        minutes = sum(m for run in found.plan if run.demand == self._must.demand for _, m in ledger.minutes_by_period(run))
        short = self._least - (found.objective_x60 - rise * minutes)
        return max(0, -(-short // minutes))

    def remedy(self, steps: Mapping[Change, int], *, is_minimal: bool) -> Remedy | None:
        """What was found for these steps."""
        changes = relaxation(steps)
        found = self._known[changes, self._least][1]
        if found.plan is None or found.objective_x60 is None:
            return None
        gain = found.objective_x60 - self._basis.objective_x60
        return Remedy(changes=changes, plan=found.plan, gain_x60=gain, is_minimal=is_minimal)

    def _shrink(self, bundle: Bundle, least: int) -> tuple[Bundle, bool]:
        """As few steps as do, and whether it is proven that no part of them does."""
        steps = dict(bundle)
        for change in hardest_first(bundle):
            steps[change] = self._fewest(steps, change, least)
        steps = {change: n for change, n in steps.items() if n > 0}
        smaller, undecided = self._smaller_part(steps, least)
        if smaller is not None:
            return self._shrink(smaller, least)
        for change in filter(self._is_monotone, steps):
            does = self.fills(one_less := steps | {change: steps[change] - 1}, least)
            if does:  # needless once a change went of which more may do less
                return self._shrink(one_less, least)
            undecided |= does is None
        return steps, not undecided

    def _smaller_part(self, steps: Bundle, least: int) -> tuple[Bundle | None, bool]:
        """
        A part that does with fewer steps of changes of which more need not do more, and whether some part was not decided.

        Of the other changes it has all steps: a part that has fewer does no more.
        """
        odd = [change for change in steps if not self._is_monotone(change)]
        if prod(steps[change] + 1 for change in odd) > _PARTS:
            return None, True
        undecided = False
        for part in sorted(product(*(range(steps[change] + 1) for change in odd)), key=sum)[:-1]:
            smaller = {change: n for change, n in (steps | dict(zip(odd, part, strict=True))).items() if n > 0}
            does = self.fills(smaller, least)
            if does:
                return smaller, undecided
            undecided |= does is None
        return None, undecided

    def _fewest(self, steps: Bundle, change: Change, least: int) -> int:
        """The fewest steps of one change that do with the others as they are."""
        most = steps[change]
        if not self._is_monotone(change):
            return next(n for n in range(most + 1) if n == most or self.fills(steps | {change: n}, least))
        low, high = -1, most
        if self.fills(steps | {change: 0}, least):
            return 0
        low = 0
        while high - low > 1:
            middle = (low + high) // 2
            if self.fills(steps | {change: middle}, least):
                high = middle
            else:
                low = middle
        return high

    def fills(self, steps: Mapping[Change, int], least: int | None = None) -> bool | None:
        """Whether the problem with these changes has a plan that fills the demand and is worth more; ``None``: not decided."""
        least = self._least if least is None else least
        changes = relaxation(steps)
        if (changes, least) in self._known:
            return self._known[changes, least][0]
        if not changes and least == self._least and self._basis.bound_x60 == self._basis.objective_x60:
            self._known[changes, least] = False, Forced(bound_x60=self._basis.bound_x60)
            return False
        if self._clock.left_s <= 0:  # a long list of steps is not gone through once the time is over
            self._known[changes, least] = None, Forced()
            return None
        if (said := self._implied(changes, least)) is not None:
            self._known[changes, least] = said
            return said[0]
        found = self._forced(dict(changes), least)
        self._known[changes, least] = found.is_worth(least), found
        return found.is_worth(least)

    def _forced(self, steps: Bundle, least: int | None) -> Forced:
        clock = replace(self._clock, until=min(self._clock.until, time.monotonic() + max(0.5, _SLICE * self._clock.left_s)))
        return forced(changed(self._problem, relaxation(steps)), self._must, self._basis, clock, least_x60=least)

    def _implied(self, changes: Relaxation, least: int) -> tuple[bool | None, Forced] | None:
        """What follows from less that does, or from more that does not, where only changes differ of which more does no less."""
        for (other, asked), (does, found) in self._known.items():
            if asked != least or does is None:
                continue
            less, more = (other, changes) if does else (changes, other)
            # Another rate makes another objective of the same plan.
            if self._reaches(less, more) and not (does and self._differ_in_rate(less, more)):
                return does, found
        return None

    def _reaches(self, less: Relaxation, more: Relaxation) -> bool:
        small, large = dict(less), dict(more)
        return all(large.get(change, 0) >= n for change, n in small.items()) and all(
            self._is_monotone(change) for change, n in large.items() if n > small.get(change, 0)
        )

    def _differ_in_rate(self, one: Relaxation, other: Relaxation) -> bool:
        return dict(one).get(self._candidates.rate, 0) != dict(other).get(self._candidates.rate, 0)

    def _is_monotone(self, change: Change) -> bool:
        if change not in self._monotone:
            self._monotone[change] = keeps_old_plans(self._problem, change)
        return self._monotone[change]
