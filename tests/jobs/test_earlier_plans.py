"""A plan starts from the newest one of nearly the same firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.plans import PlanState
from scheduler.planning.request import SolveLimits
from scheduler.queries.plans import get_plan
from scheduler.usecases.plans import request_plan
from solver_models.staffing.formats import plan_from_json, problem_from_json
from solver_models.staffing.verify import verify
from tests.factories import make_demand, make_request
from tests.jobs.firms import application, booked_ann_and_idle_bob, load, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.application import Application
    from scheduler.domain.staffing.plans import Plan
    from scheduler.planning.request import PlanRequest

REQUEST = make_request(limits=SolveLimits(time_limit_s=20, workers=1))


@pytest.fixture
def app(prepared_url: str) -> Iterator[Application]:
    """A running application with a firm: once on SQLite and once on PostgreSQL."""
    started = application(prepared_url)
    load(started.store, booked_ann_and_idle_bob())
    started.start()
    yield started
    started.stop()


def planned(app: Application, request: PlanRequest) -> Plan:
    """The plan, once it is there and verified."""
    plan = outcome_of(app, request_plan(app.store, actor=LOCAL, request=request, now=datetime.now(UTC)))
    assert plan.state is PlanState.SUCCEEDED
    assert plan.result is not None
    with app.store.read(LOCAL) as view:
        kept = view.plans.problem(plan.id)
    assert kept is not None
    problem = problem_from_json(kept.problem)
    assert verify(problem, plan_from_json(plan.result["answer"], problem)).holds
    return plan


def start_of(plan: Plan) -> str | None:
    """The plan that it started from."""
    assert plan.result is not None
    found: str | None = plan.result.get("earlier_plan_id")
    return found


def test_a_plan_starts_from_the_newest_of_the_same_firm(app: Application) -> None:
    """Also a week later; but not from a plan of another firm, nor across the line between plans with and without costs."""
    first = planned(app, REQUEST)
    assert start_of(first) is None
    second = planned(app, REQUEST)
    assert start_of(second) == first.id
    planner = replace(LOCAL, role=Role.RESOURCE_MANAGER)
    assert start_of(get_plan(app.store, actor=planner, plan_id=second.id)) == first.id, "it tells no cost"
    later = planned(app, replace(REQUEST, horizon_start=REQUEST.horizon_start + timedelta(weeks=1), weeks=REQUEST.weeks - 1))
    assert start_of(later) == second.id
    blind = planned(app, replace(REQUEST, cost_blind=True))
    assert start_of(blind) is None
    assert start_of(planned(app, replace(REQUEST, cost_blind=True))) == blind.id
    assert start_of(planned(app, REQUEST)) == later.id
    with app.store.begin(LOCAL) as tx:
        for number in range(3):
            tx.demands.add(make_demand(f"new-{number}"))
    assert start_of(planned(app, REQUEST)) is None
