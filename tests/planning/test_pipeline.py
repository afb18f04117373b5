"""Deals that may be won or lost: outcomes by hand, and problems without deals against rows without them."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.key_figures import margin_after_bench
from scheduler.planning.pipeline import drawn, outcomes, pipeline, summary, thresholds
from scheduler.planning.to_problem import to_problem
from solver_models.limits import Limits
from solver_models.staffing.outcomes import Deal, explore, outcome_problem
from tests.factories import make_demand, make_person, make_project, make_request, make_snapshot
from tests.planning.random_snapshots import HORIZON, random_snapshot

if TYPE_CHECKING:
    from scheduler.planning.pipeline import Pipeline
    from scheduler.planning.snapshot import Snapshot


def deal(name: str, chance: str, **changes: Any) -> Any:
    return make_project(name, state=ProjectState.TENTATIVE, probability=Decimal(chance), **changes)


def firm(*chances: str) -> Snapshot:
    """Ann, at half time for four weeks on one won project, and deals for her other half, at 100, 110, 120 ... an hour."""
    names = [f"deal{n}" for n in range(len(chances))]
    deals = [deal(name, chance) for name, chance in zip(names, chances, strict=True)]
    demands = [make_demand(project=name, bill_rate=Decimal(100 + 10 * n)) for n, name in enumerate(names)]
    return make_snapshot(people=(make_person(),), projects=(make_project(), *deals), demands=(make_demand(), *demands))


def explored(found: Pipeline, time_s: float = 60) -> dict[frozenset[str], dict[str, int]]:
    deals = tuple(Deal(project=d.id, freed=d.freed) for d in found.deals)
    wanted = outcomes(found, samples=50, seed=3)
    return {
        one.won: {
            "low_x60": one.low_x60,
            "high_x60": one.high_x60,
            "margin_minor": margin_after_bench(one.problem, one.runs, found.staffing.bills),
        }
        for one in explore(found.staffing.problem, deals, wanted, Limits(time_s=time_s, workers=1))
    }


def test_the_spread_of_a_pipeline_counted_out() -> None:
    """Two deals for one person's time: 80 hours at 100 for sure, with one deal 80 more at 100, or at 110 when the second comes."""
    found = pipeline(firm("0.5", "0.25"), make_request(weeks=4))
    assert (found.is_exact, [str(d.chance) for d in found.deals]) == (True, ["1/2", "1/4"])
    told = summary(found, explored(found), samples=50, seed=3)
    assert (told["method"], told["is_complete"], told["outcomes"], told["outcomes_decided"]) == ("exact", True, 4, 4)
    paid = 160 * 5_000
    margins = {0: 800_000 - paid, 1: 1_600_000 - paid, 2: 1_680_000 - paid}
    expected = margins[0] * 3 // 8 + margins[1] * 3 // 8 + margins[2] // 4
    amounts = told["amounts"]
    assert (amounts["expected_margin_minor"], amounts["least_margin_minor"], amounts["greatest_margin_minor"]) == (
        expected,
        margins[0],
        margins[2],
    )
    assert (amounts["margin_p10_minor"], amounts["margin_p50_minor"], amounts["margin_p90_minor"]) == (margins[0], margins[1], margins[2])
    assert amounts["expected_worth_low_minor"] == amounts["expected_worth_high_minor"] == expected
    assert [(str(chance), sorted(won)) for chance, won in thresholds(found)] == [("1/2", ["deal0"]), ("1/4", ["deal0", "deal1"])]


def test_what_is_not_decided_is_not_expected() -> None:
    """With an outcome missing nothing is said of the whole; the outcomes that are there stay what they are."""
    found = pipeline(firm("0.5", "0.25"), make_request(weeks=4))
    told = explored(found)
    del told[frozenset()]
    said = summary(found, told, samples=50, seed=3)
    assert (said["is_complete"], said["amounts"], said["outcomes_decided"]) == (False, None, 3)


def test_many_deals_are_drawn() -> None:
    """Thirteen deals: the same draws for the same seed, each outcome looked at once, and the interval holds the exact mean."""
    chances = ["0.5"] * 13
    found = pipeline(firm(*chances), make_request(weeks=4))
    assert not found.is_exact
    assert drawn(found, samples=50, seed=3) == drawn(found, samples=50, seed=3) != drawn(found, samples=50, seed=4)
    looked = list(outcomes(found, samples=50, seed=3))
    assert len(set(looked)) == len(looked) <= 51
    # Whatever the solver would say: what the dearest deal that is won brings.
    margins = {won: 1_000 * max([0, *(int(name[4:]) + 1 for name in won)]) for won in looked}
    told = {won: {"low_x60": 60 * m, "high_x60": 60 * m, "margin_minor": m} for won, m in margins.items()}
    said = summary(found, told, samples=50, seed=3)
    exact = sum(Fraction(1_000 * (n + 1), 2 ** (13 - n)) for n in range(13))
    assert (said["method"], said["samples"], said["is_complete"]) == ("sampled", 50, True)
    assert said["amounts"]["expected_margin_low_minor"] <= exact <= said["amounts"]["expected_margin_high_minor"]
    del told[drawn(found, samples=50, seed=3)[20]]
    part = summary(found, told, samples=50, seed=3)
    assert part["is_complete"] is False
    assert part["samples"] <= 20


@pytest.mark.parametrize("third", range(3))
def test_a_lost_deal_is_as_if_its_rows_were_lost(third: int) -> None:
    """Random firms: the problem without some deals is the one that rows give in which they are lost and the others won."""
    compared = 0
    for seed in range(third, 90, 3):
        snapshot, request = random_snapshot(random.Random(seed)), make_request(weeks=HORIZON)
        found = pipeline(snapshot, request)
        if any(said.code == "person.overbooked" for said in found.staffing.left_out):
            continue  # what is booked beyond capacity frees nothing by itself
        deals = {d.id: Deal(project=d.id, freed=d.freed) for d in found.deals}
        for lost in (set(c) for size in range(len(deals) + 1) for c in combinations(deals, size)):
            rows = decided(snapshot, lost)
            wanted = to_problem(rows, request).problem
            problem = outcome_problem(found.staffing.problem, [deals[i] for i in sorted(lost)])
            assert problem.demands == wanted.demands
            assert (problem.fixed, problem.current, problem.projects) == (wanted.fixed, wanted.current, wanted.projects)
            known = {p.id for p in problem.people}
            assert [p for p in wanted.people if p.id in known] == [p for p in problem.people if p.id in {one.id for one in wanted.people}]
            compared += bool(lost)
    assert compared > 1


def decided(snapshot: Snapshot, lost: set[str]) -> Snapshot:
    """The rows with some deals lost and the others won, and nobody booked on a lost one."""
    projects = tuple(
        p if p.state is not ProjectState.TENTATIVE else replace(p, state=ProjectState.LOST if p.id in lost else ProjectState.WON)
        for p in snapshot.projects
    )
    return replace(snapshot, projects=projects, bookings=tuple(b for b in snapshot.bookings if b.project_id not in lost))


def test_sure_deals_are_no_question() -> None:
    """A deal with a chance of one is won in every outcome; one with none in no outcome, and its work is not planned."""
    found = pipeline(firm("1", "0", "0.5"), make_request(weeks=4))
    assert [d.id for d in found.deals] == ["deal2"]
    assert {d.project for d in found.staffing.problem.demands} == {"alpha", "deal0", "deal2"}
