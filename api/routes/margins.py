"""Planned hours, revenue, cost and margin, of fixed groups by calendar month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.margins import MarginQuery, MarginsRead, shown_margins
from scheduler.queries.margins import planned_margins

router = APIRouter(route_class=JsonRoute, tags=["reports"])


@router.get("/reports/margin", operation_id="read_margins", response_model=MarginsRead, responses=problems(403))
def read_margins(application: CurrentApplication, actor: CurrentActor, query: Annotated[MarginQuery, Query()]) -> Response:
    """
    Read the planned margin of the firm and of each team, month by month.

    Without the right to read costs, cost is reckoned at a mean rate of the group, and kept back where one person's could be worked out.
    """
    now = datetime.now(UTC)
    found = planned_margins(application.store, actor=actor, first=query.first(now.date()), months=query.months, now=now)
    return to_response(stored(shown_margins(found)))
