"""The HTTP application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from api import docs_page, password_page, problems
from api.authentication import Authentication, describe_credentials
from api.idempotency import replay
from api.request_id import RequestIds
from api.routes import (
    absences,
    approvals,
    audit,
    budgets,
    change_orders,
    contracts,
    deals,
    departures,
    effort_left,
    expenses,
    explanations,
    firm,
    health,
    imports,
    invoice_exports,
    invoice_runs,
    invoices,
    jobs,
    ledger,
    legal_entities,
    mails,
    margins,
    metrics,
    oidc,
    open_invoices,
    plan_application,
    plans,
    rates,
    rebalance,
    receivables,
    reports,
    scenarios,
    scim,
    session,
    solves,
    structure,
    sweeps,
    time_entries,
    time_weeks,
    timers,
    users,
    webhooks,
)
from api.routes.records import records_router
from api.schemas.problem import Problem
from api.scim_errors import describe_scim_errors
from api.security import Door
from scheduler import log_lines
from scheduler.domain.ground.idempotency import Replayed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scheduler.application import Application

DESCRIPTION = (
    "Muster plans a professional-services firm's people. Durations are whole minutes, amounts whole minor units of the firm's currency, "
    'rates per hour and fractions exact decimals written as text ("85.50"), days ISO dates, intervals without their end. To change or '
    "delete a thing, send the ETag you read in If-Match. Every POST honours Idempotency-Key for 24 hours. Errors are RFC 9457 problems "
    "with a stable code. Every operation needs a session (POST /v1/session; its cookie, and for changes its csrf_token in X-CSRF-Token) or an "
    "API token (Authorization: Bearer). What somebody may not see is answered as if it did not exist."
)


def create_app(application: Application) -> FastAPI:
    """The app that serves ``application``; it starts and stops it together with the server."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Off the event loop: the job engine blocks while it starts and stops.
        await anyio.to_thread.run_sync(partial(application.start, worker=application.settings.worker))
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(application.stop)

    app = bare_app(lifespan=lifespan)
    app.state.application = application
    host = urlsplit(application.settings.public_url).hostname
    app.add_middleware(Authentication, application=application)
    app.add_middleware(Door, hosts=[host] if host else [])
    app.add_middleware(RequestIds)
    return app


AREAS = (
    absences,
    expenses,
    departures,
    effort_left,
    plans,
    plan_application,
    rebalance,
    scenarios,
    sweeps,
    explanations,
    margins,
    rates,
    reports,
    structure,
    approvals,
    time_entries,
    time_weeks,
    timers,
    deals,
    change_orders,
    contracts,
    legal_entities,
    invoice_exports,
    ledger,
    receivables,
    budgets,
    invoices,
    open_invoices,
    invoice_runs,
    imports,
    audit,
    session,
    oidc,
    users,
)


def bare_app(*, lifespan: Any = None) -> FastAPI:
    """All operations, without an application behind them: enough to describe them."""
    app = FastAPI(
        title="Muster",
        version=version("muster"),
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    problems.install(app)
    app.add_exception_handler(Replayed, replay)
    _include(app)
    _describe(app)

    @app.get("/password", include_in_schema=False)
    def password() -> HTMLResponse:
        return HTMLResponse(password_page.PAGE, headers=password_page.HEADERS)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page.page(app.openapi()))

    return app


def _include(app: FastAPI) -> None:
    """Every operation, area by area."""
    app.include_router(health.router, prefix="/v1")
    app.include_router(records_router(), prefix="/v1")
    app.include_router(firm.router, prefix="/v1")
    app.include_router(solves.raw_router, prefix="/v1")
    for area in (jobs, solves, metrics, webhooks, mails):
        app.include_router(area.router, prefix="/v1")
    for area in AREAS:
        app.include_router(area.router, prefix="/v1")
    app.include_router(scim.router, prefix="/scim/v2")


def _describe(app: FastAPI) -> None:
    """Put our error shape in place of the framework's, which this app never sends, and say what needs a credential."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = plain()
            shapes = found["components"]["schemas"]
            for unused in ("HTTPValidationError", "ValidationError"):
                shapes.pop(unused, None)
            whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            shapes.update(whole.pop("$defs"))
            shapes[Problem.__name__] = whole
            describe_credentials(found)
            describe_scim_errors(found)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # the framework's way to extend the description


def app_from_environment() -> FastAPI:
    """The app with settings from the environment; for ``uvicorn --factory api.app:app_from_environment``."""
    from scheduler.application import Application
    from scheduler.config import Settings

    log_lines.configure()
    return create_app(Application(Settings()))
