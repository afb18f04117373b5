"""What hours are billed at, and what the booked ones are worth."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.rate_explanation import RateQuery, RateRead, shown_rate
from api.schemas.revenue_forecast import ForecastQuery, RevenueForecastRead, shown_forecast
from scheduler.queries.rate_explanation import explain_rate
from scheduler.queries.revenue_forecast import revenue_forecast

router = APIRouter(route_class=JsonRoute)


@router.get("/rates/explain", operation_id="explain_rate", response_model=RateRead, responses=problems(403, 404, 409), tags=["bill_rates"])
def read_explained_rate(application: CurrentApplication, actor: CurrentActor, query: Annotated[RateQuery, Query()]) -> Response:
    """
    Read what an hour of a person on a project is billed at on a day, by which rows, and which other prices lost by what.

    Other bill rates are listed as far as the caller sees them, without those of other people, projects and clients.
    """
    return to_response(stored(shown_rate(explain_rate(application.store, actor=actor, inquiry=query.inquiry()))))


@router.get(
    "/reports/revenue-forecast",
    operation_id="read_revenue_forecast",
    response_model=RevenueForecastRead,
    responses=problems(403),
    tags=["reports"],
)
def read_revenue_forecast(application: CurrentApplication, actor: CurrentActor, query: Annotated[ForecastQuery, Query()]) -> Response:
    """
    Read what the bookings in force are worth by project and month, each day priced as an invoice would price it.

    A plan's key figures say the same of what it would book, to the minor unit.
    """
    found = revenue_forecast(application.store, actor=actor, days=query.days())
    return to_response(stored(shown_forecast(found)))
