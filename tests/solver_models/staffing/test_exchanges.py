"""What a person would give up for one more run: the fewest runs, of those the ones that lose least; always a true offer."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from solver_models.staffing.columns import Columns
from solver_models.staffing.exchanges import Exchange, Exchanges
from solver_models.staffing.greedy import filled_plan
from solver_models.staffing.roster import Booked, Roster
from solver_models.staffing.verify import check_plan, objective_x60
from tests.solver_models.staffing.random_problems import larger_problem, small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.problem import Problem, Run


def _planned(columns: Columns) -> Roster:
    roster = Roster(columns)
    for b in list(roster.booked.values()):
        roster.remove(b)
    for r in filled_plan(columns, columns.problem.current):
        roster.add(Booked(columns.option_of(r), r.first, r.last))
    return roster


def _exchanged(plan: Sequence[Run], given_up: Sequence[Booked], wanted: Booked) -> list[Run]:
    cut = [replace(b.run, last=b.option.pin.last_min) for b in given_up if b.option.pin is not None]
    gone = {b.run for b in given_up}
    return [r for r in plan if r not in gone] + cut + [wanted.run]


def _fits(case: Problem, runs: Sequence[Run], who: str) -> bool:
    return not any(v.rule == 2 and v.facts["person"] == who for v in check_plan(case, runs))


@pytest.mark.parametrize("seed", [*range(700, 760), 5_001, 5_002, 5_003])
def test_no_exchange_of_fewer_or_cheaper_runs_fits(seed: int) -> None:
    """Every group of the person's runs up to the size offered is tried with the checker's capacity and objective."""
    case = larger_problem(seed) if seed > 5_000 else small_problem(seed)
    columns = Columns(case)
    if columns.conflicts:
        return
    roster = _planned(columns)
    plan = roster.runs()
    exchanges = Exchanges(columns, roster)
    for option in columns.options:
        wanted = Booked(option, *max(option.intervals(), key=lambda interval: interval[1] - interval[0]))
        offer = exchanges.offer(wanted) if option.pin is None else "pinned"
        if not isinstance(offer, Exchange):
            continue
        after = _exchanged(plan, offer.given_up, wanted)
        assert objective_x60(case, plan) - objective_x60(case, after) == offer.short_x60
        assert _fits(case, after, option.person)
        own = [b for b in roster.booked.values() if b.option.person == option.person]
        others = [g for size in range(len(offer.given_up) + 1) for g in combinations(own, size)]
        for group in others:
            if _fits(case, other := _exchanged(plan, group, wanted), option.person):
                assert len(group) == len(offer.given_up)
                assert objective_x60(case, plan) - objective_x60(case, other) >= offer.short_x60


def test_too_many_runs_to_try_still_make_a_true_offer() -> None:
    """Eleven of twenty small runs must go: none of those named could stay, and the dearest stay."""
    small = [demand(f"e{k:02d}", [30] * 4, value_rate=500 + k) for k in range(20)]
    case = problem([person("ana")], [demand("d", [330] * 4, value_rate=20), *small])
    columns = Columns(case)
    roster = _planned(columns)
    (option,) = columns.by_demand["d"]
    offer = Exchanges(columns, roster).offer(Booked(option, 0, 3))
    assert isinstance(offer, Exchange)
    assert [b.option.demand for b in offer.given_up] == [f"e{k:02d}" for k in range(11)]
    plan = roster.runs()
    assert objective_x60(case, plan) - objective_x60(case, _exchanged(plan, offer.given_up, offer.wanted)) == offer.short_x60
