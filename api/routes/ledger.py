"""The books: months that are closed, balances taken over, adjustments, roll-forward, revenue and journal."""

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
from api.schemas.fields import Id
from api.schemas.ledger import (
    ClosedMonthList,
    ClosedMonthPage,
    ContractOpeningList,
    ContractOpeningPage,
    ContractOpeningRead,
    ContractOpeningWrite,
    JournalFileQuery,
    JournalFormat,
    MonthCloseWrite,
    MonthsQuery,
    RevenueAdjustmentList,
    RevenueAdjustmentPage,
    RevenueAdjustmentRead,
    RevenueAdjustmentWrite,
    RollForwardQuery,
    first_of,
    said,
    shown_adjustment,
    shown_month,
    shown_opening,
)
from api.schemas.ledger_reports import (
    ClosingRead,
    JournalRead,
    RevenueRead,
    RollForwardRead,
    shown_closing,
    shown_journal,
    shown_revenue,
    shown_roll_forward,
)
from scheduler.domain.billing.journal_export import lines_in
from scheduler.domain.billing.months import last_day
from scheduler.domain.ground.ids import new_id
from scheduler.integrations.journal_files import DATEV_ENCODING, DatevBatch, datev_batch, general_ledger
from scheduler.queries.ledger import journal_report, roll_forward_report
from scheduler.queries.records import list_records
from scheduler.usecases import ledger as done

if TYPE_CHECKING:
    from scheduler.domain.billing.ledger import ContractOpening, RevenueAdjustment

router = APIRouter(route_class=JsonRoute, tags=["ledger"])


@router.get("/closed-months", operation_id="list_closed_months", response_model=ClosedMonthPage, responses=problems(403))
def list_closed(application: CurrentApplication, actor: CurrentActor, query: Annotated[ClosedMonthList, Query()]) -> Response:
    """List closed months, page by page. They sort by: month, id."""
    found = list_records(application.store, actor=actor, area=done.MONTHS, page=query.page_request(), as_of=query.as_of)
    items = [shown_month(one) for one in found.items]
    return to_response(stored(ClosedMonthPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.post("/closed-months", operation_id="close_month", response_model=ClosingRead, responses=problems(403, 409, 413, 415))
def close(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: MonthCloseWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Close a month for good: its balances and its journal are kept, and what is learnt of it later counts in the first open month.

    There is no way back; what was wrong is adjusted in an open month.
    """

    def respond(found: Any) -> Any:
        return stored(shown_closing(found))

    made = done.close_month(
        application.store,
        actor=actor,
        month=first_of(body.month),
        dry_run=body.dry_run,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))


@router.get("/contract-openings", operation_id="list_contract_openings", response_model=ContractOpeningPage, responses=problems(403))
def list_openings(application: CurrentApplication, actor: CurrentActor, query: Annotated[ContractOpeningList, Query()]) -> Response:
    """List balances that were taken over from other books, page by page. They sort by: month, id."""
    found = list_records(application.store, actor=actor, area=done.OPENINGS, page=query.page_request(), as_of=query.as_of)
    items = [shown_opening(one) for one in found.items]
    return to_response(stored(ContractOpeningPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.post(
    "/contract-openings",
    operation_id="create_contract_opening",
    status_code=201,
    response_model=ContractOpeningRead,
    responses=problems(403, 409, 413, 415),
)
def take_over(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: ContractOpeningWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take over a contract's balance from other books: what it had earned and billed before a month that is open."""

    def respond(value: ContractOpening) -> Any:
        location = address(application.settings.public_url, "contract-openings", value.id)
        return stored(shown_opening(value), status=201, version=value.version, location=location)

    made = done.take_over(
        application.store,
        actor=actor,
        value=body.to_value(own_id=new_id()),
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))


@router.delete(
    "/contract-openings/{opening_id}",
    operation_id="delete_contract_opening",
    status_code=204,
    responses=problems(403, 404, 409, 412, 428),
)
def give_back(
    application: CurrentApplication,
    actor: CurrentActor,
    opening_id: Annotated[Id, Path(description="The balance.")],
    version: ExpectedVersion,
) -> Response:
    """Delete a balance that was taken over, as long as its month is open."""
    done.give_back(application.store, actor=actor, opening_id=opening_id, version=version, now=datetime.now(UTC))
    return Response(status_code=204)


@router.get("/revenue-adjustments", operation_id="list_revenue_adjustments", response_model=RevenueAdjustmentPage, responses=problems(403))
def list_adjustments(application: CurrentApplication, actor: CurrentActor, query: Annotated[RevenueAdjustmentList, Query()]) -> Response:
    """List adjustments of revenue, page by page. They sort by: day, id."""
    found = list_records(application.store, actor=actor, area=done.ADJUSTMENTS, page=query.page_request(), as_of=query.as_of)
    items = [shown_adjustment(one) for one in found.items]
    return to_response(stored(RevenueAdjustmentPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.post(
    "/revenue-adjustments",
    operation_id="create_revenue_adjustment",
    status_code=201,
    response_model=RevenueAdjustmentRead,
    responses=problems(403, 409, 413, 415),
)
def adjust(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: RevenueAdjustmentWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add to a contract's revenue and balance by hand, or take away from it, on a day of an open month; it stays."""

    def respond(value: RevenueAdjustment) -> Any:
        location = address(application.settings.public_url, "revenue-adjustments", value.id)
        return stored(shown_adjustment(value), status=201, version=value.version, location=location)

    made = done.adjust_revenue(
        application.store,
        actor=actor,
        value=body.to_value(own_id=new_id(), by=actor.id),
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))


@router.get("/ledger/roll-forward", operation_id="read_roll_forward", response_model=RollForwardRead, responses=problems(403, 409))
def roll_forward(application: CurrentApplication, actor: CurrentActor, query: Annotated[RollForwardQuery, Query()]) -> Response:
    """Read how contracts' balances roll forward: opening + earned - billed + adjusted = closing, at most 36 months."""
    today = datetime.now(UTC).date()
    found = roll_forward_report(
        application.store,
        actor=actor,
        months=query.wanted(today),
        today=today,
        contract_id=query.contract_id,
        client_id=query.client_id,
    )
    return to_response(stored(shown_roll_forward(found)))


@router.get("/ledger/revenue", operation_id="read_revenue", response_model=RevenueRead, responses=problems(403, 409))
def revenue(application: CurrentApplication, actor: CurrentActor, query: Annotated[RollForwardQuery, Query()]) -> Response:
    """Read revenue by month and currency, of one contract or client, or of all."""
    today = datetime.now(UTC).date()
    found = roll_forward_report(
        application.store,
        actor=actor,
        months=query.wanted(today),
        today=today,
        contract_id=query.contract_id,
        client_id=query.client_id,
    )
    return to_response(stored(shown_revenue(found)))


@router.get("/ledger/journal", operation_id="read_journal", response_model=JournalRead, responses=problems(403, 409))
def journal(application: CurrentApplication, actor: CurrentActor, query: Annotated[MonthsQuery, Query()]) -> Response:
    """Read the journal: entries of closed months as they are kept, of open ones as they follow from what is known now."""
    today = datetime.now(UTC).date()
    found = journal_report(application.store, actor=actor, months=query.wanted(today), today=today)
    return to_response(stored(shown_journal(found)))


@router.get(
    "/ledger/journal/file",
    operation_id="download_journal",
    response_class=Response,
    responses={200: {"description": "The file, to be saved", "content": {"text/csv": {}}}, **problems(403, 409)},
)
def journal_file(application: CurrentApplication, actor: CurrentActor, query: Annotated[JournalFileQuery, Query()]) -> Response:
    """Download the journal of some months in the firm's currency: as a general ledger (CSV), or as DATEV's Buchungsstapel."""
    now = datetime.now(UTC)
    months = query.wanted(now.date())
    found = journal_report(application.store, actor=actor, months=months, today=now.date())
    lines = tuple(lines_in(found.home_currency, found.entries))
    name = f"journal-{said(months.first)}-{said(months.last)}"
    if query.format is JournalFormat.CSV:
        return _file(general_ledger(lines).encode(), f"{name}.csv")
    batch = DatevBatch(
        consultant=query.consultant,
        client=query.client,
        fiscal_year_start=query.fiscal_year_start or months.first.replace(month=1),
        first=months.first,
        last=last_day(months.last),
        account_digits=query.account_digits,
        currency=found.home_currency,
    )
    return _file(datev_batch(lines, batch=batch, made_at=now).encode(DATEV_ENCODING), f"EXTF_{name}.csv")


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "private, no-store"}
    return Response(content, media_type="text/csv", headers=headers)
