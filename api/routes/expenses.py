"""Receipts of expenses, and what an expense does not keep. The lines themselves are records as others are."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Path, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.expenses import ExpenseCheckRead, ExpenseWrite, shown_check
from api.schemas.fields import Id
from api.schemas.records import read_shape, shown
from scheduler.domain.delivery.receipts import RECEIPT_BYTES_MAX, MediaType, receipt_of
from scheduler.domain.ground.ids import ReceiptId, new_id
from scheduler.queries.expenses import expense_breaches, receipt_content
from scheduler.usecases import expenses as done

if TYPE_CHECKING:
    from scheduler.domain.delivery.expenses import Expense
    from scheduler.domain.ground.idempotency import StoredResponse

router = APIRouter(route_class=JsonRoute, tags=["expenses"])
_EXPENSE = read_shape("Expense", ExpenseWrite)
ExpenseId = Annotated[Id, Path(description="The expense.")]
ReceiptPart = Annotated[Id, Path(description="The receipt.")]
SAFE = {
    # The file is somebody else's: no browser shows it on our pages, runs anything in it, or keeps it.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@router.get("/expenses/{expense_id}/check", operation_id="check_expense", response_model=ExpenseCheckRead, responses=problems(403, 404))
def check(application: CurrentApplication, actor: CurrentActor, expense_id: ExpenseId) -> Response:
    """Say which rules of its category an expense does not keep, and whether it can be handed in so."""
    found = expense_breaches(application.store, actor=actor, expense_id=expense_id, today=datetime.now(UTC).date())
    return to_response(stored(shown_check(found)))


@router.post(
    "/expenses/{expense_id}/receipts",
    operation_id="add_receipt",
    status_code=201,
    response_model=_EXPENSE,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def add_receipt(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    expense_id: ExpenseId,
    version: ExpectedVersion,
    file: Annotated[UploadFile, File(description="A PDF, PNG or JPEG of at most 10 MiB; what it is is told by its content.")],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a receipt to an expense that is not handed in. The answer is the expense, in its next version."""
    content = file.file.read(RECEIPT_BYTES_MAX + 1)
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name or "receipt"

    def respond(expense: Expense) -> StoredResponse:
        location = address(application.settings.public_url, "expenses", expense.id, "receipts", expense.receipts[-1].id)
        return stored(shown(_EXPENSE, expense), status=201, version=expense.version, location=location)

    receipt = receipt_of(ReceiptId(new_id()), name=name, content=content)
    digest = hashlib.sha256(f"{receipt.sha256} {name}".encode()).hexdigest()
    saved = done.add_receipt(
        application.store,
        actor=actor,
        expense_id=expense_id,
        version=version,
        receipt=receipt,
        content=content,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond, body_sha256=digest),
    )
    return to_response(respond(saved))


@router.get(
    "/expenses/{expense_id}/receipts/{receipt_id}",
    operation_id="download_receipt",
    response_class=Response,
    responses={
        200: {"description": "The file, to be saved", "content": {kind.value: {} for kind in MediaType}},
        **problems(403, 404),
    },
)
def download_receipt(application: CurrentApplication, actor: CurrentActor, expense_id: ExpenseId, receipt_id: ReceiptPart) -> Response:
    """Download a receipt: a file to be saved, whose type is what its content is."""
    receipt, content = receipt_content(application.store, actor=actor, expense_id=expense_id, receipt_id=receipt_id)
    name = f"attachment; filename*=UTF-8''{quote(receipt.name or 'receipt', safe='')}"
    return Response(content, media_type=receipt.media_type.value, headers={**SAFE, "Content-Disposition": name})


@router.delete(
    "/expenses/{expense_id}/receipts/{receipt_id}",
    operation_id="delete_receipt",
    response_model=_EXPENSE,
    responses=problems(403, 404, 409, 412, 428),
)
def delete_receipt(
    application: CurrentApplication, actor: CurrentActor, expense_id: ExpenseId, receipt_id: ReceiptPart, version: ExpectedVersion
) -> Response:
    """Remove a receipt from an expense that is not handed in. The answer is the expense, in its next version."""
    saved = done.delete_receipt(
        application.store, actor=actor, expense_id=expense_id, receipt_id=receipt_id, version=version, now=datetime.now(UTC)
    )
    return to_response(stored(shown(_EXPENSE, saved), version=saved.version))
