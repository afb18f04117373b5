"""Plans in the database that no solver had to find: their runs are given, and checked like any answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PlanId, new_id
from scheduler.domain.staffing.plans import Plan, PlanProblem, PlanState
from scheduler.planning.from_plan import from_plan
from scheduler.planning.request_json import request_to_json
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from solver_models.result import Status
from solver_models.staffing.formats import answer_to_json, problem_to_json
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import E4, Run
from solver_models.staffing.verify import check_plan
from tests.factories import make_request

if TYPE_CHECKING:
    from scheduler.store import Store

PLANNED_AT = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)


def run(person: str = "ann", demand: str = "alpha-lead", first: int = 0, last: int = 3, share_e4: int = E4) -> Run:
    """One person on one demand, by weeks of the horizon."""
    return Run(person=person, demand=demand, share_e4=share_e4, first=first, last=last)


def planned(store: Store, *runs: Run, read_at: datetime = PLANNED_AT, **request: Any) -> Plan:
    """A plan with these runs, computed from what is stored now."""
    wanted = make_request(**request)
    with store.read(LOCAL) as view:
        snapshot, versions = read_snapshot(view)
    staffing = to_problem(snapshot, wanted)
    assert check_plan(staffing.problem, runs) == ()
    answer = Answer(status=Status.FEASIBLE, assignments=runs, objective_x60=0, bound_x60=None, proof=None)
    result = {"answer": answer_to_json(answer, staffing.problem), "view": from_plan(staffing, answer)}
    plan_id = PlanId(new_id())
    with store.begin(LOCAL, now=PLANNED_AT) as tx:
        plan = tx.plans.add(
            Plan(
                id=plan_id,
                state=PlanState.SUCCEEDED,
                request=request_to_json(wanted),
                actor_id=LOCAL.id,
                created_at=PLANNED_AT,
                finished_at=PLANNED_AT,
                result=result,
            )
        )
        tx.plans.keep_problem(
            PlanProblem(plan_id=plan_id, problem=problem_to_json(staffing.problem), row_versions=versions, read_at=read_at)
        )
    return plan
