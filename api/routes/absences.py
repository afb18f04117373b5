"""Asking for days off, deciding it, and what is left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.absences import (
    AbsenceBalancesRead,
    AbsenceRequestOutcome,
    AbsenceRequestRead,
    AbsenceRequestWrite,
    BalanceQuery,
    DecisionWrite,
    shown_balances,
    shown_outcome,
)
from api.schemas.fields import Id
from api.schemas.lists import AbsenceRequestList, ReadQuery
from api.schemas.records import page_shape, shown
from scheduler.domain.ground.ids import new_id
from scheduler.queries.absence_balances import person_balances
from scheduler.queries.records import get_record, list_records
from scheduler.usecases import absence_requests as done

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.application import Application
    from scheduler.domain.ground.idempotency import StoredResponse
    from scheduler.usecases.absence_requests import RequestOutcome

router = APIRouter(route_class=JsonRoute, tags=["absences"])
AREA = "absence_requests"
PATH = "absence-requests"
RowId = Annotated[Id, Path(description="The id the server gave it.")]
AbsenceRequestPage = page_shape("AbsenceRequestPage", AbsenceRequestRead)
_DECIDING: dict[str, Any] = {"response_model": AbsenceRequestOutcome, "responses": problems(403, 404, 409, 412, 413, 415, 428)}


def _respond(application: Application, status: int = 200) -> Callable[[RequestOutcome], StoredResponse]:
    base = application.settings.public_url

    def respond(outcome: RequestOutcome) -> StoredResponse:
        location = address(base, PATH, outcome.request.id) if status == 201 else None
        content = shown_outcome(outcome, plans=address(base, "plans"))
        return stored(content, status=status, version=outcome.request.version, location=location)

    return respond


@router.post(
    f"/{PATH}",
    operation_id="create_absence_request",
    status_code=201,
    response_model=AbsenceRequestOutcome,
    responses=problems(403, 409, 413, 415),
)
def create(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: AbsenceRequestWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for days off. Where the kind needs no approval the person is absent at once, and the answer says which bookings that hits."""
    respond = _respond(application, 201)
    asked = body.to_value(own_id=new_id(), version=0)
    claim = claim_of(request, idempotency_key, respond=respond)
    return to_response(
        respond(done.request_absence(application.store, actor=actor, request=asked, now=datetime.now(UTC), idempotency=claim))
    )


@router.get(f"/{PATH}", operation_id="list_absence_requests", response_model=AbsenceRequestPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[AbsenceRequestList, Query()]) -> Response:
    """List requests for absences, page by page. They sort by: start, id."""
    found = list_records(application.store, actor=actor, area=AREA, page=query.page_request(), as_of=query.as_of)
    items = [shown(AbsenceRequestRead, one) for one in found.items]
    return to_response(stored(AbsenceRequestPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get(f"/{PATH}/{{request_id}}", operation_id="read_absence_request", response_model=AbsenceRequestRead, responses=problems(403, 404))
def read(application: CurrentApplication, actor: CurrentActor, request_id: RowId, query: Annotated[ReadQuery, Query()]) -> Response:
    """Read a request for an absence, as it is or as it was recorded at an instant."""
    one = get_record(application.store, actor=actor, area=AREA, record_id=request_id, as_of=query.as_of)
    return to_response(stored(shown(AbsenceRequestRead, one), version=one.version))


@router.post(f"/{PATH}/{{request_id}}/approve", operation_id="approve_absence_request", **_DECIDING)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    request_id: RowId,
    version: ExpectedVersion,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Approve a request: the person is absent, and bookings that do not fit any more are flagged.

    The answer lists those bookings, and has the request for a plan that would find others. Nobody approves what is their own.
    """
    respond = _respond(application)
    claim = claim_of(request, idempotency_key, respond=respond)
    now = datetime.now(UTC)
    return to_response(
        respond(done.approve_request(application.store, actor=actor, request_id=request_id, version=version, now=now, idempotency=claim))
    )


@router.post(f"/{PATH}/{{request_id}}/withdraw", operation_id="withdraw_absence_request", **_DECIDING)
def withdraw(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    request_id: RowId,
    version: ExpectedVersion,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Withdraw a request before it is decided."""
    respond = _respond(application)
    claim = claim_of(request, idempotency_key, respond=respond)
    now = datetime.now(UTC)
    return to_response(
        respond(done.withdraw_request(application.store, actor=actor, request_id=request_id, version=version, now=now, idempotency=claim))
    )


@router.post(f"/{PATH}/{{request_id}}/reject", operation_id="reject_absence_request", **_DECIDING)
def reject(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    request_id: RowId,
    version: ExpectedVersion,
    body: DecisionWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Reject a request, and say why."""
    respond = _respond(application)
    asked: dict[str, Any] = {"request_id": request_id, "version": version, "reason": body.reason}
    claim = claim_of(request, idempotency_key, respond=respond)
    return to_response(respond(done.reject_request(application.store, actor=actor, **asked, now=datetime.now(UTC), idempotency=claim)))


@router.post(f"/{PATH}/{{request_id}}/cancel", operation_id="cancel_absence_request", **_DECIDING)
def cancel(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    request_id: RowId,
    version: ExpectedVersion,
    body: DecisionWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take an approval back, and say why: the absence goes, and what it took of the balance is there again."""
    respond = _respond(application)
    asked: dict[str, Any] = {"request_id": request_id, "version": version, "reason": body.reason}
    claim = claim_of(request, idempotency_key, respond=respond)
    return to_response(respond(done.cancel_request(application.store, actor=actor, **asked, now=datetime.now(UTC), idempotency=claim)))


@router.get(
    "/people/{person_id}/absence-balances",
    operation_id="read_absence_balances",
    response_model=AbsenceBalancesRead,
    responses=problems(403, 404),
)
def read_balances(
    application: CurrentApplication,
    actor: CurrentActor,
    person_id: Annotated[Id, Path(description="The person.")],
    query: Annotated[BalanceQuery, Query()],
) -> Response:
    """Read what somebody has left of each kind of absence in a year, with the rows that it is made of."""
    found = person_balances(application.store, actor=actor, person_id=person_id, year=query.year, as_of=query.as_of)
    return to_response(stored(shown_balances(person_id, query.year, found)))
