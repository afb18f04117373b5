"""Open invoices of other books; once taken over they are among the invoices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.invoices import InvoiceHeadRead, shown_head
from api.schemas.open_invoices import OpenInvoiceWrite
from scheduler.domain.ground.ids import new_id
from scheduler.usecases.open_invoices import take_over_invoice

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice

router = APIRouter(route_class=JsonRoute, tags=["invoices"])


@router.post(
    "/open-invoices",
    operation_id="create_open_invoice",
    status_code=201,
    response_model=InvoiceHeadRead,
    responses=problems(403, 409, 413, 415),
)
def take_over(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: OpenInvoiceWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Take over an invoice that other books issued and that is still to be paid.

    It stands among the invoices as issued, is paid and void like them, never changes, and has no number of ours, no files and no revenue.
    """

    def respond(invoice: Invoice) -> Any:
        location = address(application.settings.public_url, "invoices", invoice.id)
        return stored(shown_head(invoice), status=201, version=invoice.version, location=location)

    made = take_over_invoice(
        application.store,
        actor=actor,
        value=body.to_value(own_id=new_id()),
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))
