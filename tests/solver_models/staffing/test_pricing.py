"""Everybody's best schedule at given prices: against all schedules there are, and what holds when the search must give up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from solver_models.staffing import pricing
from solver_models.staffing.columns import Columns
from solver_models.staffing.dense_prices import DensePrices, Market
from solver_models.staffing.model import StaffingModel
from solver_models.staffing.pricing import Pricer, schedules_in, schedules_of
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import RunTable
from tests.solver_models.staffing.price_cases import PriceCase
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem, run

if TYPE_CHECKING:
    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.pricing import Bests
    from solver_models.staffing.problem import Problem

SEEDS = range(5_000, 5_240)


class Priced:
    """A problem with prices, its run table and market."""

    def __init__(self, case: Problem, prices: Prices | None = None) -> None:
        self.case = case
        self.columns = Columns(case)
        self.table = RunTable(self.columns)
        self.market = Market(self.table)
        self.prices = prices
        self.dense = self.market.free if prices is None else self.market.dense(prices)

    def bests(self, *, barred: np.ndarray[Any, np.dtype[np.bool_]] | None = None, room: int = pricing.ROOM) -> Bests:
        """Everybody's best schedule."""
        vector = self.market.vector(self.dense) if barred is None else self.market.vector(self.dense, barred)
        return Pricer(self.table).best(vector, room=room)

    def by_model(self, prices: Prices) -> list[int]:
        """The same figures by CP-SAT, of everybody."""
        return [_optimum(StaffingModel(self.columns, people={p.id}, prices=prices)) for p in self.case.people]

    def chosen(self, bests: Bests) -> list[set[int]]:
        """The runs chosen, by person."""
        return [{int(r + self.table.arrays.run_at[p]) for r in runs if r >= 0} for p, runs in zip(bests.people, bests.chosen, strict=True)]


def _optimum(model: StaffingModel) -> int:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model.cp) == cp_model.OPTIMAL
    return round(solver.objective_value)


@cache
def _random(seed: int) -> tuple[PriceCase, Priced] | None:
    """A random problem with random prices; None if what is fixed contradicts itself."""
    case = small_problem(seed)
    if Columns(case).conflicts:
        return None
    every = PriceCase(case)
    return every, Priced(case, every.prices(Random(seed)))


def _drawn(seed: int) -> tuple[PriceCase, Priced]:
    found = _random(seed)
    if found is None:
        pytest.skip("what is fixed contradicts itself")
    return found


@pytest.fixture(params=SEEDS)
def drawn(request: pytest.FixtureRequest) -> tuple[PriceCase, Priced]:
    """A random problem with all of its schedules, and the same with prices."""
    return _drawn(request.param)


@pytest.fixture(params=SEEDS[::4])
def sample(request: pytest.FixtureRequest) -> tuple[PriceCase, Priced]:
    """The same of fewer."""
    return _drawn(request.param)


def test_the_best_schedule_is_found(drawn: tuple[PriceCase, Priced]) -> None:
    """Limit and value are the maximum over all schedules; the schedule found is one of them and has that value."""
    every, priced = drawn
    assert priced.prices is not None
    bests = priced.bests()
    schedules = list(schedules_in(priced.table, bests))
    for p, limit, value, schedule in zip(priced.case.people, bests.limit, bests.value, schedules, strict=True):
        assert limit == value == every.best_e4(priced.prices, p)
        runs = tuple(r for r in priced.table.plan(schedule.chosen) if r.person == p.id)
        known = every.plans.schedules[p.id][frozenset(runs)]
        assert schedule.value == known.value
        assert value == E4 * known.value - every._paid_e4(priced.prices, p, runs)


def test_the_model_at_prices_is_worth_the_same(drawn: tuple[PriceCase, Priced]) -> None:
    """CP-SAT, which knows no cuts, finds the same best schedules; a pinned run pays at its unit's only shift there too."""
    every, priced = drawn
    assert priced.prices is not None
    prices = replace(priced.prices, cuts={})
    assert priced.by_model(prices) == [every.best_e4(prices, p) for p in priced.case.people]


@pytest.mark.parametrize("room", [1, 2, 5])
def test_a_search_without_room_keeps_its_limit(sample: tuple[PriceCase, Priced], room: int) -> None:
    """With next to no labels the limit is still at least the best, and the value that of a schedule."""
    every, priced = sample
    assert priced.prices is not None
    bests = priced.bests(room=room)
    schedules = list(schedules_in(priced.table, bests))
    for p, limit, value, schedule in zip(priced.case.people, bests.limit, bests.value, schedules, strict=True):
        runs = tuple(r for r in priced.table.plan(schedule.chosen) if r.person == p.id)
        known = every.plans.schedules[p.id][frozenset(runs)]
        assert value == E4 * known.value - every._paid_e4(priced.prices, p, runs)
        assert value <= every.best_e4(priced.prices, p) <= limit


def test_barred_runs_are_not_chosen(sample: tuple[PriceCase, Priced]) -> None:
    """Where its best schedule's runs begin no run may be, as if the share were taken: a person has the best of what is left."""
    every, priced = sample
    assert priced.prices is not None
    barred = np.zeros(len(priced.table.arrays.option), dtype=np.bool_)
    a = priced.table.arrays
    for chosen in priced.chosen(priced.bests()):
        for r in chosen:
            barred |= (a.option == a.option[r]) & (a.first <= a.first[r]) & (a.last >= a.first[r])
    bests = priced.bests(barred=barred)
    for p, limit, value, chosen in zip(priced.case.people, bests.limit, bests.value, priced.chosen(bests), strict=True):
        assert not barred[list(chosen)].any()
        schedules = every.plans.schedules[p.id].values()
        left = [s for s in schedules if not any(barred[r] for _, r in priced.table.indexed(s.runs))]
        assert limit == value == max(E4 * s.value - every._paid_e4(priced.prices, p, s.runs) for s in left)


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_too_many_new_minutes_bar_a_run(seed: int) -> None:
    """Runs barred for their new minutes alone: a person has the best of what is left."""
    every, priced = _drawn(seed)
    assert priced.prices is not None
    a = priced.table.arrays
    for left in (0, 60, 500):
        barred = a.fresh > left
        bests = priced.bests(barred=barred)
        for p, limit, value, chosen in zip(priced.case.people, bests.limit, bests.value, priced.chosen(bests), strict=True):
            assert not barred[list(chosen)].any()
            schedules = every.plans.schedules[p.id].values()
            open_ones = [s for s in schedules if not any(barred[r] for _, r in priced.table.indexed(s.runs))]
            best = max(E4 * s.value - every._paid_e4(priced.prices, p, s.runs) for s in open_ones)
            assert limit == value == best


def test_what_is_known_does_not_change_what_is_best(sample: tuple[PriceCase, Priced]) -> None:
    """A pricer asked again, at other prices in between, answers the same limits and values."""
    _, priced = sample
    pricer, vector = Pricer(priced.table), priced.market.vector(priced.dense)
    before = pricer.best(vector)
    pricer.best(priced.market.vector(priced.market.free))
    after = pricer.best(vector)
    assert (after.limit == before.limit).all()
    assert (after.value == before.value).all()


def test_the_demand_side_is_worth_what_the_certificate_says(sample: tuple[PriceCase, Priced]) -> None:
    """On arrays as by the formulas; lists and arrays of prices say the same."""
    every, priced = sample
    assert priced.prices is not None
    assert priced.market.demand_side_e4(priced.dense) == every.demand_side_e4(priced.prices)
    again = priced.market.dense(priced.market.listed(priced.dense))
    assert (again.share == priced.dense.share).all()
    assert (again.heads == priced.dense.heads).all()
    assert (again.fresh, again.apart, again.together) == (priced.dense.fresh, priced.dense.apart, priced.dense.together)


def test_plans_and_run_numbers_say_the_same(sample: tuple[PriceCase, Priced]) -> None:
    """A plan's runs by number make the same plan, and their schedules are worth what the columns say."""
    every, priced = sample
    schedules = [s for found in every.plans.schedules.values() for s in list(found.values())[-1:]]
    plan = tuple(sorted(r for s in schedules for r in s.runs))
    assert priced.table.plan(r for _, r in priced.table.indexed(plan)) == plan
    assert [s.value for s in schedules_of(priced.table, plan)] == [s.value for s in schedules]


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_cuts_are_paid_by_every_second_run_that_counts(seed: int) -> None:
    """With prices of cuts the best schedule is the best one less the price of each cut times half its runs, rounded down."""
    every, priced = _drawn(seed)
    assert priced.prices is not None
    uncut = replace(priced.prices, cuts={})
    draw, index = Random(seed), priced.table.demand_index
    sets = [tuple(sorted(draw.sample(range(len(index)), k))) for k in range(2, len(index) + 1)]
    cuts = {(ds, draw.choice([-1, *range(len(priced.case.people))])): draw.randint(1, 3) * 300_000 for ds in sets}
    vector = priced.market.vector(replace(priced.dense, cuts=cuts))
    bests = Pricer(priced.table).best(vector)
    pinned = {run.person for run in every.rules.pinned}
    for n, p in enumerate(priced.case.people):
        if p.id in pinned:
            continue
        values = []
        for s in every.plans.schedules[p.id].values():
            on = [index[r.demand] for r in s.runs]
            paid = sum(price * ((sum(d in ds for d in on) + (who == n)) // 2) for (ds, who), price in cuts.items())
            values.append(E4 * (s.value - paid) - every._paid_e4(uncut, p, s.runs))
        assert bests.limit[n] == bests.value[n] == max(values)


def test_threads_do_not_change_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread or three: the same limits, values, schedules and labels, round after round."""
    monkeypatch.setattr(pricing, "_AT_ONCE", 1)
    case = _crowded(people=9)
    priced, answers = Priced(case), []
    prices = [
        DensePrices(share=priced.dense.share, heads=priced.dense.heads + h, fresh=0, apart={}, together={}) for h in (0, 9_000, 20_000)
    ]
    for threads in (1, 3):
        with ThreadPoolExecutor(threads) as pool:
            pricer = Pricer(priced.table, pool)
            answers.append([pricer.best(priced.market.vector(p), room=40) for p in prices])
    for one, other in zip(*answers, strict=True):
        assert all((a == b).all() for a, b in zip(one[:4], other[:4], strict=True))
        assert one.labels == other.labels


def _crowded(people: int) -> Problem:
    """Twelve demands that begin one after another and take a third of a period's time, each of a length of its own."""
    demands = [
        demand(f"d{n}", [0] * (n // 3) + [200 + 7 * n] * (2 + n % 3) + [0] * (6 - n // 3 - n % 3), value_rate=60 + 7 * n % 13, min_run=1)
        for n in range(12)
    ]
    return problem([person(f"p{n}", [600 - 9 * n] * 8, cost_rate=20 + n) for n in range(people)], demands)


def test_a_frozen_run_may_be_extended() -> None:
    """Its extension is chosen where it pays, pays share prices, and is no further run."""
    current = [run("ana", "d", 0, 0)]
    case = problem([person("ana")], [demand("d")], current=current, frozen_periods=1)
    priced = Priced(case)
    assert list(priced.table.arrays.heads) == [0, 0, 0]
    heads = np.array([10**9], dtype=np.int64)
    for price, ends in ((0, 3), (10**7, 0)):
        share = np.full((1, 4), price, dtype=np.int64)
        bests = Pricer(priced.table).best(priced.market.vector(DensePrices(share=share, heads=heads, fresh=0, apart={}, together={})))
        (schedule,) = schedules_in(priced.table, bests)
        assert priced.table.plan(schedule.chosen) == (run("ana", "d", 0, ends),)
        assert bests.value[0] == bests.limit[0] == E4 * (schedule.value - heads[0] - price * (ends + 1))


def test_more_demands_than_bits_of_memory() -> None:
    """With 80 demands, each with runs that exclude each other, the limit holds and the schedule keeps every rule."""
    demands = [demand(f"d{n}", [150 + n % 7] * 4, value_rate=50 + n * 37 % 41, min_run=1) for n in range(80)]
    priced = Priced(problem([person("ana", idle_cost=3)], demands))
    bests = priced.bests(room=2_000)
    best = _optimum(StaffingModel(priced.columns))
    (schedule,) = schedules_in(priced.table, bests)
    runs = [(priced.columns.option_of(r), r.first, r.last) for r in priced.table.plan(schedule.chosen)]
    assert len({option.demand for option, _, _ in runs}) == len(runs)
    assert all(sum(o.minutes[t - o.lo] for o, first, last in runs if first <= t <= last) <= 600 for t in range(4))
    assert bests.value[0] == E4 * schedule.value == E4 * priced.columns.person_objective(priced.case.people[0], runs)
    assert bests.value[0] <= E4 * best <= bests.limit[0]


@pytest.mark.parametrize("count", [12, 13, 20])
def test_many_runs_at_once(count: int) -> None:
    """However many short ones there are: all that fit."""
    priced = Priced(problem([person("ana")], [demand(f"d{n}", [30] * 4, value_rate=50 + n) for n in range(count)]))
    bests = priced.bests()
    assert bests.value[0] == bests.limit[0] == E4 * _optimum(StaffingModel(priced.columns))


@pytest.mark.parametrize("most", [31_999, 32_000, 64_001, 1_000_003])
def test_periods_of_very_many_minutes(most: int) -> None:
    """Room that is counted in grains of several minutes may loosen the limit; the schedule found keeps the capacity."""
    demands = [demand(f"d{n}", [most * (n + 2) // 9 + n] * 4, value_rate=50 + n, min_run=1) for n in range(6)]
    priced = Priced(problem([person("ana", [most, most // 2, most, most - 1])], demands))
    bests = priced.bests()
    best = E4 * _optimum(StaffingModel(priced.columns))
    assert bests.value[0] <= best <= bests.limit[0]
    assert most > 32_000 or bests.value[0] == bests.limit[0]


def test_no_more_runs_at_once_than_places() -> None:
    """``max_demands`` counts in every period, also where runs take no minutes to speak of."""
    demands = [demand("a", (60, 60, 0, 0)), demand("b", (0, 60, 60, 0)), demand("c", (0, 0, 60, 60)), demand("d", (0, 0, 0, 60))]
    priced = Priced(problem([person("ana", max_demands=1)], demands))
    bests = priced.bests()
    assert bests.value[0] == bests.limit[0] == E4 * _optimum(StaffingModel(priced.columns))


@pytest.mark.parametrize("band", [(0, 2_000), (2_500, 2_600), (9_000, 10_000)])
def test_fairness_counts_in_the_best_schedule(band: tuple[int, int]) -> None:
    """Too many and too few minutes cost, so that neither the most valuable nor the emptiest schedule need be best."""
    demands = [demand(f"d{n}", [80 + 31 * n] * 4, value_rate=20 + 9 * (n * 5 % 7), min_run=1) for n in range(6)]
    priced = Priced(problem([person("ana", band=band)], demands, fairness_cost=55))
    bests = priced.bests()
    assert bests.value[0] == bests.limit[0] == E4 * _optimum(StaffingModel(priced.columns))
