"""Ready-made series of what-if plans."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.fields import Id
from api.schemas.records import page_shape
from api.schemas.sweeps import SweepList, SweepRead, SweepWrite, shown_sweep
from api.waiting import Asked, Prefer, answer_within, wait_s
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.jobs import OPEN_JOBS
from scheduler.domain.staffing.sweeps import Sweep
from scheduler.queries.authentication import is_still_let_in
from scheduler.queries.jobs import get_sweep, list_sweeps
from scheduler.usecases.plans import request_sweep

router = APIRouter(route_class=JsonRoute, tags=["scenarios"])
SweepPage = page_shape("SweepPage", SweepRead)
SweepId = Annotated[Id, Path(description="The id the server gave it.")]


@router.post("/sweeps", operation_id="create_sweep", status_code=202, response_model=SweepRead, responses=problems(403, 409, 413, 415))
def create_sweep(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: SweepWrite,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Ask one question that takes a series of what-if plans: a pipeline, an earliest start, a frontier, hires.

    It is answered in the background; its address is in Location. No live row changes. It is removed some time after its end.
    """

    def respond(sweep: Sweep) -> StoredResponse:
        return stored(shown_sweep(sweep), status=202, location=address(application.settings.public_url, "sweeps", sweep.id))

    store, now = application.store, datetime.now(UTC)
    ask = partial(request_sweep, store, actor=actor, request=body.to_value(), now=now, blind=application.settings.cost_blind_plans)
    asked = Asked(
        ask=partial(ask, idempotency=claim_of(request, idempotency_key, respond=respond)),
        accepted=respond,
        look=lambda sweep_id: get_sweep(store, actor=actor, sweep_id=sweep_id),
        is_finished=lambda sweep: sweep.job.state not in OPEN_JOBS,
        finished=lambda sweep, location: stored(shown_sweep(sweep), location=location),
        may_wait=lambda: is_still_let_in(store, actor=actor, now=datetime.now(UTC)),
    )
    return answer_within(request, asked, wait_s(prefer))


@router.get("/sweeps", operation_id="list_sweeps", response_model=SweepPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[SweepList, Query()]) -> Response:
    """List sweeps without what they say, page by page. They sort by: created_at, id."""
    found = list_sweeps(application.store, actor=actor, page=query.page_request())
    return to_response(stored(SweepPage.model_construct(items=[shown_sweep(one) for one in found.items], next_cursor=found.next_cursor)))


@router.get("/sweeps/{sweep_id}", operation_id="read_sweep", response_model=SweepRead, responses=problems(403, 404))
def read_sweep(application: CurrentApplication, actor: CurrentActor, sweep_id: SweepId) -> Response:
    """Read a sweep: how far it is and, once there is one, what it says."""
    return to_response(stored(shown_sweep(get_sweep(application.store, actor=actor, sweep_id=sweep_id))))
