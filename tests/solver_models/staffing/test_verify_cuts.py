"""Cuts in the certificate: what a second run pays, what that proves, and that the search counts to the same unit."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from solver_models.result import Status
from solver_models.staffing.certificate import Prices
from solver_models.staffing.columns import Columns
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.formats import answer_to_json, plan_from_json
from solver_models.staffing.plan import Answer
from solver_models.staffing.pricing import Pricer
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.verify import verify
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_prices import price_faults, priced_bound
from solver_models.staffing.verify_schedule import STATE_CAPS
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.price_cases import PriceCase
from tests.solver_models.staffing.random_problems import larger_problem, small_problem
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from solver_models.staffing.certificate import Cut
    from solver_models.staffing.dense_prices import DensePrices
    from solver_models.staffing.problem import Demand, Problem
    from solver_models.staffing.verify import Report

WHOLE = 2_400
"""All minutes of a person in a period."""
WORTH = WHOLE * 100
"""Of each of the three demands that two people want; alternatives that leave no time for any of them are worth one and a half."""


def _wanted(name: str, periods: tuple[int, ...], rate: int, *only: str) -> Demand:
    effort = tuple(WHOLE if t in periods else 0 for t in range(4))
    return demand(name, effort=effort, value_rate=50 + rate, only=frozenset(only))


TRIANGLE = problem(
    [person("ann"), person("bob"), person("cleo")],
    [
        _wanted("one", (0,), 100, "ann", "cleo"),
        _wanted("two", (1,), 100, "ann", "bob"),
        _wanted("three", (2,), 100, "bob", "cleo"),
        _wanted("ann's", (0, 1), 75, "ann"),
        _wanted("bob's", (1, 2), 75, "bob"),
        _wanted("cleo's", (0, 1, 2), 50, "cleo"),
    ],
)
"""Half of {one, two}, {two, three} and {one, three}, and half of each alternative, is worth more than any plan."""
DEMANDS = ("one", "three", "two")
OPTIMUM = 5 * WORTH
CLOSED = Prices(cuts={(DEMANDS, None): WORTH // 2})
PLAN = Answer(
    status=Status.OPTIMAL,
    assignments=(run("ann", "one", 0, 0), run("ann", "two", 1, 1), run("bob", "bob's", 1, 2), run("cleo", "cleo's", 0, 2)),
    objective_x60=OPTIMUM,
    bound_x60=OPTIMUM,
    proof="prices",
    certificate=CLOSED,
)


def bound_of(case: Problem, prices: Prices) -> int:
    """What the check makes of some prices."""
    return priced_bound(Ledger.of(case), prices).bound_x60


def test_a_cut_closes_what_prices_alone_leave_open() -> None:
    """Prices of runs alone prove no less than five and a quarter; the cut proves the optimum."""
    best = best_plan(TRIANGLE)
    assert best is not None
    assert best.objective_x60 == OPTIMUM == bound_of(TRIANGLE, CLOSED)
    quarters = [dict(zip(DEMANDS, (a, b, c), strict=True)) for a in range(4) for b in range(4) for c in range(4)]
    bounds = [bound_of(TRIANGLE, Prices(heads={d: n * WORTH // 4 for d, n in each.items()})) for each in quarters]
    assert min(bounds) == bound_of(TRIANGLE, Prices(heads=dict.fromkeys(DEMANDS, WORTH // 4))) == OPTIMUM + WORTH // 4
    assert verify(TRIANGLE, PLAN).holds


def _changed(cuts: Mapping[Cut, int], claim: int = OPTIMUM) -> Report:
    """The report on the right plan with other cuts, read back from its file."""
    answer = replace(PLAN, bound_x60=claim, status=Status.FEASIBLE if claim > OPTIMUM else Status.OPTIMAL, certificate=Prices(cuts=cuts))
    return verify(TRIANGLE, plan_from_json(answer_to_json(answer, TRIANGLE), TRIANGLE))


@pytest.mark.parametrize("price", [0, WORTH // 2 - 1, WORTH // 2 + 1, WORTH])
def test_a_tampered_price_of_a_cut_is_found(price: int) -> None:
    """Any other price proves less, and the claim no longer follows."""
    report = _changed({(DEMANDS, None): price})
    assert report.priced_bound_x60 is not None
    assert report.priced_bound_x60 > OPTIMUM
    assert not report.holds


@pytest.mark.parametrize(
    ("demands", "named", "most"), [(DEMANDS, None, 1), (DEMANDS, "ann", 2), (DEMANDS[:2], None, 1), (DEMANDS[:2], "bob", 1)]
)
def test_a_cut_counts_as_often_as_it_can_be_paid(demands: tuple[str, ...], named: str | None, most: int) -> None:
    """The demand side is worth the price for every pair among the demands and whoever is named; a claim that counts one less is false."""
    cuts: dict[Cut, int] = {(demands, named): WORTH}
    found = priced_bound(Ledger.of(TRIANGLE), Prices(cuts=cuts))
    assert found.demand_side_e4 == E4 * WORTH * most
    assert _changed(cuts, found.bound_x60).bound_holds
    assert not _changed(cuts, found.bound_x60 - WORTH).holds


@pytest.mark.parametrize(
    "cut",
    [
        (("one", "team"), None),
        (("held", "one"), None),
        (("two", "one"), None),
        (("one", "one"), None),
        (("one",), "ann"),
        ((), None),
        (("nothing", "one"), None),
        (("one", "two"), "nobody"),
        (("one", *(f"spare {n}" for n in range(9))), None),
    ],
)
def test_a_cut_that_may_not_be_proves_nothing(cut: Cut) -> None:
    """Demands that may have two runs or a pinned one, too few or too many of them, or none of the problem's."""
    spare = [demand(f"spare {n}") for n in range(9)]
    case = replace(TRIANGLE, demands=(*TRIANGLE.demands, demand("team", max_people=2), demand("held"), *spare), fixed=(run("ann", "held"),))
    assert list(price_faults(Ledger.of(case), Prices(cuts={cut: 1})))
    report = verify(case, replace(PLAN, certificate=Prices(cuts={cut: 1})))
    assert (report.priced_bound_x60, report.holds) == (None, False)
    assert any(violation.facts.get("claim") == "certificate" for violation in report.violations)


def test_a_cut_with_a_negative_price_proves_nothing() -> None:
    """Nobody is paid for a second run."""
    assert not list(price_faults(Ledger.of(TRIANGLE), CLOSED))
    assert list(price_faults(Ledger.of(TRIANGLE), Prices(cuts={(DEMANDS, None): -1})))


def _many_cuts(case: PriceCase, draw: Random) -> Prices:
    """Moderate prices of the other kinds, so that people have several runs, and dear cuts."""
    prices, scale = case.prices(draw), draw.choice((0.05, 0.2, 0.5))
    cuts = dict(case.cut(draw, draw.randint(1, 300_000)) for _ in range(6) if len(case.single) > 1)
    share = {key: round(v * scale) for key, v in prices.share.items()}
    return replace(prices, share=share, heads={d: round(h * scale) for d, h in prices.heads.items()}, cuts=cuts)


@pytest.mark.parametrize("seed", range(7_040, 7_100))
@pytest.mark.parametrize("caps", [STATE_CAPS, (1, 1), (3, 3)])
def test_payments_are_exact_or_left_out(seed: int, caps: tuple[int, int]) -> None:
    """V with the payments is exact where the check says exact, and never too low."""
    case = PriceCase(small_problem(seed))
    if not case.has_plan:
        return
    prices = _many_cuts(case, Random(seed))
    found = priced_bound(Ledger.of(case.problem), prices, caps=caps)
    assert found.demand_side_e4 == case.demand_side_e4(prices)
    for somebody, worth in zip(case.problem.people, found.people, strict=True):
        assert worth.found <= case.best_e4(prices, somebody) <= worth.limit
        assert worth.exact or caps != STATE_CAPS
    best = best_plan(case.problem)
    assert best is not None
    assert found.bound_x60 >= best.objective_x60


def _dense(market: Market, prices: Prices) -> DensePrices:
    """The prices as the search has them."""
    demands, people = market.table.demand_index, market.table.person_index
    cuts = {
        (tuple(sorted(demands[d] for d in listed)), -1 if named is None else people[named]): c for (listed, named), c in prices.cuts.items()
    }
    return replace(market.dense(prices), cuts=cuts)


@pytest.mark.parametrize("seed", range(7_000, 7_040))
@pytest.mark.parametrize("make", [small_problem, larger_problem])
def test_search_and_check_agree_to_the_unit(seed: int, make: Callable[[int], Problem]) -> None:
    """Two programs with nothing in common come to the same best schedules, with cuts and without."""
    case = PriceCase(make(seed))
    if not case.has_plan:
        return
    market, drawn = Market(RunTable(Columns(case.problem))), _many_cuts(case, Random(seed))
    for prices in (replace(drawn, cuts={}), drawn):
        dense = _dense(market, prices)
        bests, found = Pricer(market.table).best(market.vector(dense)), priced_bound(Ledger.of(case.problem), prices)
        assert market.demand_side_e4(dense) == found.demand_side_e4
        for limit, value, worth in zip(bests.limit.tolist(), bests.value.tolist(), found.people, strict=True):
            assert worth.exact
            assert value <= worth.limit <= limit
            assert limit > value or worth.limit == limit
