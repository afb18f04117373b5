"""Invoice runs, files and explanations of invoices, and what was never billed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.routes.expenses import SAFE
from api.schemas.fields import Id
from api.schemas.invoice_runs import (
    InvoiceRunList,
    InvoiceRunRead,
    InvoiceRunWrite,
    UnbilledQuery,
    UnbilledRead,
    shown_proposals,
    shown_run,
    shown_unbilled,
)
from api.schemas.invoices import ExplanationRead, shown_item, shown_line
from api.schemas.records import page_shape
from api.waiting import Asked, Prefer, answer_within, wait_s
from scheduler.domain.billing.run_progress import InvoiceRun
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.jobs import OPEN_JOBS
from scheduler.queries import invoices as seen
from scheduler.queries.authentication import is_still_let_in
from scheduler.queries.invoice_proposals import propose_invoices
from scheduler.queries.unbilled import unbilled_work
from scheduler.usecases.invoice_runs import request_invoice_run

router = APIRouter(route_class=JsonRoute, tags=["invoices"])
InvoiceRunPage = page_shape("InvoiceRunPage", InvoiceRunRead)
RunId = Annotated[Id, Path(description="The id the server gave it.")]
InvoiceId = Annotated[Id, Path(description="The invoice.")]
Position = Annotated[int, Path(ge=1, le=1_000_000, description="The line.")]
FileKind = Annotated[
    Literal["pdf", "cii", "ubl"], Path(description="The PDF, or the electronic invoice in one of the syntaxes of EN 16931.")
]
_TYPES = {"pdf": ("application/pdf", "pdf"), "cii": ("application/xml", "cii.xml"), "ubl": ("application/xml", "ubl.xml")}


@router.post(
    "/invoice-runs",
    operation_id="create_invoice_run",
    status_code=202,
    response_model=InvoiceRunRead,
    responses={200: {"description": "What it would draft", "model": InvoiceRunRead}, **problems(403, 409, 413, 415)},
)
def create_run(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: InvoiceRunWrite,
    dry_run: Annotated[bool, Query(description="Say what would be drafted, and what is left and why; nothing is written.")] = False,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Draft everything that is billable, in the background: one invoice for each contract, or client who wants that, each at once or not at all.

    Asked again, or begun again after a crash, it bills nothing twice.
    """
    store, now, scope = application.store, datetime.now(UTC), body.to_value()
    if dry_run:
        return to_response(stored(shown_proposals(propose_invoices(store, actor=actor, scope=scope, now=now), body)))

    def respond(run: InvoiceRun) -> StoredResponse:
        return stored(shown_run(run), status=202, location=address(application.settings.public_url, "invoice-runs", run.id))

    claim = claim_of(request, idempotency_key, respond=respond)
    asked = Asked(
        ask=partial(request_invoice_run, store, actor=actor, scope=scope, now=now, idempotency=claim),
        accepted=respond,
        look=lambda run_id: seen.get_invoice_run(store, actor=actor, run_id=run_id),
        is_finished=lambda run: run.job.state not in OPEN_JOBS,
        finished=lambda run, location: stored(shown_run(run), location=location),
        may_wait=lambda: is_still_let_in(store, actor=actor, now=datetime.now(UTC)),
    )
    return answer_within(request, asked, wait_s(prefer))


@router.get("/invoice-runs", operation_id="list_invoice_runs", response_model=InvoiceRunPage, responses=problems(403))
def list_runs(application: CurrentApplication, actor: CurrentActor, query: Annotated[InvoiceRunList, Query()]) -> Response:
    """List runs without what came of them, page by page. They sort by: created_at, id."""
    found = seen.list_invoice_runs(application.store, actor=actor, page=query.page_request())
    items = [shown_run(one) for one in found.items]
    return to_response(stored(InvoiceRunPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get("/invoice-runs/{run_id}", operation_id="read_invoice_run", response_model=InvoiceRunRead, responses=problems(403, 404))
def read_run(application: CurrentApplication, actor: CurrentActor, run_id: RunId) -> Response:
    """Read a run: how far it is, and what came of each group of contracts."""
    return to_response(stored(shown_run(seen.get_invoice_run(application.store, actor=actor, run_id=run_id))))


@router.get(
    "/invoices/{invoice_id}/files/{kind}",
    operation_id="download_invoice_file",
    response_class=Response,
    responses={
        200: {"description": "The file, to be saved", "content": {"application/pdf": {}, "application/xml": {}}},
        **problems(403, 404),
    },
)
def download(application: CurrentApplication, actor: CurrentActor, invoice_id: InvoiceId, kind: FileKind) -> Response:
    """Download a file of an invoice, as it was issued."""
    invoice, content = seen.invoice_file(application.store, actor=actor, invoice_id=invoice_id, kind=kind)
    media_type, ending = _TYPES[kind]
    name = f"attachment; filename*=UTF-8''{quote(f'{invoice.number or invoice.id}.{ending}', safe='')}"
    return Response(content, media_type=media_type, headers={**SAFE, "Content-Disposition": name})


@router.get(
    "/invoices/{invoice_id}/lines/{position}/explain",
    operation_id="explain_invoice_line",
    response_model=ExplanationRead,
    responses=problems(403, 404),
)
def explain(application: CurrentApplication, actor: CurrentActor, invoice_id: InvoiceId, position: Position) -> Response:
    """Say which rules and rows, in which version, made the amount of a line."""
    _, line, items = seen.explain_line(application.store, actor=actor, invoice_id=invoice_id, position=position)
    told = ExplanationRead.model_construct(
        line=shown_line(line), trail=[dict(one) for one in line.trail], items=[shown_item(item) for item in items]
    )
    return to_response(stored(told))


@router.get("/reports/unbilled", operation_id="read_unbilled", response_model=UnbilledRead, responses=problems(403))
def read_unbilled(application: CurrentApplication, actor: CurrentActor, query: Annotated[UnbilledQuery, Query()]) -> Response:
    """Read what was approved and could have been billed so many days ago and is on no invoice, by contract, with the reasons."""
    found = unbilled_work(application.store, actor=actor, days=query.days, now=datetime.now(UTC))
    return to_response(stored(shown_unbilled(found)))
