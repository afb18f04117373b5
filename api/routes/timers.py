"""The timer of the person who one is: what one works on just now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.routes.time_entries import written_shape
from api.schemas.time import TimerRead, TimerState, TimerStop, TimerWrite, TimeWritten
from scheduler.queries.time_weeks import running_timer
from scheduler.usecases import time_timers as done

router = APIRouter(route_class=JsonRoute, tags=["time_entries"])


def _shown(timer: Any) -> TimerRead:
    return TimerRead.model_construct(**{name: getattr(timer, name) for name in TimerRead.model_fields})


@router.get("/timer", operation_id="read_timer", response_model=TimerState, responses=problems(403))
def read_timer(application: CurrentApplication, actor: CurrentActor) -> Response:
    """Read one's own running timer; null where none runs."""
    timer = running_timer(application.store, actor=actor)
    return to_response(stored(TimerState.model_construct(running=None if timer is None else _shown(timer))))


@router.post("/timer", operation_id="start_timer", status_code=201, response_model=TimerRead, responses=problems(403, 409, 413, 415))
def start_timer(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: TimerWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begin to work on something; one timer runs at a time. It runs on until it is stopped or discarded, whatever happens to the server."""

    def respond(timer: Any) -> Any:
        return stored(_shown(timer), status=201, location=address(application.settings.public_url, "timer"))

    timer = done.start_timer(
        application.store,
        actor=actor,
        draft=body.draft(done.own_person(actor)),
        zone=body.zone,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(timer))


@router.post("/timer/stop", operation_id="stop_timer", status_code=201, response_model=TimeWritten, responses=problems(403, 409, 413, 415))
def stop_timer(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: TimerStop,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    End the work: the entries that it comes to, in whole minutes, one for each local day.

    Where a policy or a rule stands against them the timer runs on; stop it at an earlier time, or discard it.
    """

    def respond(written: Any) -> Any:
        location = address(application.settings.public_url, "time-entries", written.entries[0].id)
        return stored(written_shape(written), status=201, location=location)

    written = done.stop_timer(
        application.store,
        actor=actor,
        ended_at=body.ended_at,
        note=body.note,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(written))


@router.delete("/timer", operation_id="discard_timer", status_code=204, response_class=Response, responses=problems(403, 409))
def discard_timer(application: CurrentApplication, actor: CurrentActor) -> Response:
    """Forget the running timer; no time is logged."""
    done.discard_timer(application.store, actor=actor, now=datetime.now(UTC))
    return Response(status_code=204)
