"""The settings of the installation's one firm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.fields import Integer
from api.schemas.lists import ReadQuery
from api.schemas.records import patch_shape, patched, shown
from api.schemas.work import FirmWrite
from api.versions import with_diff
from scheduler.queries.records import get_firm
from scheduler.usecases.records import change_firm

router = APIRouter(route_class=JsonRoute, tags=["firm"])


class FirmRead(FirmWrite):
    """The firm's settings; version 0 says that nobody has set them yet."""

    id: str
    version: Integer


FirmPatch = patch_shape("FirmPatch", FirmWrite)


@router.get("/firm", operation_id="read_firm", response_model=FirmRead, responses=problems(403, 404))
def read_firm(application: CurrentApplication, actor: CurrentActor, query: Annotated[ReadQuery, Query()]) -> Response:
    """Read the firm's settings."""
    firm = get_firm(application.store, actor=actor, as_of=query.as_of)
    return to_response(stored(shown(FirmRead, firm), version=firm.version))


@router.patch("/firm", operation_id="change_firm", response_model=FirmRead, responses=problems(403, 404, 409, 412, 413, 415, 428))
def change_settings(
    application: CurrentApplication,
    actor: CurrentActor,
    version: ExpectedVersion,
    body: FirmPatch,  # type: ignore[valid-type]  # made from FirmWrite
) -> Response:
    """Change the firm's settings; fields that are not given stay as they are."""
    store = application.store
    with with_diff(store, actor=actor, area="firm", record_id="firm", version=version, read=FirmRead):
        firm = patched(FirmWrite, body, get_firm(store, actor=actor), version=version)
        saved = change_firm(store, actor=actor, firm=firm, now=datetime.now(UTC))
    return to_response(stored(shown(FirmRead, saved), version=saved.version))
