"""Putting a plan in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.fields import Id
from api.schemas.plan_application import (
    PlanApplicationRead,
    PlanApplicationWrite,
    PlanDiffPage,
    PlanDiffQuery,
    shown_application,
    shown_diff,
)
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.queries.plan_diff import plan_diff
from scheduler.usecases.plan_application import PlanApplication, apply_plan

router = APIRouter(route_class=JsonRoute, tags=["plans"])
DryRun = Annotated[bool, Query(description="Check everything and say what would be done; change nothing.")]


@router.get("/plans/{plan_id}/diff", operation_id="read_plan_diff", response_model=PlanDiffPage, responses=problems(403, 404, 409))
def diff(
    application: CurrentApplication,
    actor: CurrentActor,
    plan_id: Annotated[Id, Path(description="The id the server gave it.")],
    query: Annotated[PlanDiffQuery, Query()],
) -> Response:
    """What is left to be applied of a plan, against the bookings as they are now: by person and week, page by page."""
    return to_response(stored(shown_diff(plan_diff(application.store, actor=actor, plan_id=plan_id, page=query.page_request()))))


@router.post(
    "/plans/{plan_id}/apply",
    operation_id="apply_plan",
    response_model=PlanApplicationRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def apply(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    plan_id: Annotated[Id, Path(description="The id the server gave it.")],
    version: ExpectedVersion,
    body: PlanApplicationWrite,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Make bookings of a plan's changes, all or a chosen part of them, or none.

    Refused with 412 when something that the chosen changes rest on has changed since the plan was computed (`rows` says what): the
    capacity of their people on their days, their demands, the rules of their projects. All else may have changed (`other_moves`).
    """

    def respond(done: PlanApplication) -> StoredResponse:
        return stored(shown_application(done), version=done.plan.version)

    done = apply_plan(
        application.store,
        actor=actor,
        plan_id=plan_id,
        expected_version=version,
        now=datetime.now(UTC),
        terms=body.to_value(dry_run=dry_run),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(done))
