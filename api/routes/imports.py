"""Importing a firm's tables."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_body import text_fault
from api.json_route import JsonRoute
from api.refusal import RefusalError
from api.schemas.imports import ImportRead, shown_import
from scheduler.domain.ground.errors import Fault
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.integrations.imports import ImportReport, Source, import_files, read_map, require_import

router = APIRouter(route_class=JsonRoute, tags=["imports"])
DryRun = Annotated[bool, Query(description="Check everything and say what would be done; write nothing.")]


@router.post("/imports", operation_id="create_import", status_code=201, response_model=ImportRead, responses=problems(403, 409, 413, 415))
def create_import(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    map: Annotated[UploadFile, File(description="The map: which column means what (TOML).")],  # noqa: A002  the form field's name
    files: Annotated[list[UploadFile], File(description="The tables, as CSV or XLSX; the map finds them by name.")],
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Import people, absences, projects, demands, rates, bookings, tasks, worked time and expenses, all or nothing.

    Every fault is listed by file, row and column; totals in are held against totals out. The same files again change nothing: records
    are known by their external ids.
    """

    def respond(report: ImportReport) -> StoredResponse:
        return stored(shown_import(report), status=200 if report.dry_run else 201)

    require_import(actor)
    sources = tuple(Source(_name(number, file), file.file.read()) for number, file in enumerate(files))
    map_bytes = map.file.read()
    claim = claim_of(request, idempotency_key, respond=respond, body_sha256=_digest(map_bytes, sources))
    report = import_files(
        application.store,
        actor=actor,
        sources=sources,
        mapping=read_map(map_bytes),
        dry_run=dry_run,
        now=datetime.now(UTC),
        idempotency=claim,
    )
    return to_response(respond(report))


def _name(number: int, file: UploadFile) -> str:
    """The last part of the file's name: browsers may send folders. Raises RefusalError."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    fault = ("field.missing", "The file has no name; send one, as the map finds files by name.") if not name else text_fault(name)
    if fault is not None:
        raise RefusalError(422, fault[0], fault[1], faults=(Fault(pointer=f"/files/{number}", code=fault[0], message=fault[1]),))
    return name


def _digest(map_bytes: bytes, sources: tuple[Source, ...]) -> str:
    """One hash of map and files. The raw body will not do: clients draw its boundaries at random."""
    whole = hashlib.sha256(hashlib.sha256(map_bytes).digest())
    for source in sorted(sources, key=lambda source: source.name):
        whole.update(hashlib.sha256(source.name.encode()).digest() + hashlib.sha256(source.content).digest())
    return whole.hexdigest()
