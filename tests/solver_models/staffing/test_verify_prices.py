"""The bound that prices prove: never below a plan, and exactly the certificate's formula wherever the check says so."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver_models.result import Status
from solver_models.staffing import verify_options
from solver_models.staffing.certificate import Prices
from solver_models.staffing.certify import certified, checked
from solver_models.staffing.formats import answer_to_json, plan_from_json
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import E4, Project
from solver_models.staffing.verify import report_to_json, verify
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_offers import PersonReader
from solver_models.staffing.verify_options import PriceBook
from solver_models.staffing.verify_prices import EFFORT_A_PERSON, EFFORT_A_SECOND, LEAST_EFFORT, effort_for, price_faults, priced_bound
from solver_models.staffing.verify_schedule import STATE_CAPS, best_worth
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.price_cases import PriceCase
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

if TYPE_CHECKING:
    from typing import Any

    from solver_models.staffing.verify import Report

SEEDS = range(7_000, 7_040)
CASE = problem([person("ann"), person("bob")], [demand("build"), demand("paint", value_rate=100)])
WORTH = 2_400 * (70 + 50)
"""One of them builds, the other one (or the same) paints."""
PRICES = Prices(share={("build", 0, t): 600 * 70 for t in range(4)} | {("paint", 0, t): 600 * 50 for t in range(4)})
"""All that the work is worth: nobody gains anything, and the demands are worth the plan."""
PLAN = Answer(
    status=Status.OPTIMAL,
    assignments=(run("ann", "build"), run("bob", "paint")),
    objective_x60=WORTH,
    bound_x60=WORTH,
    proof="prices",
    certificate=PRICES,
)


@cache
def price_case(seed: int) -> PriceCase:
    """A small problem with every key, and all of its schedules."""
    return PriceCase(small_problem(seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("caps", [STATE_CAPS, (1, 1), (3, 3)])
def test_everybodys_best_schedule_is_found_or_limited_from_above(seed: int, caps: tuple[int, int]) -> None:
    """V is exact where the check says exact, and never too low, however few states it may keep."""
    case = price_case(seed)
    if not case.has_plan:
        return
    prices = case.prices(Random(seed))
    found = priced_bound(Ledger.of(case.problem), prices, caps=caps)
    assert found.demand_side_e4 == case.demand_side_e4(prices)
    for somebody, worth in zip(case.problem.people, found.people, strict=True):
        best = case.best_e4(prices, somebody)
        assert worth.found <= best <= worth.limit
        assert worth.exact or caps != STATE_CAPS
    assert found.bound_x60 == (found.demand_side_e4 + sum(worth.limit for worth in found.people)) // E4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("effort", [0, 10, 200])
def test_little_effort_keeps_the_limit_valid(seed: int, effort: int) -> None:
    """Whoever stops early is told more than the best schedule's worth, never less."""
    case = price_case(seed)
    if not case.has_plan:
        return
    prices = case.prices(Random(seed))
    for somebody, worth in zip(case.problem.people, priced_bound(Ledger.of(case.problem), prices, effort=effort).people, strict=True):
        assert worth.found <= case.best_e4(prices, somebody) <= worth.limit


def test_what_little_effort_came_to_is_a_start_for_more() -> None:
    """Whoever waited for what others leave goes on from the limit and the schedule found, and ends exact."""
    waited = 0
    for seed in SEEDS:
        case = price_case(seed)
        book = PriceBook.of(Ledger.of(case.problem), case.prices(Random(seed)))
        for somebody in case.problem.people if case.has_plan else ():
            offers = PersonReader(book, somebody).offers()
            little = best_worth(offers, effort=5)
            more = best_worth(offers, before=little)
            assert little.found <= more.found == more.limit == case.best_e4(book.prices, somebody) <= little.limit
            waited += not little.exact
    assert waited >= 5


@pytest.mark.parametrize("seed", SEEDS[:30])
def test_numbers_too_large_for_64_bits_are_counted_as_well(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figures come out of integers of any size."""
    case = price_case(seed)
    if not case.has_plan:
        return
    ledger, prices = Ledger.of(case.problem), case.prices(Random(seed))
    small = priced_bound(ledger, prices)
    monkeypatch.setattr(verify_options, "SAFE", 0)
    assert [worth.limit for worth in priced_bound(ledger, prices).people] == [worth.limit for worth in small.people]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(7_000, 7_039), draw=st.randoms(use_true_random=False), caps=st.sampled_from([(1, 1), (5, 5), STATE_CAPS]))
def test_no_plan_beats_the_bound_of_any_prices(seed: int, draw: Random, caps: tuple[int, int]) -> None:
    """Whatever the prices, the best plan is worth at most the bound."""
    case = price_case(seed)
    optimum = _optimum(seed)
    if optimum is None:
        return
    prices = case.prices(draw)
    assert not list(price_faults(Ledger.of(case.problem), prices))
    assert priced_bound(Ledger.of(case.problem), prices, caps=caps).bound_x60 >= optimum


@cache
def _optimum(seed: int) -> int | None:
    best = best_plan(price_case(seed).problem)
    return None if best is None else best.objective_x60


def test_a_proof_by_prices_is_recomputed() -> None:
    """A bound that the prices give holds, and the report says what they give."""
    report = verify(CASE, PLAN)
    assert (report.priced_bound_x60, report.bound_holds, report.holds) == (WORTH, True, True)
    assert (report.certificate, report.note) == ("prices", "bound recomputed from its prices")
    told = report_to_json(report)
    assert (told["priced_bound"], told["priced_bound_x60"]) == (WORTH // 60, WORTH)


def changed(**changes: Any) -> Report:
    """The report on the right answer with something else claimed, read back from its file."""
    return verify(CASE, plan_from_json(answer_to_json(replace(PLAN, **changes), CASE), CASE))


def test_a_bound_above_what_the_prices_give_holds() -> None:
    """Who claims less than could be claimed claims nothing false."""
    report = changed(status=Status.FEASIBLE, bound_x60=WORTH + 1)
    assert (report.priced_bound_x60, report.bound_holds, report.holds) == (WORTH, True, True)


def test_a_bound_below_what_the_prices_give_does_not_hold() -> None:
    """The claim is false even if no plan is there to refute it, and the note says what the prices give."""
    report = changed(status=Status.UNKNOWN, assignments=None, objective_x60=None, bound_x60=WORTH - 1)
    assert (report.bound_holds, report.holds) == (False, False)
    assert str(WORTH) in report.note


@pytest.mark.parametrize("price", [0, 600 * 70 - 1, 600 * 70 + 1])
def test_a_price_changed_afterwards_is_found(price: int) -> None:
    """Any other price than the best gives another bound, and the claim no longer follows."""
    report = changed(certificate=replace(PRICES, share={**PRICES.share, ("build", 0, 2): price}))
    # A lower price makes the work worth doing: both gain by it, as each could have it.
    assert report.priced_bound_x60 != WORTH
    assert not report.holds


def test_a_plan_that_beats_the_claimed_bound_is_found() -> None:
    """A feasible plan worth more than the claim refutes it, whatever the prices."""
    report = changed(status=Status.FEASIBLE, bound_x60=WORTH - 60)
    assert (report.bound_holds, report.holds) == (False, False)


@pytest.mark.parametrize(
    "wrong",
    [
        Prices(share={("build", 0, 0): -1}),
        Prices(share={("build", 0, 4): 1}),
        Prices(share={("nothing", 0, 0): 1}),
        Prices(heads={"build": -1}),
        Prices(fresh=1),
        Prices(fresh=-1),
        Prices(apart={("tower", 0): 1}),
        Prices(together={("tower", 0, "ann"): 1}),
    ],
)
def test_prices_that_may_not_be_prove_nothing(wrong: Prices) -> None:
    """Prices below 0, or of what the problem has not, are false claims; no bound is recomputed from them."""
    report = verify(CASE, replace(PLAN, certificate=wrong))
    assert (report.priced_bound_x60, report.bound_holds, report.holds) == (None, False, False)
    assert [violation.facts["claim"] for violation in report.violations] == ["certificate"]


def test_prices_of_a_group_that_does_not_bind_prove_nothing() -> None:
    """Together groups of a project with a pinned run have no price, whoever belongs to them has."""
    tower = Project(id="tower", together=(frozenset({"ann", "bob"}),))
    prices = Prices(together={("tower", 0, "ann"): 1})
    free = problem([person("ann"), person("bob")], [demand("build")], projects=[tower])
    assert not list(price_faults(Ledger.of(free), prices))
    assert list(price_faults(Ledger.of(free), Prices(together={("tower", 0, "cleo"): 1})))
    assert list(price_faults(Ledger.of(replace(free, fixed=(run("ann"),))), prices))


def test_beside_a_search_prices_are_told_and_judge_nothing() -> None:
    """A search may prove more than the prices do: its bound stays a claim, and the report says what the prices give."""
    report = changed(proof="search", certificate=Prices())
    assert report.priced_bound_x60 is not None
    assert report.priced_bound_x60 > WORTH
    assert (report.bound_holds, report.holds) == (None, True)
    assert report.note == "bound claimed, not independently checked"


def test_an_answer_is_certified_with_what_anybody_will_recompute() -> None:
    """The claim becomes the recomputed bound, and optimal only what reaches it."""
    assert certified(CASE, replace(PLAN, bound_x60=WORTH + 5, status=Status.FEASIBLE)) == PLAN
    loose = certified(CASE, replace(PLAN, certificate=Prices()))
    assert loose.status is Status.FEASIBLE
    assert loose.bound_x60 is not None
    assert loose.bound_x60 > WORTH
    assert verify(CASE, loose).bound_holds
    searched = replace(PLAN, proof="search")
    assert certified(CASE, searched) is searched


def test_progress_is_told_person_by_person() -> None:
    """Whoever waits hears how many best schedules are there, of how many."""
    heard: list[tuple[int, int]] = []
    verify(CASE, PLAN, on_progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 2), (2, 2)]


def test_one_check_finds_the_bound_and_reports_on_it() -> None:
    """``checked`` is ``certified`` and ``verify`` in one pass: the claim becomes what the prices give, and the report is on that."""
    for answer in (
        PLAN,
        replace(PLAN, bound_x60=WORTH - 1, status=Status.FEASIBLE),
        replace(PLAN, certificate=Prices()),
        replace(PLAN, proof="search"),
    ):
        claimed, report = checked(CASE, answer)
        assert claimed == certified(CASE, answer)
        assert report == verify(CASE, claimed)
        assert report.holds


@given(people=st.integers(0, 20_000), seconds=st.floats(0, 10**9))
def test_the_check_takes_as_long_as_the_solve_or_some_seconds(people: int, seconds: float) -> None:
    """Effort grows with the seconds up to what the number of people asks for; seconds that are missing or absurd change nothing."""
    enough, effort = effort_for(people, 0), effort_for(people, seconds)
    assert LEAST_EFFORT <= effort <= enough == max(LEAST_EFFORT, EFFORT_A_PERSON * people) == effort_for(people, -1.0)
    assert effort == enough or seconds == 0 or effort <= max(LEAST_EFFORT, EFFORT_A_SECOND * seconds)
    assert effort_for(people, seconds + 1) >= effort or seconds == 0
