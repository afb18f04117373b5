"""What capacity is worth: intervals enclose the truth, estimates point the right way."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from solver_models.limits import Limits
from solver_models.staffing.problem import Person
from solver_models.staffing.solve import solve
from solver_models.staffing.value import Interval, capacity_values, difference, usual_capacity, value_of_hire
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem

LIMITS = Limits(time_s=30, workers=1)
LITTLE = Limits(time_s=30, workers=1, work=1)


@pytest.mark.parametrize("seed", range(7_300, 7_340))
def test_the_worth_of_a_hire_lies_in_the_interval(seed: int) -> None:
    """However little either search was given, the difference of the best plans with and without the person is enclosed."""
    case, draw = small_problem(seed), Random(seed)
    best = best_plan(case)
    if best is None or not case.people or not case.demands:
        return
    skills = {skill: draw.randint(1, 5) for skill in ("law", "tax") if draw.random() < 0.7}
    cost = draw.randint(0, 60)
    for limits in (LIMITS, LITTLE):
        found = value_of_hire(case, solve(case, limits), skills=skills, cost_rate=cost, location="Oslo", limits=limits)
        assert found is not None
        larger = replace(case, people=(*case.people, found.person))
        with_hire = best_plan(larger)
        assert with_hire is not None
        worth = with_hire.objective_x60 - best.objective_x60
        assert found.value.low_x60 <= worth <= found.value.high_x60
        if limits is LIMITS:
            assert found.value.is_exact


@pytest.mark.parametrize("seed", range(7_340, 7_370))
def test_the_difference_of_the_best_plans_lies_between_two_answers(seed: int) -> None:
    """Of any two problems, whatever else is in them."""
    before, after = small_problem(seed), small_problem(seed + 1)
    one, other = best_plan(before), best_plan(after)
    found = difference(solve(before, LITTLE), solve(after, LITTLE))
    if one is None or other is None or found is None:
        return
    assert found.low_x60 <= other.objective_x60 - one.objective_x60 <= found.high_x60


def test_one_more_person_for_work_that_nobody_has_time_for() -> None:
    """Two demands at once and one person: a second person is worth the second demand, less what they cost all the time."""
    case = problem([person("ana")], [demand("d"), demand("e")])
    answer = solve(case, LIMITS)
    found = value_of_hire(case, answer, skills={}, cost_rate=10, limits=LIMITS)
    assert found is not None
    assert found.value.is_exact
    assert found.value.low_x60 == sum(case.demands[1].effort) * case.demands[1].value_rate - 10 * sum(usual_capacity(case))
    assert found.estimate_x60 is not None
    assert found.estimate_x60 <= found.value.low_x60
    assert found.person.id not in {p.id for p in case.people}


def test_a_pool_in_demand_is_worth_more_than_an_idle_one() -> None:
    """Hours of a skill that two demands want at once have a price; hours of a skill that nobody wants have none."""
    people = [person("ana", skills={"x": 1}), person("ben", skills={"y": 2})]
    case = problem(people, [demand("d", requires={"x": 1}), demand("e", requires={"x": 1})])
    answer = solve(case, LIMITS)
    assert answer.certificate is not None
    values = {(pool.skill, pool.level): pool for pool in capacity_values(case, answer.certificate)}
    assert set(values) == {("x", 1), ("y", 2)}
    assert values["x", 1].people == 1
    assert len(values["x", 1].per_hour) == len(case.periods)
    assert sum(values["y", 2].per_hour) == 0


def test_an_interval_says_whether_it_is_one_figure() -> None:
    """A single figure is claimed only when both ends are it."""
    assert Interval(low_x60=3, high_x60=3).is_exact
    assert not Interval(low_x60=3, high_x60=4).is_exact


def test_the_usual_week_is_the_one_that_most_people_have() -> None:
    """Absences do not count: what a person usually has does."""
    people = [Person(id=str(n), capacity=(0, 60), usual=(60, 60), cost_rate=1) for n in range(2)]
    case = problem([*people, Person(id="c", capacity=(90, 90), cost_rate=1)], [])
    assert usual_capacity(case) == (60, 60)
