"""Logos of legal entities. The entities themselves are records as others are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Path, UploadFile
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.routes.expenses import SAFE
from api.schemas.billing import LegalEntityWrite
from api.schemas.fields import Id
from api.schemas.records import read_shape, shown
from api.versions import with_diff
from scheduler.domain.billing.logos import LOGO_BYTES_MAX
from scheduler.queries.legal_entities import logo
from scheduler.usecases import legal_entities as done

if TYPE_CHECKING:
    from scheduler.domain.billing.parties import LegalEntity

router = APIRouter(route_class=JsonRoute, tags=["legal_entities"])
ENTITY_READ = read_shape("LegalEntity", LegalEntityWrite)
EntityId = Annotated[Id, Path(description="The legal entity.")]
AREA = "legal_entities"


def _respond(entity: LegalEntity) -> Response:
    return to_response(stored(shown(ENTITY_READ, entity), version=entity.version))


@router.put(
    "/legal-entities/{legal_entity_id}/logo",
    operation_id="set_logo",
    response_model=ENTITY_READ,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def set_logo(
    *,
    application: CurrentApplication,
    actor: CurrentActor,
    legal_entity_id: EntityId,
    version: ExpectedVersion,
    file: Annotated[UploadFile, File(description="A PNG or JPEG of at most 512 KiB; what it is is told by its content.")],
) -> Response:
    """Set the logo that stands on the invoices of a legal entity from now on. The answer is the entity, in its next version."""
    content = file.file.read(LOGO_BYTES_MAX + 1)
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=legal_entity_id, version=version, read=ENTITY_READ):
        saved = done.set_logo(store, actor=actor, legal_entity_id=legal_entity_id, version=version, content=content, now=datetime.now(UTC))
    return _respond(saved)


@router.get(
    "/legal-entities/{legal_entity_id}/logo",
    operation_id="download_logo",
    response_class=Response,
    responses={200: {"description": "The file", "content": {"image/png": {}, "image/jpeg": {}}}, **problems(403, 404)},
)
def download_logo(application: CurrentApplication, actor: CurrentActor, legal_entity_id: EntityId) -> Response:
    """Download the logo of a legal entity."""
    media_type, content = logo(application.store, actor=actor, legal_entity_id=legal_entity_id)
    return Response(content, media_type=media_type, headers={**SAFE, "Content-Disposition": "attachment"})


@router.delete(
    "/legal-entities/{legal_entity_id}/logo",
    operation_id="delete_logo",
    response_model=ENTITY_READ,
    responses=problems(403, 404, 409, 412, 428),
)
def delete_logo(application: CurrentApplication, actor: CurrentActor, legal_entity_id: EntityId, version: ExpectedVersion) -> Response:
    """Remove the logo of a legal entity; invoices that were issued keep theirs. The answer is the entity, in its next version."""
    store = application.store
    with with_diff(store, actor=actor, area=AREA, record_id=legal_entity_id, version=version, read=ENTITY_READ):
        saved = done.delete_logo(store, actor=actor, legal_entity_id=legal_entity_id, version=version, now=datetime.now(UTC))
    return _respond(saved)
