"""Weeks of worked time: the grid, what fills it, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.fields import Id
from api.schemas.time_weeks import (
    MissingTimePage,
    MissingTimeQuery,
    TimeProposed,
    TimeWeekRead,
    TimeWeekWrite,
    WeekCopy,
    WeekPrefill,
    WeekQuery,
    shown_missing,
    shown_proposed,
    shown_week,
)
from scheduler.domain.ground.ids import PersonId
from scheduler.queries import time_weeks as seen
from scheduler.usecases import time_weeks as done

router = APIRouter(route_class=JsonRoute, tags=["time_entries"])
PersonPath = Annotated[Id, Path(description="The person.")]
_WRITES = problems(403, 404, 409, 413, 415)


@router.get("/people/{person_id}/time-week", operation_id="read_time_week", response_model=TimeWeekRead, responses=problems(403, 404))
def read_week(
    application: CurrentApplication, actor: CurrentActor, person_id: PersonPath, query: Annotated[WeekQuery, Query()]
) -> Response:
    """Read a person's week as a grid: a row for each thing that was worked on, sums, minutes to work, and what does not add up."""
    found = seen.time_week(application.store, actor=actor, person_id=person_id, week=query.week, now=datetime.now(UTC))
    return to_response(stored(shown_week(found)))


@router.put(
    "/people/{person_id}/time-week",
    operation_id="set_time_week",
    response_model=TimeWeekRead,
    responses=problems(403, 404, 409, 412, 413, 415),
)
def set_week(application: CurrentApplication, actor: CurrentActor, person_id: PersonPath, body: TimeWeekWrite) -> Response:
    """Set cells of a person's week, all or none; each cell that changes an entry bears the version that was read."""
    now = datetime.now(UTC)
    cells = [cell.to_value() for cell in body.cells]
    written = done.set_week(application.store, actor=actor, person_id=PersonId(person_id), week=body.week, cells=cells, now=now)
    found = seen.time_week(application.store, actor=actor, person_id=person_id, week=body.week, now=now)
    return to_response(stored(shown_week(found, more=written.warnings)))


@router.post("/people/{person_id}/time-week/copy", operation_id="copy_time_week", response_model=TimeProposed, responses=_WRITES)
def copy_week(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    person_id: PersonPath,
    body: WeekCopy,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Fill a week as another one was, as drafts: each day's minutes of each row that has nothing on the day yet.

    Clock times, tickets and states are not copied. Doing it twice adds nothing twice.
    """
    written = done.copy_week(
        application.store,
        actor=actor,
        person_id=PersonId(person_id),
        week=body.week,
        source=body.source or body.week - timedelta(weeks=1),
        with_notes=body.with_notes,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=_proposed),
    )
    return to_response(_proposed(written))


@router.post("/people/{person_id}/time-week/prefill", operation_id="prefill_time_week", response_model=TimeProposed, responses=_WRITES)
def prefill_week(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    person_id: PersonPath,
    body: WeekPrefill,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Fill a week with what the person's confirmed bookings take of each day, as drafts that name booking and demand.

    A day that has the booking's minutes, or others on its project, gets nothing more. Doing it twice adds nothing twice.
    """
    written = done.prefill_week(
        application.store,
        actor=actor,
        person_id=PersonId(person_id),
        week=body.week,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=_proposed),
    )
    return to_response(_proposed(written))


@router.get("/missing-time", operation_id="list_missing_time", response_model=MissingTimePage, responses=problems(403))
def list_missing(application: CurrentApplication, actor: CurrentActor, query: Annotated[MissingTimeQuery, Query()]) -> Response:
    """List weeks in which less is logged than was to be worked, by person and week, of the people whose whole time one sees."""
    found = seen.missing_time(
        application.store,
        actor=actor,
        first=query.week,
        weeks=query.weeks,
        team=query.team,
        person_id=query.person_id,
        cursor=query.cursor,
        limit=query.limit,
    )
    return to_response(stored(shown_missing(found.items, found.next_cursor)))


def _proposed(written: Any) -> Any:
    return stored(shown_proposed(written))
