"""Whether the server lives, and whether it is ready to work."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentApplication
from api.json_route import JsonRoute
from api.refusal import RefusalError
from api.schemas.fields import Schema

router = APIRouter(route_class=JsonRoute, tags=["health"])


class Health(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


@router.get("/health", operation_id="read_health", response_model=Health, responses=problems())
def read_health() -> Response:
    """Whether the process answers; asks nothing else."""
    return to_response(stored(Health()))


@router.get("/readiness", operation_id="read_readiness", response_model=Health, responses=problems())
def read_readiness(application: CurrentApplication) -> Response:
    """Whether requests can be served and jobs will run: database reachable, schema current, worker up."""
    if not application.is_ready():
        raise RefusalError(
            503, "server.not_ready", "The database cannot be reached, its schema is not current, or the job worker is down; see the log."
        )
    return to_response(stored(Health()))
