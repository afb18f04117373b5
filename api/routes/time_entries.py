"""Worked time, entry by entry."""

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
from api.schemas.lists import ReadQuery
from api.schemas.records import page_shape, shown
from api.schemas.time import TimeEntryList, TimeEntryPatch, TimeEntryRead, TimeEntryWrite, TimeWritten, shown_entries, shown_warnings
from api.versions import with_diff
from scheduler.queries.records import get_record, list_records
from scheduler.usecases import time_entries as done

if TYPE_CHECKING:
    from scheduler.store.time_book import Written

AREA = "time_entries"
router = APIRouter(route_class=JsonRoute, tags=[AREA])
EntryId = Annotated[Id, Path(description="The id the server gave it.")]
TimeEntryPage = page_shape("TimeEntryPage", TimeEntryRead)


def written_shape(written: Written) -> TimeWritten:
    """What was kept, as callers see it."""
    return TimeWritten.model_construct(entries=shown_entries(written.entries), warnings=shown_warnings(written.warnings))


@router.post(
    "/time-entries",
    operation_id="create_time_entry",
    status_code=201,
    response_model=TimeWritten,
    responses=problems(403, 409, 413, 415),
)
def create(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: TimeEntryWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Log work. What crosses midnight becomes one entry for each local day, which together last as long as the work did."""

    def respond(written: Any) -> Any:
        location = address(application.settings.public_url, "time-entries", written.entries[0].id)
        return stored(written_shape(written), status=201, location=location)

    claim = claim_of(request, idempotency_key, respond=respond)
    written = done.log_time(application.store, actor=actor, draft=body.draft(), now=datetime.now(UTC), idempotency=claim)
    return to_response(respond(written))


@router.get("/time-entries", operation_id="list_time_entries", response_model=TimeEntryPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[TimeEntryList, Query()]) -> Response:
    """List time entries, page by page. They sort by: work_date, id."""
    found = list_records(application.store, actor=actor, area=AREA, page=query.page_request(), as_of=query.as_of)
    return to_response(stored(TimeEntryPage.model_construct(items=shown_entries(found.items), next_cursor=found.next_cursor)))


@router.get("/time-entries/{record_id}", operation_id="read_time_entry", response_model=TimeEntryRead, responses=problems(403, 404))
def read_one(application: CurrentApplication, actor: CurrentActor, record_id: EntryId, query: Annotated[ReadQuery, Query()]) -> Response:
    """Read a time entry, as it is or as it was recorded at an instant."""
    value = get_record(application.store, actor=actor, area=AREA, record_id=record_id, as_of=query.as_of)
    return to_response(stored(shown(TimeEntryRead, value), version=value.version))


@router.patch(
    "/time-entries/{record_id}",
    operation_id="change_time_entry",
    response_model=TimeWritten,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def change(
    application: CurrentApplication, actor: CurrentActor, record_id: EntryId, version: ExpectedVersion, body: TimeEntryPatch
) -> Response:
    """
    Change fields of a time entry that is not handed in; the others stay as they are.

    What then crosses midnight becomes several entries, of which the first keeps the id.
    """
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=record_id, version=version, read=TimeEntryRead):
        written = done.change_time(store, actor=actor, entry_id=record_id, version=version, given=body.given(), now=datetime.now(UTC))
    return to_response(stored(written_shape(written), version=written.entries[0].version))


@router.delete(
    "/time-entries/{record_id}",
    operation_id="delete_time_entry",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404, 409, 412, 428),
)
def delete(application: CurrentApplication, actor: CurrentActor, record_id: EntryId, version: ExpectedVersion) -> Response:
    """Delete a time entry that is not handed in."""
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=record_id, version=version, read=TimeEntryRead):
        done.delete_time(store, actor=actor, entry_id=record_id, version=version, now=datetime.now(UTC))
    return Response(status_code=204)
