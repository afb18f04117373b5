"""What a demand still needs, by its lead's estimate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.fields import Day, Id, Integer, WriteSchema
from api.schemas.records import read_shape, shown
from api.schemas.work import DemandWrite
from api.versions import with_diff
from scheduler.domain.staffing.effort_left import EFFORT_LEFT_MAX
from scheduler.usecases.effort_left import estimate_effort_left

router = APIRouter(route_class=JsonRoute, tags=["demands"])
DemandRead = read_shape("Demand", DemandWrite)


class EffortLeftWrite(WriteSchema):
    """What is left to be done of a demand, as its lead sees it."""

    minutes: Annotated[Integer, Field(ge=0, le=EFFORT_LEFT_MAX)]
    on: Annotated[
        Day, Field(description="The day of the estimate: it is about the weeks from the next Monday on, that day's own included.")
    ]


@router.put(
    "/demands/{record_id}/effort-left",
    operation_id="estimate_effort_left",
    response_model=DemandRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def estimate(
    application: CurrentApplication,
    actor: CurrentActor,
    record_id: Annotated[Id, Path(description="The id the server gave it.")],
    version: ExpectedVersion,
    body: EffortLeftWrite,
) -> Response:
    """
    Say what is left of a demand: its coming weeks are wanted more or less, in the proportions that they have; 0 ends it.

    The next plan and the nightly rebalance begin from it. What was wanted before stays to be read with `as_of`.
    """
    store = application.store
    with with_diff(store, actor=actor, area="demands", record_id=record_id, version=version, read=DemandRead):
        saved = estimate_effort_left(
            store, actor=actor, demand_id=record_id, version=version, minutes=body.minutes, on=body.on, now=datetime.now(UTC)
        )
    return to_response(stored(shown(DemandRead, saved), version=saved.version))
