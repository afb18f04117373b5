"""The generated problems have the shape that the benchmarks promise."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generators import Mode, Shape, generate
from benchmarks.generators_print import eligibility
from benchmarks.pairs import Pairs, is_plain
from benchmarks.peers.greedy import greedy_pairs
from solver_models.staffing.formats import problem_to_json, read_problem
from solver_models.staffing.problem import E4
from solver_models.staffing.verify import check_plan, fixed_conflicts, objective_x60

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.problem import Problem

SMALL = Shape(people=30, demands=110, weeks=26)
PLAIN_DEMAND = {
    "shares_e4": (E4,),
    "max_people": 1,
    "min_run": None,
    "min_coverage_e4": 8_000,
    "shift": (0, 0),
    "locations": None,
    "prefers": {},
    "overqualified_cost": 0,
    "only": None,
    "never": frozenset(),
}
PLAIN_PERSON: dict[str, Any] = {
    "location": None,
    "max_demands": None,
    "available_for": None,
    "not_for": frozenset(),
    "preferences": {},
    "idle_cost": 0,
    "band": None,
}
PLAIN_PROJECT = {"all_or_nothing": False, "shift": None, "apart": (), "together": ()}
MODES: tuple[Mode, ...] = ("plain", "full")


def _load(problem: Problem) -> float:
    return sum(sum(d.effort) for d in problem.demands) / sum(sum(p.capacity) for p in problem.people)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_seed_makes_the_same_problem_and_another_seed_another(mode: Mode) -> None:
    """A result names its problem by size, seed and mode."""
    assert generate(SMALL, seed=1, mode=mode) == generate(SMALL, seed=1, mode=mode) != generate(SMALL, seed=2, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_problems_are_valid(mode: Mode) -> None:
    """What is generated reads back through the format, unchanged, and its fixed runs are no contradiction."""
    problem = generate(SMALL, seed=3, mode=mode)
    assert read_problem(json.dumps(problem_to_json(problem)).encode()) == problem
    assert fixed_conflicts(problem) == ()


def test_size_m_is_as_large_and_as_entangled_as_promised() -> None:
    """People, demands and weeks; load about 1.1; median windows about ten weeks; 40 to 150 demands within a person's reach."""
    problem = generate("M", seed=1)
    pairs = Pairs(problem)
    assert (len(problem.people), len(problem.demands), len(problem.periods)) == (300, 1_750, 52)
    assert _load(problem) == pytest.approx(1.1, abs=0.02)
    assert 9 <= statistics.median(c.last - c.first + 1 for c in pairs.by_demand) <= 11
    assert 40 <= statistics.median(eligibility(pairs)) <= 150


def test_plain_problems_ask_for_one_boolean_a_pair() -> None:
    """The plain mode uses no optional key but ``usual``, the full mode others."""
    assert is_plain(generate(SMALL, seed=1))
    assert not is_plain(generate(SMALL, seed=1, mode="full"))


def test_full_problems_use_every_key_on_a_tenth_of_its_entities() -> None:
    """At size M each optional key of people, demands and projects is there, and the policy's are."""
    problem = generate("M", seed=1, mode="full")
    assert min(_parts(problem.demands, PLAIN_DEMAND).values()) >= 0.1
    assert min(_parts(problem.people, PLAIN_PERSON).values()) >= 0.1
    assert min(_parts(problem.projects, PLAIN_PROJECT).values()) >= 0.1
    assert len(problem.fixed) >= 0.1 * len(problem.current) > 0
    policy = problem.policy
    assert policy.max_churn_minutes is not None
    assert min(policy.setup_cost, policy.churn_cost, policy.max_churn_minutes, policy.frozen_periods, policy.fairness_cost) > 0


def test_greedy_plans_keep_the_rules_and_bring_what_they_say() -> None:
    """The figure that the generator prints is the checker's."""
    problem = generate(SMALL, seed=1)
    runs, brings_x60 = greedy_pairs(Pairs(problem))
    assert check_plan(problem, runs) == ()
    assert objective_x60(problem, runs) == brings_x60 > 0


def _parts(entities: Sequence[Any], plain: dict[str, Any]) -> dict[str, float]:
    """For every key, on what part of the entities it is not what the plain mode has."""
    return {key: sum(getattr(entity, key) != absent for entity in entities) / len(entities) for key, absent in plain.items()}
