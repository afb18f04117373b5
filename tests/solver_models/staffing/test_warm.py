"""Planning anew from an earlier answer: whatever became of its problem, the answer holds, and it is there at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.changes import changed, moved_part
from benchmarks.generators import Shape, generate
from solver_models.limits import Limits
from solver_models.staffing.certificate import Prices
from solver_models.staffing.certify import certified
from solver_models.staffing.formats import InvalidFormat, answer_to_json, read_warm
from solver_models.staffing.problem import Run
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import verify
from solver_models.staffing.warm_answer import Warm
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem

if TYPE_CHECKING:
    from benchmarks.generators import Mode

FIRM = Shape(people=60, demands=250, weeks=26)
GHOSTS = Warm(
    assignments=(
        Run(person="nobody", demand="d", share_e4=10_000, first=0, last=90),
        Run(person="ana", demand="nothing", share_e4=1, first=-3, last=0),
    ),
    prices=Prices(
        share={("d", 40, 1): 3, ("d", 0, 99): 3, ("d", 0, 1): -5, ("nothing", 0, 0): 1},
        heads={"d": -7, "nothing": 4},
        fresh=9,
        apart={("P", 3): 5, ("nothing", 0): 5},
        together={("P", 0, "nobody"): 4},
        cuts={(("d", "e", "nothing"), None): 6, (("d", "e", "f"), "nobody"): 6, (("d", "e"), "ana"): 2},
    ),
    demands=frozenset({"nothing"}),
)


@pytest.mark.parametrize("seed", range(7_200, 7_260))
def test_another_problems_answer_does_no_harm(seed: int) -> None:
    """From the answer to some other problem of the same names the search comes to the optimum all the same."""
    case, other = small_problem(seed), small_problem(seed + 1)
    optimum = best_plan(case)
    if optimum is None:
        return
    earlier = solve(other, Limits(time_s=30, workers=1))
    answer = solve(case, Limits(time_s=30, workers=1), warm=Warm.of(earlier))
    assert answer.objective_x60 == optimum.objective_x60
    assert verify(case, answer).holds


def test_what_is_not_there_any_more_is_left_out() -> None:
    """Runs, prices and cuts of people, demands, projects and periods that the problem does not have are dropped in silence."""
    case = problem([person("ana"), person("ben")], [demand("d"), demand("e"), demand("f")])
    answer = solve(case, Limits(time_s=10, workers=1), warm=GHOSTS)
    assert answer.objective_x60 == solve(case, Limits(time_s=10, workers=1)).objective_x60
    assert verify(case, answer).holds


@pytest.mark.parametrize(("mode", "near"), [("plain", 0.997), ("full", 0.98)])
def test_a_small_change_is_planned_from_the_earlier_answer(mode: Mode, near: float) -> None:
    """With a tenth of the work the answer from the earlier one is hardly worse than a fresh one; few person-weeks move."""
    case = generate(FIRM, seed=3, mode=mode)
    base = solve(case, Limits(time_s=600, work=8_000))
    assert base.assignments is not None
    again = changed(case, base.assignments, seed=1)
    warm = solve(again, Limits(time_s=600, work=800), warm=Warm.of(base))
    fresh = solve(again, Limits(time_s=600, work=8_000))
    assert verify(again, certified(again, warm)).holds
    assert warm.objective_x60 is not None
    assert fresh.objective_x60 is not None
    assert warm.objective_x60 >= near * fresh.objective_x60
    # With every key the base itself is far from the best plan, so that moving pays whatever it costs.
    assert mode == "full" or moved_part(again, base.assignments, warm.assignments or ()) <= 0.05


def test_an_unchanged_problem_keeps_bound_and_plan() -> None:
    """From its own answer a search begins at least as good as it ended, whatever its limits."""
    case = generate(FIRM, seed=3)
    base = solve(case, Limits(time_s=600, work=3_000))
    assert base.objective_x60 is not None
    again = solve(case, Limits(time_s=600, work=1), warm=Warm.of(base))
    assert (again.objective_x60 or 0) >= base.objective_x60
    if base.proof == "prices":
        assert (again.bound_x60 or 0) <= (base.bound_x60 or 0)


def test_a_plan_file_of_another_problem_can_be_read() -> None:
    """Reading where to start from asks for no problem, and keeps runs, prices and the demands that there were."""
    case = generate(Shape(people=10, demands=30, weeks=12), seed=3, mode="full")
    answer = solve(case, Limits(time_s=10, work=200))
    read = read_warm(json.dumps(answer_to_json(answer, case)).encode())
    assert answer.certificate is not None
    assert read == replace(Warm.of(answer), prices=replace(answer.certificate, cuts=read.prices.cuts if read.prices else {}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "staffing-problem/1"}', '{"format": "staffing-plan/1", "assignments": [3]}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    """A file that is no plan is a fault, not an empty start."""
    with pytest.raises(InvalidFormat):
        read_warm(text.encode())


def test_an_earlier_answer_moves_with_the_first_period() -> None:
    """Runs and prices count from the new first period and shift; what ended before is gone, what goes on is cut there."""
    run = Run(person="ana", demand="d", share_e4=10_000, first=1, last=4, shift=3)
    ended = replace(run, demand="e", first=0, last=1)
    prices = Prices(share={("d", 3, 1): 5, ("d", 3, 2): 7, ("e", 0, 4): 9}, heads={"d": 2})
    moved = Warm(assignments=(run, ended), prices=prices, demands=frozenset({"d", "e"})).moved(2, {"d": 1})
    assert moved.assignments == (replace(run, first=0, last=2, shift=2),)
    assert moved.prices == Prices(share={("d", 2, 0): 7, ("e", 0, 2): 9}, heads={"d": 2})
    assert moved.demands == {"d", "e"}


def test_an_earlier_answer_moves_back() -> None:
    """A horizon that begins earlier finds the runs later."""
    run = Run(person="ana", demand="d", share_e4=10_000, first=0, last=4)
    assert Warm(assignments=(run,)).moved(-2, {}).assignments == (replace(run, first=2, last=6),)
