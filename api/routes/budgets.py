"""What projects have come to, and come to with all that is booked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.budgets import (
    BudgetReportQuery,
    BudgetReportRead,
    FlaggedProjectsQuery,
    FlaggedProjectsRead,
    shown_flagged,
    shown_report,
)
from api.schemas.fields import Id
from scheduler.queries.project_status import flagged_projects, project_budget

router = APIRouter(route_class=JsonRoute, tags=["reports"])


@router.get(
    "/projects/{project_id}/budget", operation_id="read_project_budget", response_model=BudgetReportRead, responses=problems(403, 404)
)
def read_project_budget(
    application: CurrentApplication,
    actor: CurrentActor,
    project_id: Annotated[Id, Path(description="The project.")],
    query: Annotated[BudgetReportQuery, Query()],
) -> Response:
    """
    Read a project's budgets with what is used of them, its estimate at completion, earned value and flags; by task, grade, demand and person.

    Approved time and bookings count at the rates valid on each day; a person's day is rounded once, half up, to the minor unit.
    """
    on = query.on or datetime.now(UTC).date()
    found = project_budget(application.store, actor=actor, project_id=project_id, on=on, as_of=query.as_of)
    return to_response(stored(shown_report(found)))


@router.get("/reports/project-flags", operation_id="list_project_flags", response_model=FlaggedProjectsRead, responses=problems(403))
def list_project_flags(application: CurrentApplication, actor: CurrentActor, query: Annotated[FlaggedProjectsQuery, Query()]) -> Response:
    """List projects that are late, over budget, under-staffed or below their margin, each flag with its rule and figures, page by page."""
    on = query.on or datetime.now(UTC).date()
    found = flagged_projects(application.store, actor=actor, page=query.page_request(), on=on, kind=query.flag)
    return to_response(stored(shown_flagged(found)))
