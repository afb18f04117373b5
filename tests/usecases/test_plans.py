"""Asking for plans and cancelling them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ActorId, PlanId, ProjectId
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import STEPS, IllegalTransition, Plan, PlanProblem, PlanProgress, PlanState
from scheduler.planning.request import ChangePolicy, SolveLimits, Tentative
from scheduler.planning.request_json import request_from_json, request_to_json
from scheduler.queries.plans import get_plan, get_plan_problem, list_plans
from scheduler.store import Store
from scheduler.usecases.plans import cancel_plan, request_plan
from scheduler.usecases.records import create_record
from tests import factories as make

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def test_a_request_is_a_row_and_a_job(store: Store, jobs: list[Job]) -> None:
    """The plan is queued, says who asked for what, and its job names it."""
    request = make.make_request()
    plan = request_plan(store, actor=LOCAL, request=request, now=NOW)
    assert (plan.state, plan.actor_id, plan.created_at, plan.version) == (PlanState.QUEUED, "local", NOW, 1)
    assert request_from_json(plan.request) == request
    assert jobs == [Job(kind=SOLVE_PLAN, target_id=plan.id)]
    assert get_plan(store, actor=LOCAL, plan_id=plan.id) == plan
    assert list_plans(store, actor=LOCAL, page=PageRequest()).items == (plan,)


def test_j05_without_its_job_there_is_no_plan(store: Store) -> None:
    """When the job cannot be put into the queue nothing is kept: both are one transaction."""

    def refuse(_connection: Connection, _job: Job, _run_id: str) -> None:
        raise DomainError(ErrorKind.BUSY, "queue.full", "Try later.")

    store.wire(refuse)
    with pytest.raises(DomainError, match=r"queue\.full"):
        request_plan(store, actor=LOCAL, request=make.make_request(), now=NOW)
    assert list_plans(store, actor=LOCAL, page=PageRequest()).items == ()


def test_a_store_without_a_job_engine_says_so(migrated_sqlite_url: str) -> None:
    """A plan that nobody would compute is not accepted."""
    store = Store(migrated_sqlite_url)
    with pytest.raises(RuntimeError, match="no job engine"):
        request_plan(store, actor=LOCAL, request=make.make_request(), now=NOW)
    store.close()


def test_a06_projects_of_a_request_must_exist(store: Store, jobs: list[Job]) -> None:
    """Each unknown project is named by its place in the list."""
    create_record(store, actor=LOCAL, value=make.make_project("beta"), now=NOW)
    request = make.make_request(project_ids=frozenset({ProjectId("alpha"), ProjectId("beta"), ProjectId("gamma")}))
    with pytest.raises(DomainError) as caught:
        request_plan(store, actor=LOCAL, request=request, now=NOW)
    assert [(f.pointer, f.code) for f in caught.value.faults] == [
        ("/project_ids/0", "reference.not_found"),
        ("/project_ids/2", "reference.not_found"),
    ]
    assert jobs == []


def test_requests_survive_json() -> None:
    """Every field comes back as it was, decimals exactly."""
    request = make.make_request(
        project_ids=frozenset({ProjectId("b"), ProjectId("a")}),
        tentative=Tentative.AT_OR_ABOVE,
        min_probability=Decimal("0.29"),
        policy=ChangePolicy(setup_cost=Decimal("1.5"), max_churn_hours=Decimal(10), frozen_weeks=2, band_low=Decimal("0.7")),
        limits=SolveLimits(time_limit_s=12.5, gap=0.01, workers=2, seed=7),
    )
    assert request_from_json(request_to_json(request)) == request


def test_a_queued_plan_is_cancelled_at_once(store: Store) -> None:
    """Nobody has begun it: it ends here."""
    plan = request_plan(store, actor=LOCAL, request=make.make_request(), now=NOW)
    cancelled = cancel_plan(store, actor=LOCAL, plan_id=plan.id, now=LATER)
    assert (cancelled.state, cancelled.finished_at) == (PlanState.CANCELLED, LATER)


def test_a_running_plan_is_asked_to_stop(store: Store) -> None:
    """Its worker learns it with the next progress it notes; asking twice changes nothing."""
    plan = request_plan(store, actor=LOCAL, request=make.make_request(), now=NOW)
    progress = PlanProgress(seconds=1.5, objective_x60=-(10**20), bound_x60=10**25, gap=0.5)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.plans.save(plan.step(PlanState.RUNNING, started_at=NOW))
    with store.begin(LOCAL, now=NOW) as tx:
        assert tx.plans.note_progress(plan.id, progress) is False
    asked = cancel_plan(store, actor=LOCAL, plan_id=plan.id, now=LATER)
    assert (asked.state, asked.cancel_requested, asked.progress) == (PlanState.RUNNING, True, progress)
    assert cancel_plan(store, actor=LOCAL, plan_id=plan.id, now=LATER) == asked
    with store.begin(LOCAL, now=NOW) as tx:
        assert tx.plans.note_progress(plan.id, progress) is True


@pytest.mark.parametrize("state", [PlanState.SUCCEEDED, PlanState.FAILED, PlanState.CANCELLED, PlanState.SUPERSEDED])
def test_a_plan_that_has_ended_is_not_cancelled(store: Store, state: PlanState) -> None:
    """The refusal says in which state it is."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.plans.add(Plan(id=PlanId("p"), state=state, request={}, actor_id=ActorId("a"), created_at=NOW))
    with pytest.raises(IllegalTransition) as caught:
        cancel_plan(store, actor=LOCAL, plan_id="p", now=LATER)
    assert (caught.value.kind, caught.value.facts["state"]) == (ErrorKind.CONFLICT, state.value)


def test_steps_are_those_of_the_table() -> None:
    """A step is possible exactly when the table has it."""
    for state in PlanState:
        plan = Plan(id=PlanId("p"), state=state, request={}, actor_id=ActorId("a"), created_at=NOW)
        for target in PlanState:
            if target in STEPS[state]:
                assert plan.step(target).state is target
            else:
                with pytest.raises(IllegalTransition):
                    plan.step(target)


def test_the_problem_is_kept_and_read_again(store: Store) -> None:
    """A second reading, after a crash, replaces the first; until there is one, there is none."""
    plan = request_plan(store, actor=LOCAL, request=make.make_request(), now=NOW)
    with pytest.raises(DomainError, match=r"plan\.no_result"):
        get_plan_problem(store, actor=LOCAL, plan_id=plan.id)
    first = PlanProblem(
        plan_id=plan.id,
        problem={"people": [{"id": "ann", "cost_rate": 85}], "currency": "ä"},
        row_versions={"people": {"ann": 1}},
        statements={},
        read_at=NOW,
    )
    second = replace(first, row_versions={"people": {"ann": 2}}, read_at=LATER)
    for problem in (first, second):
        with store.begin(LOCAL, now=NOW) as tx:
            tx.plans.keep_problem(problem)
        assert get_plan_problem(store, actor=LOCAL, plan_id=plan.id) == problem


def test_unknown_plans_are_not_found(store: Store) -> None:
    """By whatever door."""
    for act in (get_plan, get_plan_problem):
        with pytest.raises(DomainError, match=r"record\.not_found"):
            act(store, actor=LOCAL, plan_id="nope")
    with pytest.raises(DomainError, match=r"record\.not_found"):
        cancel_plan(store, actor=LOCAL, plan_id="nope", now=NOW)
