"""Reports of hours: capacity and utilisation, plan against actual, forecast accuracy, skills that are short."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.reports import (
    STATES,
    AccuracyQuery,
    AccuracyRead,
    BottleneckQuery,
    BottlenecksRead,
    PeopleReportQuery,
    PeopleReportRead,
    PlanActualQuery,
    PlanActualRead,
    shown_accuracy,
    shown_people,
    shown_plan_actual,
    shown_pools,
)
from scheduler.queries.bottlenecks import bottlenecks
from scheduler.queries.people_report import people_report
from scheduler.queries.plan_actual import forecast_accuracy, plan_actual

router = APIRouter(route_class=JsonRoute, tags=["reports"])


@router.get("/reports/people", operation_id="read_people_report", response_model=PeopleReportRead, responses=problems(403))
def read_people_report(application: CurrentApplication, actor: CurrentActor, query: Annotated[PeopleReportQuery, Query()]) -> Response:
    """
    Read capacity, bookings, bench, overload, recorded time and utilisation by firm, team, grade, location, skill or person.

    With ``as_of`` the report is what it was at that instant, whenever it is asked for.
    """
    found = people_report(application.store, actor=actor, request=query.request(), as_of=query.as_of)
    return to_response(stored(shown_people(found, query)))


@router.get("/reports/bottlenecks", operation_id="read_bottlenecks", response_model=BottlenecksRead, responses=problems(403))
def read_bottlenecks(application: CurrentApplication, actor: CurrentActor, query: Annotated[BottleneckQuery, Query()]) -> Response:
    """Read which skills, from which level on, are wanted more than those who hold them can work; the most missing first."""
    return to_response(stored(shown_pools(bottlenecks(application.store, actor=actor, grid=query.grid(), as_of=query.as_of))))


@router.get("/reports/plan-actual", operation_id="read_plan_actual", response_model=PlanActualRead, responses=problems(403))
def read_plan_actual(application: CurrentApplication, actor: CurrentActor, query: Annotated[PlanActualQuery, Query()]) -> Response:
    """Read planned against recorded hours by project, person, team or firm, as far as the caller sees bookings and time."""
    starts, groups = plan_actual(
        application.store, actor=actor, days=query.days(), by=query.by, span=query.span, states=STATES[query.time], as_of=query.as_of
    )
    return to_response(stored(shown_plan_actual(starts, groups, query)))


@router.get("/reports/forecast-accuracy", operation_id="read_forecast_accuracy", response_model=AccuracyRead, responses=problems(403))
def read_forecast_accuracy(application: CurrentApplication, actor: CurrentActor, query: Annotated[AccuracyQuery, Query()]) -> Response:
    """Read how near the bookings of some weeks before came to what was recorded, week by week."""
    groups = forecast_accuracy(
        application.store, actor=actor, weeks=query.days(), weeks_ahead=query.weeks_ahead, by=query.by, states=STATES[query.time]
    )
    return to_response(stored(shown_accuracy(groups, query)))
