"""The optimiser as a service: a problem in, a plan out, nothing in the firm's own rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute, RawJsonRoute, raw_body
from api.refusal import RefusalError
from api.schemas.fields import Id
from api.schemas.jobs import SolveQuery, SolveRead, shown_solve
from api.waiting import Asked, Prefer, answer_within, wait_s
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.jobs import OPEN_JOBS
from scheduler.domain.staffing.solves import Solve
from scheduler.queries.authentication import is_still_let_in
from scheduler.queries.jobs import get_solve
from scheduler.usecases.solves import request_solve

raw_router = APIRouter(route_class=RawJsonRoute, tags=["solves"])
router = APIRouter(route_class=JsonRoute, tags=["solves"])
SolveId = Annotated[Id, Path(description="The id the server gave it.")]
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "description": "staffing-problem/1; docs/model.md describes it.",
                "properties": {"format": {"const": "staffing-problem/1"}},
                "required": ["format"],
            }
        }
    },
}


@raw_router.post(
    "/solve",
    operation_id="create_solve",
    status_code=202,
    response_model=SolveRead,
    responses=problems(403, 413, 415),
    openapi_extra={"requestBody": _BODY},
)
def create_solve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    raw: Annotated[bytes, Depends(raw_body)],
    query: Annotated[SolveQuery, Query()],
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Have a problem of one's own solved: staffing-problem/1 in, staffing-plan/1 out, with its proof. At most 64 MB.

    It is solved in the background; its address is in Location. Only who sent it sees it. It is removed some time after its end.
    """

    def respond(solve: Solve) -> StoredResponse:
        return stored(shown_solve(solve), status=202, location=address(application.settings.public_url, "solves", solve.id))

    store, now = application.store, datetime.now(UTC)
    claim = claim_of(request, idempotency_key, respond=respond)
    asked = Asked(
        ask=lambda: request_solve(store, actor=actor, raw=raw, limits=query.to_value(), now=now, idempotency=claim),
        accepted=respond,
        look=lambda solve_id: get_solve(store, actor=actor, solve_id=solve_id),
        is_finished=lambda solve: solve.job.state not in OPEN_JOBS,
        finished=lambda solve, location: stored(shown_solve(solve), location=location),
        may_wait=lambda: is_still_let_in(store, actor=actor, now=datetime.now(UTC)),
    )
    return answer_within(request, asked, wait_s(prefer))


@router.get("/solves/{solve_id}", operation_id="read_solve", response_model=SolveRead, responses=problems(403, 404))
def read_solve(application: CurrentApplication, actor: CurrentActor, solve_id: SolveId) -> Response:
    """Read a solve of one's own: how far it is and, once there is one, the plan."""
    return to_response(stored(shown_solve(get_solve(application.store, actor=actor, solve_id=solve_id))))


@router.get("/solves/{solve_id}/plan", operation_id="download_solved_plan", responses=problems(403, 404))
def download_solved_plan(application: CurrentApplication, actor: CurrentActor, solve_id: SolveId) -> Response:
    """The plan as a file for `muster verify PROBLEM PLAN`."""
    solve = get_solve(application.store, actor=actor, solve_id=solve_id)
    if solve.result is None:
        raise RefusalError(404, "plan.no_result", f"The solve is {solve.job.state} and has no plan; wait until it has succeeded.")
    return JSONResponse(dict(solve.result["answer"]), headers={"Content-Disposition": f'attachment; filename="plan-{solve_id}.json"'})
