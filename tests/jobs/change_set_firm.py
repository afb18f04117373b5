"""A firm with a rebalance policy, and runs whose plans are given instead of searched for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import RebalancePolicyId
from scheduler.domain.staffing.plans import PlanProblem, PlanState
from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
from scheduler.jobs.make_change_set import make_change_set
from scheduler.planning.from_plan import from_plan
from scheduler.planning.request_json import request_from_json
from scheduler.planning.staffing_json import words_to_json
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from scheduler.store.recorded_effort import more_left
from scheduler.store.tables.capacity import BOOKING_LOADS, PERSON_DAYS
from scheduler.store.tables.work import BOOKINGS
from scheduler.usecases.rebalance_runs import run_policy
from solver_models.result import Status
from solver_models.staffing.formats import answer_to_json, problem_to_json
from solver_models.staffing.plan import Answer
from solver_models.staffing.verify import check_plan, objective_x60

if TYPE_CHECKING:
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.store import Store
    from solver_models.staffing.problem import Run

RUN_AT = datetime(2027, 2, 25, 2, 30, tzinfo=UTC)
"""A Thursday: the next period begins on Monday, 1 March."""


def make_policy(**changes: Any) -> RebalancePolicy:
    """Eight weeks, nothing frozen, change for nothing."""
    return RebalancePolicy(
        **{"id": RebalancePolicyId("nightly"), "name": "Nightly", "weeks": 8, "frozen_weeks": 0, "churn_cost": Decimal(0), **changes}
    )


def add_policy(store: Store, **changes: Any) -> None:
    with store.begin(LOCAL) as tx:
        tx.area("rebalance_policies").add(make_policy(**changes))


def ran(store: Store, *runs: Run, now: datetime = RUN_AT, policy: str = "nightly", **options: Any) -> ChangeSet:
    """A run of the policy to which the plan is these runs."""
    found = run_policy(store, actor=LOCAL, policy_id=policy, now=now, **options)
    if found.plan_id is None:
        return found
    answer_plan(store, found.plan_id, *runs)
    make_change_set(store, plan_id=found.plan_id)
    return change_set(store, found.id)


def answer_plan(store: Store, plan_id: str, *runs: Run) -> None:
    """End a queued plan with these runs, which are checked as every answer is."""
    with store.read(LOCAL) as view:
        plan = view.plans.get(plan_id)
        snapshot, versions = read_snapshot(view)
        request = request_from_json(plan.request)
        lacking = more_left(view.unrestricted, on=request.horizon_start)
    staffing = to_problem(snapshot, request, more_left=lacking)
    assert check_plan(staffing.problem, runs) == ()
    worth = objective_x60(staffing.problem, runs)
    answer = Answer(status=Status.FEASIBLE, assignments=runs, objective_x60=worth, bound_x60=None, proof=None)
    result = {"answer": answer_to_json(answer, staffing.problem), "view": from_plan(staffing, answer)}
    problem = problem_to_json(staffing.problem)
    with store.begin(LOCAL) as tx:
        tx.plans.keep_problem(
            PlanProblem(plan_id=plan.id, problem=problem, row_versions=versions, statements=words_to_json(staffing), read_at=RUN_AT)
        )
        running = tx.plans.save(tx.plans.get(plan.id).step(PlanState.RUNNING, started_at=RUN_AT))
        tx.plans.save(replace(running, state=PlanState.SUCCEEDED, finished_at=RUN_AT, result=result))


def change_set(store: Store, set_id: str) -> ChangeSet:
    with store.read(LOCAL) as view:
        found: ChangeSet = view.area("change_sets").get(set_id)
        return found


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of bookings, of what they take and of the days' counters; versions only count changes, so they are left out."""
    found = {}
    with store.read(LOCAL) as view:
        for table in (BOOKINGS, BOOKING_LOADS, PERSON_DAYS):
            rows = [dict(row) for row in view.connection.execute(select(table)).mappings()]
            found[table.name] = sorted(({k: v for k, v in row.items() if k != "version"} for row in rows), key=str)
    return found
