"""Issued invoices as a file for another program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.invoice_exports import InvoicesFileQuery, InvoicesFormat
from scheduler.integrations.invoice_files import quickbooks_invoices, xero_invoices
from scheduler.queries.invoice_export import issued_documents

router = APIRouter(route_class=JsonRoute, tags=["invoices"])
_WRITERS = {InvoicesFormat.QUICKBOOKS: quickbooks_invoices, InvoicesFormat.XERO: xero_invoices}


@router.get(
    "/ledger/invoices/file",
    operation_id="download_invoices",
    response_class=Response,
    responses={200: {"description": "The file, to be saved", "content": {"text/csv": {}}}, **problems(403, 413)},
)
def download(application: CurrentApplication, actor: CurrentActor, query: Annotated[InvoicesFileQuery, Query()]) -> Response:
    """Download the invoices of some months as QuickBooks Online or Xero import them; credit notes are in Xero's alone."""
    months = query.wanted(datetime.now(UTC).date())
    with_credit_notes = query.format is InvoicesFormat.XERO
    documents = issued_documents(application.store, actor=actor, months=months, with_credit_notes=with_credit_notes)
    content = _WRITERS[query.format](documents, target=query.target())
    name = f"invoices-{query.format.value}-{months.first:%Y-%m}-{months.last:%Y-%m}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "private, no-store"}
    return Response(content.encode(), media_type="text/csv", headers=headers)
