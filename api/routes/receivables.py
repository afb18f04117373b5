"""What clients owe, how long billing takes, and plan against actual in money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.schemas.receivables import (
    BillingCycleRead,
    DaysQuery,
    ProfitabilityQuery,
    ProfitabilityRead,
    ProfitLinesQuery,
    ProfitLinesRead,
    ReceivablesQuery,
    ReceivablesRead,
    shown_cycle,
    shown_lines,
    shown_profitability,
    shown_receivables,
)
from scheduler.queries.profitability import profit_rows, profitability
from scheduler.queries.receivables import billing_cycle_report, receivables_report

router = APIRouter(route_class=JsonRoute, tags=["reports"])


@router.get("/reports/receivables", operation_id="read_receivables", response_model=ReceivablesRead, responses=problems(403))
def receivables(application: CurrentApplication, actor: CurrentActor, query: Annotated[ReceivablesQuery, Query()]) -> Response:
    """Read what each client owes as of a day, by how long it has been due, and days sales outstanding; currency by currency."""
    on = query.on or datetime.now(UTC).date()
    return to_response(stored(shown_receivables(receivables_report(application.store, actor=actor, on=on))))


@router.get("/reports/billing-cycle", operation_id="read_billing_cycle", response_model=BillingCycleRead, responses=problems(403))
def billing_cycle(application: CurrentApplication, actor: CurrentActor, query: Annotated[DaysQuery, Query()]) -> Response:
    """Read how many days time and expenses waited for their bill, of invoices issued on these days (at most 366)."""
    first, last = query.days(datetime.now(UTC).date())
    found = billing_cycle_report(application.store, actor=actor, first=first, last=last)
    return to_response(stored(shown_cycle(found, first, last)))


@router.get("/reports/profitability", operation_id="read_profitability", response_model=ProfitabilityRead, responses=problems(403, 409))
def read_profitability(application: CurrentApplication, actor: CurrentActor, query: Annotated[ProfitabilityQuery, Query()]) -> Response:
    """Read what bookings were to bring and cost on these days (at most 366), and what work did, by project, client, person or team."""
    today = datetime.now(UTC).date()
    first, last = query.days(today)
    found = profitability(application.store, actor=actor, first=first, last=last, by=query.by, today=today)
    return to_response(stored(shown_profitability(found, query.by)))


@router.get("/reports/profitability/lines", operation_id="list_profit_lines", response_model=ProfitLinesRead, responses=problems(403))
def lines(application: CurrentApplication, actor: CurrentActor, query: Annotated[ProfitLinesQuery, Query()]) -> Response:
    """List the lines of which a group of the profitability report is made, by day; at most 2,000."""
    first, last = query.days(datetime.now(UTC).date())
    found = profit_rows(application.store, actor=actor, first=first, last=last, by=query.by, key=query.key)
    return to_response(stored(shown_lines(found)))
