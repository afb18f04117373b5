"""A deal becomes a project or comes to nothing, and a project's tasks become demands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.routes.plan_application import DryRun
from api.schemas.deals import (
    PROJECT_READ,
    DealRead,
    DemandsFromTasksRead,
    DemandsFromTasksWrite,
    LostDealWrite,
    WonDealWrite,
    shown_deal,
    shown_derived,
)
from api.schemas.fields import Id
from api.versions import with_diff
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.usecases.deals import DealDone, lose_deal, win_deal
from scheduler.usecases.task_demands import Derived
from scheduler.usecases.task_demands import derive_demands as derived

router = APIRouter(route_class=JsonRoute, tags=["projects"])
ProjectId = Annotated[Id, Path(description="The project.")]


@router.post(
    "/projects/{project_id}/demands/from-tasks",
    operation_id="derive_demands",
    response_model=DemandsFromTasksRead,
    responses=problems(403, 404, 409, 413, 415),
)
def derive_demands(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    project_id: ProjectId,
    body: DemandsFromTasksWrite,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Give each task with an estimate and a period its demand, or bring that in step.

    Sent again, nothing is made twice; demands that were changed by hand stay as they are and are listed.
    """

    def respond(done: Derived) -> StoredResponse:
        return stored(shown_derived(done, dry_run=dry_run))

    done = derived(
        application.store,
        actor=actor,
        project_id=project_id,
        calendar_id=body.calendar_id,
        dry_run=dry_run,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(done))


def _respond(done: DealDone) -> StoredResponse:
    return stored(shown_deal(done), version=done.project.version)


@router.post(
    "/projects/{project_id}/win",
    operation_id="win_project",
    response_model=DealRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def win_project(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    project_id: ProjectId,
    version: ExpectedVersion,
    body: WonDealWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a tentative project a won one. Its demand and bookings stay; with `starts` all of it moves to where it really begins."""
    store = application.store
    with with_diff(store, actor=actor, area="projects", record_id=project_id, version=version, read=PROJECT_READ):
        done = win_deal(
            store,
            actor=actor,
            project_id=project_id,
            expected_version=version,
            starts=body.starts,
            calendar_id=body.calendar_id,
            now=datetime.now(UTC),
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(done))


@router.post(
    "/projects/{project_id}/lose",
    operation_id="lose_project",
    response_model=DealRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def lose_project(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    project_id: ProjectId,
    version: ExpectedVersion,
    body: LostDealWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a tentative project a lost one, and release whoever is booked on it. Confirmed and locked bookings ask for their own rights."""
    store = application.store
    with with_diff(store, actor=actor, area="projects", record_id=project_id, version=version, read=PROJECT_READ):
        done = lose_deal(
            store,
            actor=actor,
            project_id=project_id,
            expected_version=version,
            cut=body.from_,
            now=datetime.now(UTC),
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(done))
