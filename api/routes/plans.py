"""Asking for plans, watching them, and taking them away as files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.refusal import RefusalError
from api.schemas.fields import Id
from api.schemas.lists import PlanList
from api.schemas.plans import PlanRead, PlanWrite, shown_plan, shown_progress
from api.schemas.records import page_shape
from api.waiting import LOOK_AGAIN_S, Asked, Prefer, answer_within, wait_s
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import OPEN_STATES, Plan
from scheduler.queries.authentication import is_still_let_in
from scheduler.queries.plans import get_plan, get_plan_problem, get_plan_with_costs, list_plans
from scheduler.usecases.plans import cancel_plan, request_plan

router = APIRouter(route_class=JsonRoute, tags=["plans"])
PlanId = Annotated[Id, Path(description="The id the server gave it.")]
PlanPage = page_shape("PlanPage", PlanRead)


@router.post("/plans", operation_id="create_plan", status_code=202, response_model=PlanRead, responses=problems(403, 413, 415))
def create_plan(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: PlanWrite,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Ask for a plan. It is computed in the background; its address is in Location.

    Sent again under its Idempotency-Key, the request finds the same plan, and waits for it again where `Prefer` says so.
    """

    def respond(plan: Plan) -> StoredResponse:
        return stored(
            shown_plan(plan), status=202, version=plan.version, location=address(application.settings.public_url, "plans", plan.id)
        )

    store, now, blind = application.store, datetime.now(UTC), application.settings.cost_blind_plans
    claim = claim_of(request, idempotency_key, respond=respond)
    asked = Asked(
        ask=lambda: request_plan(store, actor=actor, request=body.to_value(), now=now, blind=blind, idempotency=claim),
        accepted=respond,
        look=lambda plan_id: get_plan(store, actor=actor, plan_id=plan_id),
        is_finished=lambda plan: plan.state not in OPEN_STATES,
        finished=lambda plan, location: stored(shown_plan(plan), version=plan.version, location=location),
        may_wait=lambda: is_still_let_in(store, actor=actor, now=datetime.now(UTC)),
    )
    return answer_within(request, asked, wait_s(prefer))


@router.get("/plans", operation_id="list_plans", response_model=PlanPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[PlanList, Query()]) -> Response:
    """List plans without their results, page by page. They sort by: created_at, id."""
    given = {"state": None if query.state is None else query.state.value, "scenario_id": query.scenario_id}
    filters = {name: value for name, value in given.items() if value is not None}
    page = PageRequest(sort=query.sort, filters=filters, cursor=query.cursor, limit=query.limit)
    found = list_plans(application.store, actor=actor, page=page)
    items = [shown_plan(plan) for plan in found.items]
    return to_response(stored(PlanPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get("/plans/{plan_id}", operation_id="read_plan", response_model=PlanRead, responses=problems(403, 404))
def read_plan(application: CurrentApplication, actor: CurrentActor, plan_id: PlanId) -> Response:
    """Read a plan: how far it is and, once there is one, the plan with what stays open and why."""
    plan = get_plan(application.store, actor=actor, plan_id=plan_id)
    return to_response(stored(shown_plan(plan), version=plan.version))


@router.post(
    "/plans/{plan_id}/cancel", operation_id="cancel_plan", status_code=202, response_model=PlanRead, responses=problems(403, 404, 409)
)
def cancel(
    request: Request, application: CurrentApplication, actor: CurrentActor, plan_id: PlanId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Stop a plan: at once while it is queued, else as soon as its search sees the wish; it keeps the best plan so far."""

    def respond(plan: Plan) -> StoredResponse:
        return stored(shown_plan(plan), status=202, version=plan.version)

    claim = claim_of(request, idempotency_key, respond=respond)
    return to_response(respond(cancel_plan(application.store, actor=actor, plan_id=plan_id, now=datetime.now(UTC), idempotency=claim)))


@router.get("/plans/{plan_id}/problem", operation_id="download_problem", responses=problems(403, 404))
def download_problem(application: CurrentApplication, actor: CurrentActor, plan_id: PlanId) -> Response:
    """The staffing problem that the plan was computed from, as a file for `muster solve` and `muster verify`."""
    problem = get_plan_problem(application.store, actor=actor, plan_id=plan_id)
    return _file(problem.problem, f"problem-{plan_id}.json")


@router.get("/plans/{plan_id}/plan", operation_id="download_plan", responses=problems(403, 404))
def download_plan(application: CurrentApplication, actor: CurrentActor, plan_id: PlanId) -> Response:
    """The plan as a file for `muster verify`."""
    plan = get_plan_with_costs(application.store, actor=actor, plan_id=plan_id)
    if plan.result is None:
        raise RefusalError(404, "plan.no_result", f"The plan is {plan.state} and has no result; wait until it has succeeded.")
    return _file(plan.result["answer"], f"plan-{plan_id}.json")


def watched_plan(application: CurrentApplication, actor: CurrentActor, plan_id: PlanId) -> Plan:
    """The plan whose events are wanted: asked for before the stream begins, so that an unknown one is a 404."""
    return get_plan(application.store, actor=actor, plan_id=plan_id)


@router.get("/plans/{plan_id}/events", operation_id="watch_plan", response_class=EventSourceResponse, responses=problems(403, 404))
async def watch(
    application: CurrentApplication, actor: CurrentActor, plan: Annotated[Plan, Depends(watched_plan)]
) -> AsyncIterator[ServerSentEvent]:
    """
    Events of a plan: `progress` with objective, bound, gap and seconds whenever they change, then one `ended` with the state.

    A stream that breaks off is simply opened again; it begins with the present progress. It ends with the session or token.
    """
    before: object = None
    while True:
        now = (plan.state, plan.progress)
        if now != before and plan.state in OPEN_STATES:
            yield ServerSentEvent(event="progress", data={"state": plan.state.value, **shown_progress(plan).model_dump()})
        before = now
        if plan.state not in OPEN_STATES:
            yield ServerSentEvent(event="ended", data={"state": plan.state.value, "failure_code": plan.failure_code})
            return
        await anyio.sleep(LOOK_AGAIN_S)
        if not await anyio.to_thread.run_sync(partial(is_still_let_in, application.store, actor=actor, now=datetime.now(UTC))):
            return  # logged out, disabled, or with other rights: what follows is not for them
        plan = await anyio.to_thread.run_sync(partial(get_plan, application.store, actor=actor, plan_id=plan.id))


def _file(content: Any, name: str) -> Response:
    return JSONResponse(dict(content), headers={"Content-Disposition": f'attachment; filename="{name}"'})
