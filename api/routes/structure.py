"""What a project is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.delivery import ProjectStructureRead, shown_structure
from api.schemas.fields import Id
from api.schemas.lists import ReadQuery
from scheduler.queries.structure import project_structure

router = APIRouter(route_class=JsonRoute, tags=["projects"])


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
