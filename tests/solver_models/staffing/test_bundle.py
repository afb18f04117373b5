"""The bundle method: its model never exceeds the truth, and it comes to the prices of the linear program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from solver_models.limits import Limits
from solver_models.staffing.bound import Pricing
from solver_models.staffing.budget import Budget
from solver_models.staffing.bundle import PACE_NEAR, UNIT
from solver_models.staffing.columns import Columns
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.known_schedules import KnownSchedules
from solver_models.staffing.master import Master
from solver_models.staffing.price_space import PriceSpace
from solver_models.staffing.pricing import Pricer, schedules_in
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.start_prices import start_prices
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import larger_problem, small_problem

if TYPE_CHECKING:
    from solver_models.staffing.problem import Problem

SEEDS = range(7_400, 7_440)
_NEAR = 1e-3
_PART_BARRED = 0.3


def _pricing(case: Problem) -> Pricing | None:
    columns = Columns(case)
    if columns.conflicts or not columns.options:
        return None
    market = Market(RunTable(columns))
    pricing = Pricing(market, Pricer(market.table), Budget(Limits(time_s=60), began=time.monotonic()))
    pricing.offer([market.table.plan(())])
    return pricing


def _descended(case: Problem) -> Pricing | None:
    pricing = _pricing(case)
    if pricing is not None:
        pricing.descend(share=1.0)
        pricing.sharpen()
    return pricing


@pytest.mark.parametrize("seed", [7_186, *SEEDS])
def test_it_comes_to_the_linear_program(seed: int) -> None:
    """
    The bound is the optimum of the linear program of all schedules, nearly, and at least the best plan's worth, whatever keys.

    A price in whole units may leave half a unit for each new minute. In 7186 runs of several people pass a period without effort.
    """
    for case in (small_problem(seed), larger_problem(seed)):
        if (pricing := _descended(case)) is None or (other := _pricing(case)) is None:
            continue
        other.ask(start_prices(other.market, other.pricer))
        other.generate(Master(other.market), share=1.0)
        assert pricing.best is not None
        assert other.best is not None
        rounding = (case.policy.max_churn_minutes or 0) / 2
        assert pricing.best.x60 <= other.best.x60 + _NEAR * abs(other.best.x60) + rounding


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_beats_it(seed: int) -> None:
    """Whatever the prices that it ends with, the best plan is worth no more."""
    case = small_problem(seed)
    optimum = best_plan(case)
    if (pricing := _descended(case)) is None or optimum is None:
        return
    assert pricing.best is not None
    assert pricing.best.x60 >= optimum.objective_x60


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_known_of_a_schedule_holds_at_any_prices(seed: int) -> None:
    """Learned at some prices, a schedule has its own value before prices; its worth at others is what pricing says."""
    case = small_problem(seed)
    if (pricing := _descended(case)) is None:
        return
    assert pricing.best is not None
    market, space = pricing.market, PriceSpace(pricing.market)
    known = KnownSchedules(market, space)
    flat = space.flat(pricing.best.prices) / UNIT
    _, bests = pricing.ask(pricing.best.prices)
    people, goods, amounts = space.pinned
    paid = np.zeros(len(case.people))
    np.add.at(paid, people, flat[goods] * amounts)
    runs = bests.chosen + market.table.arrays.run_at[bests.people][:, None]
    runs[bests.chosen < 0] = -1
    net = bests.value / E4 / UNIT + paid[bests.people]
    assert known.add(bests.people, runs, net, flat) == len(bests.people)
    assert known.add(bests.people, runs, net, flat) == 0
    values = [schedule.value / UNIT for schedule in schedules_in(market.table, bests)]
    assert known.value == pytest.approx(values, abs=1e-6)
    assert known.best_at(flat) == pytest.approx(net, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_the_mix_has_everybody_once(seed: int) -> None:
    """The weights of each person's schedules add up to one."""
    case = larger_problem(seed)
    if (pricing := _descended(case)) is None:
        return
    weights = dict.fromkeys(range(len(case.people)), 0.0)
    for weight, person, _ in pricing.bundle.weights:
        weights[person] += weight
    assert weights == pytest.approx(dict.fromkeys(weights, 1.0))


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_what_is_decided_stays_in_the_mix(seed: int) -> None:
    """With a schedule fixed and runs barred, the mix has that schedule whole and none of those runs."""
    case = larger_problem(seed)
    if (pricing := _descended(case)) is None:
        return
    _, person, runs = next(iter(pricing.bundle.weights))
    table = pricing.market.table
    barred = np.random.default_rng(seed).random(len(table.arrays.runs)) < _PART_BARRED
    pricing.bundle.restrict({person: runs}, barred & (table.person_of_run != person))
    weights = dict.fromkeys(range(len(case.people)), 0.0)
    for weight, p, chosen in pricing.bundle.weights:
        weights[p] += weight
        assert p == person or not barred[chosen].any()
        assert p != person or chosen == runs
    assert weights == pytest.approx(dict.fromkeys(weights, 1.0))


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_it_goes_on_from_prices_at_hand_without_loss(seed: int) -> None:
    """From the prices of a bound, cuts and all, the next bound is no higher."""
    case = larger_problem(seed)
    if (pricing := _descended(case)) is None:
        return
    master = Master(pricing.market)
    pricing.generate(master, share=1.0)
    pricing.cut(master, seed=seed, share=1.0)
    assert pricing.best is not None
    if (again := _pricing(case)) is None:
        return
    again.descend(pricing.best.prices, share=1.0, pace=PACE_NEAR)
    assert again.best is not None
    assert again.best.x60 <= pricing.best.x60
    assert again.best.prices.cuts == pricing.best.prices.cuts
