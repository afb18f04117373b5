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
from api.schemas.plan_application import PlanApplicationRead, PlanApplicationWrite, shown_application
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.usecases.plan_application import PlanApplication, apply_plan

router = APIRouter(route_class=JsonRoute, tags=["plans"])
DryRun = Annotated[bool, Query(description="Check everything and say what would be done; change nothing.")]


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
    Make bookings of a plan's runs, all or none.

    Refused with 412 when something the plan rests on has changed since it was computed; `rows` says what.
    """

    def respond(done: PlanApplication) -> StoredResponse:
        return stored(shown_application(done), version=done.plan.version)

    done = apply_plan(
        application.store,
        actor=actor,
        plan_id=plan_id,
        expected_version=version,
        now=datetime.now(UTC),
        confirmed=body.state == "confirmed",
        dry_run=dry_run,
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(done))
