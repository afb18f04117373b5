"""Each term of the objective against a figure worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from solver_models.staffing import verify
from solver_models.staffing.problem import Policy, Run
from tests.solver_models.staffing.verify_cases import HOUR, demand, person, problem, run


def worth(who: dict[str, Any], what: dict[str, Any], *runs: Run, current: tuple[Run, ...] = (), **policy: Any) -> int:
    """Z of a plan of one person and one demand."""
    return verify.objective_x60(problem([person(**who)], [demand(**what)], current=current, **policy), runs)


def test_value_less_cost() -> None:
    """2,400 minutes at 120 - 50 an hour."""
    assert worth({}, {}, run()) == 2_400 * 70


def test_nothing_planned_is_worth_nothing() -> None:
    """Without runs and without costs of idling or change, Z is 0."""
    assert worth({}, {}) == 0


def test_preference_of_the_demand_replaces_that_of_its_project() -> None:
    """A person's bonus by project counts unless the demand has one of its own, be it 0."""
    assert worth({"preferences": {"tower": 7}}, {}, run()) == 2_400 * 77
    assert worth({"preferences": {"tower": 7, "build": -5}}, {}, run()) == 2_400 * 65
    assert worth({"preferences": {"tower": 7, "build": 0}}, {}, run()) == 2_400 * 70


def test_preferred_skills_pay_per_level_held() -> None:
    """3 levels at 4 an hour and none at -2."""
    who = {"skills": {"sql": 3}}
    assert worth(who, {"prefers": {"sql": 4, "tax": -2}}, run()) == 2_400 * (70 + 12)


def test_overqualification_counts_levels_above_the_required_ones() -> None:
    """(5 - 2) + (4 - 4) levels at 3 an hour; a skill that is not required does not count, a missing level brings nothing back."""
    who = {"skills": {"sql": 5, "sap": 4, "tax": 5}}
    assert worth(who, {"requires": {"sql": 2, "sap": 4}, "overqualified_cost": 3}, run()) == 2_400 * (70 - 9)
    assert worth({"skills": {"sql": 1}}, {"requires": {"sql": 3}, "overqualified_cost": 3}, run()) == 2_400 * 70


def test_value_per_hour_is_the_rate_of_the_objective() -> None:
    """Net minor units per hour, by ids."""
    case = problem([person(skills={"sql": 3}, preferences={"tower": 7})], [demand(prefers={"sql": 4})])
    assert verify.value_per_hour(case, "ann", "build") == 120 - 50 + 7 + 12


def test_setup_cost_once_per_new_pair() -> None:
    """60 x setup_cost for a (person, demand) that the plan in force has not, fixed or not."""
    assert worth({}, {}, run(), setup_cost=1_000) == 2_400 * 70 - 60_000
    assert worth({}, {}, run(), current=(run(last=0),), setup_cost=1_000) == 2_400 * 70
    fixed = problem(fixed=[run()], setup_cost=1_000)
    assert verify.objective_x60(fixed, [run()]) == 2_400 * 70 - 60_000


def test_churn_counts_added_and_dropped_minutes() -> None:
    """Two periods dropped (1,200) and one added (600), at 3 an hour."""
    current = (run(last=1),)
    assert worth({}, {"min_run": 1}, run(first=2, last=2), current=current, churn_cost=3) == 600 * 70 - 1_800 * 3
    assert worth({}, {}, current=current, churn_cost=3) == -1_200 * 3
    assert worth({}, {}, run(last=1), current=current, churn_cost=3) == 1_200 * 70


def test_churn_of_an_hour_passed_on_is_two_hours() -> None:
    """Handing 600 minutes to another person changes 1,200."""
    case = problem([person("ann"), person("bob")], current=[run("ann", last=0)], churn_cost=3)
    assert verify.objective_x60(case, [run("bob", last=0)]) == 600 * 70 - 1_200 * 3


def test_churn_uses_todays_effort_capacity_and_its_own_shift() -> None:
    """A new absence or effort is no churn; a moved start is, by calendar period."""
    away = {"capacity": (1_200, 2_400, 2_400, 2_400), "usual": (2_400,) * 4}
    assert worth(away, {}, run(), current=(run(),), churn_cost=3) == (300 + 1_800) * 70
    shifted = {"effort": (600, 600, 0, 0), "shift": (0, 1)}
    moved = run(first=1, last=2, shift=1)
    assert worth({}, shifted, moved, current=(run(last=1),), churn_cost=3) == 1_200 * 70 - 1_200 * 3
    assert worth({}, shifted, moved, current=(moved,), churn_cost=3) == 1_200 * 70


def test_idle_cost_of_unbooked_minutes() -> None:
    """4 x 1,800 minutes without work at 50 an hour; more minutes than capacity are not negative idling."""
    assert worth({"idle_cost": 50}, {}, run()) == 2_400 * 70 - 7_200 * 50
    assert worth({"idle_cost": 50}, {}) == -9_600 * 50
    two = problem([person(capacity=(600, 600, 600, 600), idle_cost=50)], [demand("a"), demand("b")])
    assert verify.objective_x60(two, [run(what="a", last=1), run(what="b", last=1)]) == 2_400 * 70 - 1_200 * 50


@pytest.mark.parametrize(
    ("band", "outside_min"),
    [
        pytest.param((0, 10_000), 0, id="inside"),
        pytest.param((2_500, 2_500), 0, id="exactly at both ends"),
        pytest.param((3_000, 10_000), 480, id="too little: 2,880 - 2,400"),
        pytest.param((0, 2_000), 480, id="too much: 2,400 - 1,920"),
        pytest.param((2_501, 10_000), 0, id="low end rounds down: 2,400.96"),
        pytest.param((2_511, 10_000), 10, id="low end rounds down: 2,410.56"),
        pytest.param((0, 2_489), 10, id="high end rounds up: 2,389.44 to 2,390"),
    ],
)
def test_fairness_cost_outside_the_band(band: tuple[int, int], outside_min: int) -> None:
    """2,400 of 9,600 (9,600 x 0.2511 = 2,410.56) minutes booked; low ends round down, high ends up."""
    assert worth({}, {}, run(), fairness_cost=11, band=band) == 2_400 * 70 - 11 * outside_min


def test_a_persons_own_band_wins() -> None:
    """The policy's band is for people without one."""
    assert worth({"band": (0, 10_000)}, {}, run(), fairness_cost=11, band=(9_000, 10_000)) == 2_400 * 70
    assert worth({"band": (10_000, 10_000)}, {}, run(), fairness_cost=11) == 2_400 * 70 - 7_200 * 11


def test_everybody_without_work_idles_and_is_outside_the_band() -> None:
    """Z sums over all people, also those without a run."""
    case = problem([person("ann"), person("bob", idle_cost=1)], fairness_cost=2, band=(5_000, 10_000))
    assert verify.objective_x60(case, [run("ann")]) == 2_400 * 70 - 2_400 * 2 - (9_600 * 1 + 4_800 * 2)


@pytest.mark.parametrize(
    ("share_e4", "effort", "capacity", "usual", "minutes"),
    [
        pytest.param(2_900, 100, 2_400, None, 29, id="0.29 of 100 is 29, not 28"),
        pytest.param(3_333, 100, 2_400, None, 33, id="floor"),
        pytest.param(10_000, 600, 1_200, 2_400, 300, id="half away, half the minutes"),
        pytest.param(3_333, 1_000, 1_000, 3_000, 111, id="one floor over all factors: 333.3 / 3"),
        pytest.param(10_000, 600, 500, 500, 500, id="never more than the capacity"),
        pytest.param(10_000, 600, 2_400, 1_200, 600, id="more capacity than usual changes nothing"),
        pytest.param(10_000, 600, 0, 0, 0, id="0/0 is 1, and no capacity no minutes"),
        pytest.param(10_000, 600, 900, 0, 600, id="capacity where usually none is no absence"),
        pytest.param(10_000, 600, 0, 2_400, 0, id="away"),
    ],
)
def test_minutes_of_a_run(share_e4: int, effort: int, capacity: int, usual: int | None, minutes: int) -> None:
    """min(floor(share x effort x min(1, capacity / usual)), capacity), in whole numbers."""
    who = {"capacity": (capacity,), "usual": None if usual is None else (usual,), "cost_rate": 0}
    assert worth(who, {"effort": (effort,), "value_rate": 1}, run(last=0, share_e4=share_e4)) == minutes


def test_minutes_follow_the_shift_and_stop_at_the_horizon() -> None:
    """Effort moves with the shift; effort from outside the horizon is 0."""
    case = problem([person(cost_rate=0)], [demand(effort=(1, 10, 100, 1_000), value_rate=1)])
    assert verify.objective_x60(case, [run(shift=1)]) == 111
    assert verify.objective_x60(case, [run(shift=-2)]) == 1_100
    assert verify.objective_x60(case, [run(shift=9)]) == 0


def test_all_terms_together() -> None:
    """One person, one run: earnings, setup, churn, idling and band add up."""
    policy = Policy(setup_cost=10, churn_cost=2, fairness_cost=3, band=(5_000, 10_000))
    case = problem(
        [person(idle_cost=1)],
        [demand("build"), demand("other")],
        current=[run(what="other", last=0)],
        setup_cost=policy.setup_cost,
        churn_cost=policy.churn_cost,
        fairness_cost=policy.fairness_cost,
        band=policy.band,
    )
    earned, idle, short = 2_400 * 70, 7_200 * 1, (4_800 - 2_400) * 3
    assert verify.objective_x60(case, [run()]) == earned - HOUR * 10 - (2_400 + 600) * 2 - idle - short
