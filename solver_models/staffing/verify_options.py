"""
What each person could do at prices: every run that keeps rules 1 and 4, with what it is worth after its prices.

Values are integers in ten-thousandths of Z. Everything about a run but fairness and the prices of project groups adds up over its
periods, so runs are ranges of a few prefix sums.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from solver_models.staffing.problem import E4
from solver_models.staffing.verify_cuts import MOST_DEMANDS, priced_cuts
from solver_models.staffing.verify_limits import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.problem import Demand, Problem
    from solver_models.staffing.verify_cuts import PricedCut
    from solver_models.staffing.verify_ledger import Ledger, Pin

Numbers = np.ndarray[Any, Any]
SAFE = 2**60
"""Sums below this are computed in integers of 64 bits, others in Python's."""


@dataclass(frozen=True, slots=True)
class Options:
    """Ways to work on a demand: one per share and shift; row by row, and by period in the matrices."""

    demand: Numbers
    share_e4: Numbers
    shift: Numbers
    wanted_e4: Numbers
    """Share x effort by period, as shifted."""
    price: Numbers
    """Share x price by period."""
    first: Numbers
    """First period open to a run."""
    length: Numbers
    """Periods open to a run."""
    least: Numbers
    """Shortest run."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """A problem at prices, read once for all people."""

    ledger: Ledger
    prices: Prices
    demands: tuple[Demand, ...]
    """Those that anybody could work on without a pinned run."""
    levels: Numbers
    """Level that each demand requires of each skill."""
    skills: tuple[str, ...]
    options: Options
    used: Use
    """What pinned runs use of the limits that give way to them."""
    current: Mapping[str, Mapping[str, Mapping[int, int]]]
    """Minutes of the plan in force by person, demand and period."""
    pins: Mapping[str, Sequence[Pin]]
    """Pinned runs by person."""
    groups: Mapping[str, Mapping[str, int]]
    """What having a run on a project costs for the groups of it, by person and project."""
    cuts: tuple[PricedCut, ...]
    whole: type[np.int64 | object]
    """The kind of integers that holds every sum."""

    @staticmethod
    def of(ledger: Ledger, prices: Prices) -> PriceBook:
        """Read a problem at prices."""
        whole = np.int64 if _largest(ledger.problem, prices) < SAFE else object
        demands = tuple(d for d in ledger.problem.demands if ledger.windows[d.id] is not None)
        skills = tuple(sorted({skill for d in demands for skill in d.requires}))
        levels = np.array([[d.requires.get(skill, 0) for skill in skills] for d in demands], dtype=np.int64).reshape(
            len(demands), len(skills)
        )
        current: dict[str, dict[str, Mapping[int, int]]] = {}
        for (person, demand), minutes in ledger.current_minutes().items():
            current.setdefault(person, {})[demand] = minutes
        pins: dict[str, list[Pin]] = {}
        for pin in ledger.pins():
            pins.setdefault(pin.run.person, []).append(pin)
        return PriceBook(
            ledger=ledger,
            prices=prices,
            demands=demands,
            levels=levels,
            skills=skills,
            options=_options(ledger, demands, prices, whole),
            used=Use.of(ledger, ledger.held_down()),
            current=current,
            pins=pins,
            groups=_groups(ledger, prices),
            cuts=priced_cuts(prices),
            whole=whole,
        )


def _groups(ledger: Ledger, prices: Prices) -> dict[str, dict[str, int]]:
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (project, g), a in prices.apart.items():
        for person in ledger.projects[project].apart[g]:
            found[person][project] = found[person].get(project, 0) + E4 * a
    for (project, _, person), w in prices.together.items():
        found[person][project] = found[person].get(project, 0) + E4 * w
    return dict(found)


def _options(ledger: Ledger, demands: tuple[Demand, ...], prices: Prices, whole: type[np.int64 | object]) -> Options:
    horizon = ledger.horizon
    rows = [row for n, d in enumerate(demands) for row in _rows(ledger, n, d)]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 6)
    wanted = np.zeros((len(rows), horizon), dtype=whole)
    by_option: dict[tuple[str, int], list[int]] = {}
    for i, (n, share, shift, *_) in enumerate(rows):
        effort, low = demands[n].effort, max(0, shift)
        moved = effort[low - shift : horizon - shift] if shift <= 0 else effort[: horizon - shift]
        wanted[i, low : low + len(moved)] = moved
        wanted[i] *= share
        by_option.setdefault((demands[n].id, shift), []).append(i)
    price = np.zeros((len(rows), horizon), dtype=whole)
    for (demand, shift, t), v in prices.share.items():
        for i in by_option.get((demand, shift), ()):
            price[i, t] = v * rows[i][1]
    of, share_e4, moved_by, first, length, least = table.T
    return Options(of, share_e4, moved_by, wanted, price, first, length, least)


def _rows(ledger: Ledger, n: int, demand: Demand) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Demand, share, shift, first open period, open periods and shortest run of each way to work on it."""
    begin, end = ledger.windows[demand.id] or (0, -1)
    for shift in ledger.unit_shifts(ledger.unit_of(demand.id)):
        first = max(begin + shift, ledger.problem.policy.frozen_periods)
        length = end + shift - first + 1
        if begin + shift < 0 or end + shift >= ledger.horizon or length < 1:
            continue
        least = max(1, length if demand.min_run is None else min(demand.min_run, length))
        for share in sorted(set(demand.shares_e4)):
            yield n, share, shift, first, length, least


@lru_cache(maxsize=4_096)
def ranges(length: int, least: int) -> tuple[Numbers, Numbers]:
    """First and last of every run of at least ``least`` in ``length`` periods."""
    return np.triu_indices(length, least - 1)


def _largest(problem: Problem, prices: Prices) -> int:
    """No sum over a person's periods of one run's amounts exceeds this, in ten-thousandths of Z."""
    policy = problem.policy
    minutes = max((max(p.capacity, default=0) for p in problem.people), default=0)
    minutes = max(minutes, max((max(d.effort, default=0) for d in problem.demands), default=0))
    bonus = max((abs(b) for p in problem.people for b in p.preferences.values()), default=0)
    cost = max((abs(p.cost_rate) + abs(p.idle_cost) for p in problem.people), default=0)
    value = max(map(_largest_value, problem.demands), default=0)
    rate = bonus + cost + value + 3 * policy.churn_cost + prices.fresh + policy.fairness_cost
    share = max(map(abs, prices.share.values()), default=0)
    entry = 60 * policy.setup_cost + max(prices.heads.values(), default=0)
    groups = sum(prices.apart.values()) + sum(map(abs, prices.together.values())) + MOST_DEMANDS * sum(prices.cuts.values())
    periods = len(problem.periods)
    return E4 * max(minutes * minutes, periods * (minutes * rate + share) + entry + groups)


def _largest_value(demand: Demand) -> int:
    levels = 5 * sum(map(abs, demand.prefers.values())) + 5 * abs(demand.overqualified_cost) * len(demand.requires)
    return abs(demand.value_rate) + levels
