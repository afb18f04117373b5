"""Deciding on change orders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.change_orders import ApprovalWrite, ChangeOrderWrite, RejectionWrite
from api.schemas.fields import Id
from api.schemas.records import read_shape, shown
from api.versions import with_diff
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.usecases.change_orders import approve_change_order, reject_change_order

if TYPE_CHECKING:
    from scheduler.domain.staffing.change_orders import ChangeOrder

router = APIRouter(route_class=JsonRoute, tags=["change_orders"])
ORDER_READ = read_shape("ChangeOrder", ChangeOrderWrite)
OrderId = Annotated[Id, Path(description="The change order.")]
AREA = "change_orders"


def _respond(order: ChangeOrder) -> StoredResponse:
    return stored(shown(ORDER_READ, order), version=order.version)


@router.post(
    "/change-orders/{order_id}/approve",
    operation_id="approve_change_order",
    response_model=ORDER_READ,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    order_id: OrderId,
    version: ExpectedVersion,
    body: ApprovalWrite,  # noqa: ARG001 - it says nothing
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Approve a change order: contract value, budgets and demands of its project change with it, all or nothing."""
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=order_id, version=version, read=ORDER_READ):
        order = approve_change_order(
            store,
            actor=actor,
            order_id=order_id,
            expected_version=version,
            now=datetime.now(UTC),
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(order))


@router.post(
    "/change-orders/{order_id}/reject",
    operation_id="reject_change_order",
    response_model=ORDER_READ,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def reject(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    order_id: OrderId,
    version: ExpectedVersion,
    body: RejectionWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Reject a change order, for a reason."""
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=order_id, version=version, read=ORDER_READ):
        order = reject_change_order(
            store,
            actor=actor,
            order_id=order_id,
            expected_version=version,
            reason=body.reason,
            now=datetime.now(UTC),
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(order))
