"""A plan's money day by day, against a slow sum of every booked day."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.money import round_half_up
from scheduler.domain.staffing.work import ContractKind, ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.from_plan import from_plan
from scheduler.planning.to_problem import to_problem
from solver_models.result import Status
from solver_models.staffing.minutes import Terms
from solver_models.staffing.plan import Answer
from tests import factories as make
from tests.planning.random_snapshots import HORIZON, random_snapshot
from tests.planning.test_feasible_by_day import eager, random_runs

FIRMS = 20


def slowly(snapshot: Any, request: Any, answer: Answer, problem: Any) -> dict[str, int]:
    """Every run's every day: its rate by trying all rates, its grade and cost by the term of the day; lines in a dictionary."""
    terms, people = Terms(problem), availabilities(snapshot, request.grid)
    demands = {one.id: one for one in snapshot.demands}
    projects = {one.id: one for one in snapshot.projects}
    lines: Counter[Any] = Counter()
    costs: Counter[Any] = Counter()
    for run in answer.assignments or ():
        demand, person = demands[run.demand], people[PersonId(run.person)]
        project = projects[demand.project_id]
        row = terms.minutes(run.person, run.demand, run.share_e4, run.shift)
        for week in range(run.first, run.last + 1):
            weights = [day.bookable_min for day in person.days[week * 7 : week * 7 + 7]]
            done = 0
            for number, weight in enumerate(weights):
                until = row[week] * sum(weights[: number + 1]) // sum(weights) if weight or row[week] else done
                minutes, done = until - done, until
                day = request.grid.monday(week) + timedelta(days=number)
                if minutes:
                    term = next(one for one in person.person.terms if day in one.period)
                    key = (project.id, day.replace(day=1), run.person)
                    lines[*key, _rate(snapshot, demand, term, run.person, day)] += minutes
                    costs[*key, Fraction(term.cost_rate or 0)] += minutes
    revenue = expected = 0
    for (project_id, _, _, rate), minutes in lines.items():
        amount = round_half_up(minutes * (rate or Fraction(0)) * 100 / 60)
        chance = Fraction(1) if projects[project_id].state is ProjectState.WON else Fraction(projects[project_id].probability)
        revenue, expected = revenue + amount, expected + round_half_up(amount * chance)
    cost = sum(round_half_up(minutes * key[3] * 100 / 60) for key, minutes in costs.items())
    return {"revenue_minor": revenue, "expected_revenue_minor": expected, "cost_minor": cost}


def _rate(snapshot: Any, demand: Any, term: Any, person_id: str, day: Any) -> Fraction | None:
    project = next(one for one in snapshot.projects if one.id == demand.project_id)
    if project.contract is ContractKind.INTERNAL:
        return Fraction(0)
    if project.contract is ContractKind.FIXED_PRICE:
        effort = sum(week.minutes for one in snapshot.demands if one.project_id == project.id for week in one.effort)
        planned = project.planned_minutes or effort
        return None if project.contract_value_minor is None else Fraction(project.contract_value_minor * 60, 100 * planned)
    if demand.bill_rate is not None:
        return Fraction(demand.bill_rate)
    grade = demand.grade or term.grade
    fitting = [
        ((rate.person_id is not None, rate.grade is not None, rate.project_id is not None), str(rate.valid_from or ""), rate.rate)
        for rate in snapshot.bill_rates
        if rate.person_id in {None, person_id}
        and rate.grade in {None, grade}
        and rate.project_id in {None, project.id}
        and (rate.valid_from is None or rate.valid_from <= day)
        and (rate.valid_until is None or day <= rate.valid_until)
    ]
    return Fraction(max(fitting)[2]) if fitting else None


def _by_card(demand: Any) -> Any:
    """Every second demand without a rate of its own, so that the rates of days count."""
    return replace(demand, bill_rate=None) if sum(map(ord, demand.id)) % 2 else demand


@pytest.mark.parametrize("third", range(2))
def test_a_plans_money_is_that_of_its_days(third: int) -> None:
    """Whatever the firm: uneven rates that change in the middle of weeks, terms, absences, contracts and chances."""
    planned = 0
    for seed in range(third, FIRMS, 2):
        rng = random.Random(seed)
        snapshot = eager(rng, random_snapshot(rng))
        uneven = [
            make.make_bill_rate("83.3333", rate_id="wed", valid_from=make.monday(1) + timedelta(days=2), valid_until=make.monday(3)),
            make.make_bill_rate("61.17", rate_id="else", grade="senior", valid_from=make.monday(2) + timedelta(days=3)),
            make.make_bill_rate("55.55", rate_id="old", valid_until=make.monday(1) + timedelta(days=1)),
            make.make_bill_rate("44.44", rate_id="new", valid_from=make.monday(3) + timedelta(days=1)),
        ]
        snapshot = replace(snapshot, bill_rates=tuple(uneven), demands=tuple(_by_card(demand) for demand in snapshot.demands))
        request = make.make_request(weeks=HORIZON)
        staffing = to_problem(snapshot, request)
        answer = Answer(status=Status.FEASIBLE, assignments=random_runs(rng, staffing), objective_x60=None, bound_x60=None, proof=None)
        money = from_plan(staffing, answer)["key_figures"]["money"]
        expected = slowly(snapshot, request, answer, staffing.problem)
        if money["cost_minor"] is None:
            expected["cost_minor"] = money["cost_minor"]  # type: ignore[assignment]
        assert {name: money[name] for name in expected} == expected, seed
        planned += money["revenue_minor"] > 0
    assert planned >= 3


def test_a_staffing_that_was_read_back_has_no_money() -> None:
    """Its prices stayed with the rows; no figure is better than a wrong one."""
    staffing = replace(to_problem(make.make_snapshot(), make.make_request()), day_prices=None)
    answer = Answer(status=Status.FEASIBLE, assignments=(), objective_x60=None, bound_x60=None, proof=None)
    assert set(from_plan(staffing, answer)["key_figures"]["money"].values()) == {None}
