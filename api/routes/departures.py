"""Somebody leaves the firm."""

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
from api.schemas.fields import Day, Id, Schema, WriteSchema
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.staffing.departure import Departure
from scheduler.usecases.departures import deactivate_person

router = APIRouter(route_class=JsonRoute, tags=["people"])


class DepartureWrite(WriteSchema):
    """``leaves``: the first day on which the person does not work any more."""

    leaves: Day


class DepartureRead(Schema):
    """What ended: bookings by id, and the demands that were made of work which none stood for."""

    person_id: Id
    bookings_shortened: list[str]
    bookings_deleted: list[str]
    demands_added: list[str]


@router.post(
    "/people/{record_id}/deactivate",
    operation_id="deactivate_person",
    response_model=DepartureRead,
    responses=problems(403, 404, 409, 413, 415),
)
def deactivate(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    record_id: Annotated[Id, Path(description="The id the server gave it.")],
    body: DepartureWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Let a person go: their access ends at once, terms and bookings on the day they leave, and what they were booked for is open again.

    The week in which they leave is worked as booked. Work booked without a demand becomes one.
    """

    def respond(done: Departure) -> StoredResponse:
        return stored(
            DepartureRead(
                person_id=done.person.id,
                bookings_shortened=[booking.id for booking in done.changed],
                bookings_deleted=[booking.id for booking in done.deleted],
                demands_added=[demand.id for demand in done.demands],
            )
        )

    claim = claim_of(request, idempotency_key, respond=respond)
    return to_response(
        respond(
            deactivate_person(
                application.store, actor=actor, person_id=record_id, leaves=body.leaves, now=datetime.now(UTC), idempotency=claim
            )
        )
    )
