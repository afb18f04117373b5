"""Invoices and credit notes, from the draft to the last payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.fields import Id
from api.schemas.invoices import (
    CreditWrite,
    InvoiceDraftWrite,
    InvoiceHeadRead,
    InvoiceList,
    InvoicePatch,
    InvoiceRead,
    InvoiceWholeRead,
    IssueWrite,
    NothingWrite,
    PaymentList,
    PaymentRead,
    PaymentWrite,
    ReasonWrite,
    shown_head,
    shown_invoice,
    shown_payment,
    shown_whole,
)
from api.schemas.records import page_shape
from scheduler.application import Application
from scheduler.domain.billing.invoices import Invoice, Payment
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.queries import invoices as seen
from scheduler.queries.records import list_records
from scheduler.usecases import invoices as done
from scheduler.usecases.credit_notes import credit_invoice
from scheduler.usecases.invoice_drafts import draft_invoice
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.payments import record_payment

router = APIRouter(route_class=JsonRoute, tags=["invoices"])
InvoicePage = page_shape("InvoicePage", InvoiceRead)
PaymentPage = page_shape("PaymentPage", PaymentRead)
InvoiceId = Annotated[Id, Path(description="The invoice.")]
_STEP = problems(403, 404, 409, 412, 413, 415, 428)


def _changed(invoice: Invoice) -> StoredResponse:
    return stored(shown_head(invoice), version=invoice.version)


def _stepped(request: Request, key: str | None, step: Callable[..., Invoice]) -> Response:
    """The head after a step, once for each idempotency key."""
    claim = claim_of(request, key, respond=_changed)
    return to_response(_changed(step(now=datetime.now(UTC), idempotency=claim)))


def _made(application: Application) -> Any:
    def respond(invoice: Invoice) -> StoredResponse:
        location = address(application.settings.public_url, "invoices", invoice.id)
        return stored(shown_head(invoice), status=201, version=invoice.version, location=location)

    return respond


@router.get("/invoices", operation_id="list_invoices", response_model=InvoicePage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[InvoiceList, Query()]) -> Response:
    """List invoices and credit notes without their lines, page by page, with what is open. They sort by: issued_on, id."""
    found = seen.list_invoices(application.store, actor=actor, page=query.page_request())
    items = [shown_invoice(one) for one in found.items]
    return to_response(stored(InvoicePage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.post(
    "/invoices", operation_id="create_invoice", status_code=201, response_model=InvoiceHeadRead, responses=problems(403, 409, 413, 415)
)
def create(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: InvoiceDraftWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Draft one invoice of what is billable under one contract, or under several that go together."""
    respond = _made(application)
    made = draft_invoice(
        application.store,
        actor=actor,
        contract_ids=body.contract_ids,
        until=body.until,
        since=body.since,
        entries=body.entries,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))


@router.get("/invoices/{invoice_id}", operation_id="read_invoice", response_model=InvoiceWholeRead, responses=problems(403, 404))
def read(application: CurrentApplication, actor: CurrentActor, invoice_id: InvoiceId) -> Response:
    """Read an invoice with its lines, what stands on them, files, payments, and what is left to be credited."""
    found = seen.get_invoice(application.store, actor=actor, invoice_id=invoice_id)
    return to_response(stored(shown_whole(found), version=found.invoice.version))


@router.patch("/invoices/{invoice_id}", operation_id="change_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def change(
    application: CurrentApplication, actor: CurrentActor, invoice_id: InvoiceId, version: ExpectedVersion, body: InvoicePatch
) -> Response:
    """Change note, days to pay or language of a draft, and leave lines out of it."""
    changed = done.change_draft(
        application.store,
        actor=actor,
        invoice_id=invoice_id,
        expected_version=version,
        given=body.given(),
        leave_out=body.leave_out,
        now=datetime.now(UTC),
    )
    return to_response(_changed(changed))


@router.delete("/invoices/{invoice_id}", operation_id="delete_invoice", status_code=204, responses=problems(403, 404, 409, 412, 428))
def delete(application: CurrentApplication, actor: CurrentActor, invoice_id: InvoiceId, version: ExpectedVersion) -> Response:
    """Cancel what was never issued, without a reason. It stays, as cancelled; what stands on it can be billed again."""
    done.cancel_invoice(application.store, actor=actor, invoice_id=invoice_id, expected_version=version, reason=None, now=datetime.now(UTC))
    return Response(status_code=204)


@router.post("/invoices/{invoice_id}/approve", operation_id="approve_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: NothingWrite,  # noqa: ARG001 - it says nothing
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that a draft is right."""
    step = partial(done.approve_invoice, application.store, actor=actor, invoice_id=invoice_id, expected_version=version)
    return _stepped(request, idempotency_key, step)


@router.post("/invoices/{invoice_id}/reopen", operation_id="reopen_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def reopen(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: NothingWrite,  # noqa: ARG001 - it says nothing
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take an approved invoice back to draft."""
    step = partial(done.reopen_invoice, application.store, actor=actor, invoice_id=invoice_id, expected_version=version)
    return _stepped(request, idempotency_key, step)


@router.post("/invoices/{invoice_id}/cancel", operation_id="cancel_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def cancel(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: ReasonWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give up what was never issued; what stands on it can be billed again."""
    step = partial(done.cancel_invoice, application.store, actor=actor, invoice_id=invoice_id, expected_version=version, reason=body.reason)
    return _stepped(request, idempotency_key, step)


@router.post("/invoices/{invoice_id}/issue", operation_id="issue_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def issue(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: IssueWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Issue what is approved: it gets its number and its files, and never changes again."""
    claim = claim_of(request, idempotency_key, respond=_changed)
    issued = issue_invoice(
        application.store,
        actor=actor,
        invoice_id=invoice_id,
        expected_version=version,
        files_of=application.invoice_files,
        issued_on=body.issued_on,
        now=datetime.now(UTC),
        idempotency=claim,
    )
    return to_response(_changed(issued))


@router.post("/invoices/{invoice_id}/void", operation_id="void_invoice", response_model=InvoiceHeadRead, responses=_STEP)
def void(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: ReasonWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that what was issued does not count, as long as nobody paid or credited it; its number stays taken."""
    step = partial(done.void_invoice, application.store, actor=actor, invoice_id=invoice_id, expected_version=version, reason=body.reason)
    return _stepped(request, idempotency_key, step)


@router.post(
    "/invoices/{invoice_id}/credit", operation_id="credit_invoice", status_code=201, response_model=InvoiceHeadRead, responses=_STEP
)
def credit(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    version: ExpectedVersion,
    body: CreditWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Draft a credit note of lines of an issued invoice, or of all that is left of it; it is approved and issued like an invoice."""
    respond = _made(application)
    note = credit_invoice(
        application.store,
        actor=actor,
        invoice_id=invoice_id,
        expected_version=version,
        reason=body.reason,
        wanted=body.wanted(),
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(note))


@router.post(
    "/invoices/{invoice_id}/payments",
    operation_id="create_payment",
    status_code=201,
    response_model=PaymentRead,
    responses=problems(403, 404, 409, 413, 415),
)
def pay(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    invoice_id: InvoiceId,
    body: PaymentWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Record what was paid, paid back, written off, or taken back of that; never more than is open. A mistake is set right by its opposite."""

    def respond(payment: Payment) -> StoredResponse:
        return stored(shown_payment(payment), status=201, version=payment.version)

    given = {name: getattr(body, name) for name in PaymentWrite.model_fields}
    claim = claim_of(request, idempotency_key, respond=respond)
    args: dict[str, Any] = {"actor": actor, "invoice_id": invoice_id, "now": datetime.now(UTC)}
    return to_response(respond(record_payment(application.store, **args, **given, idempotency=claim)))


@router.get("/payments", operation_id="list_payments", response_model=PaymentPage, responses=problems(403))
def list_payments(application: CurrentApplication, actor: CurrentActor, query: Annotated[PaymentList, Query()]) -> Response:
    """List payments, page by page. They sort by: paid_on, id."""
    found = list_records(application.store, actor=actor, area="payments", page=query.page_request(), as_of=query.as_of)
    items = [shown_payment(one) for one in found.items]
    return to_response(stored(PaymentPage.model_construct(items=items, next_cursor=found.next_cursor)))
