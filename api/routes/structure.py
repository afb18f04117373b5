"""What a project is made of, and making one from a template."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.delivery import ProjectFromTemplateWrite, ProjectStructureRead, shown_structure
from api.schemas.fields import Id
from api.schemas.lists import ReadQuery
from api.schemas.records import read_shape, shown
from api.schemas.work import ProjectWrite
from scheduler.domain.ground.ids import new_id
from scheduler.queries.structure import project_structure
from scheduler.usecases.project_templates import create_project_from_template as made_from_template

router = APIRouter(route_class=JsonRoute, tags=["projects"])
_PROJECT = read_shape("Project", ProjectWrite)


@router.get(
    "/projects/{project_id}/structure",
    operation_id="read_project_structure",
    response_model=ProjectStructureRead,
    responses=problems(403, 404),
)
def read_project_structure(
    application: CurrentApplication,
    actor: CurrentActor,
    project_id: Annotated[Id, Path(description="The project.")],
    query: Annotated[ReadQuery, Query()],
) -> Response:
    """
    Read a project's phases, tasks, milestones and deliverables as a tree, with what does not add up in it.

    What is late is told by today's date in UTC, also for an earlier state.
    """
    today = datetime.now(UTC).date()
    found = project_structure(application.store, actor=actor, project_id=project_id, today=today, as_of=query.as_of)
    return to_response(stored(shown_structure(found)))


@router.post(
    "/project-templates/{template_id}/projects",
    operation_id="create_project_from_template",
    status_code=201,
    response_model=_PROJECT,
    responses=problems(403, 404, 409, 413, 415),
)
def create_project_from_template(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    template_id: Annotated[Id, Path(description="The template.")],
    body: ProjectFromTemplateWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Create a project with the tasks of a template, moved to its working days. The template's version is kept with the project."""

    def respond(value: Any) -> Any:
        location = address(application.settings.public_url, "projects", value.id)
        return stored(shown(_PROJECT, value), status=201, version=value.version, location=location)

    made = made_from_template(
        application.store,
        actor=actor,
        template_id=template_id,
        project=body.project.to_value(own_id=new_id(), version=0),
        first_day=body.first_day,
        calendar_id=body.calendar_id,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))
