"""Logos of legal entities; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scheduler.domain.billing.logos import check_logo, logo_format
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import retried
from scheduler.store.areas.billing import LEGAL_ENTITY_AREA
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.billing.parties import LegalEntity
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store, Transaction

LEGAL_ENTITIES = LEGAL_ENTITY_AREA.name
_MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


@retried
def set_logo(store: Store, *, actor: Actor, legal_entity_id: str, version: int, content: bytes, now: datetime) -> LegalEntity:
    """
    Keep a PNG or JPEG file as the logo of a legal entity's invoices from now on; the answer has the next version.

    Raises DomainError ``input.invalid`` with ``logo.too_large`` or ``logo.type_not_supported``, ``record.not_found``, ``access.denied``,
    ``version.stale``.
    """
    with store.begin(actor, now=now) as tx:
        entity = _to_change(tx, legal_entity_id, version)
        faults = Faults()
        check_logo(faults, "/file", content)
        faults.raise_any("logo")
        tx.logos.put(legal_entity_id, media_type=_MEDIA_TYPES[logo_format(content) or "png"], content=content)
        return cast("LegalEntity", tx.area(LEGAL_ENTITIES).save(entity))


@retried
def delete_logo(store: Store, *, actor: Actor, legal_entity_id: str, version: int, now: datetime) -> LegalEntity:
    """Remove the logo. Raises DomainError ``record.not_found`` also where there is none, ``access.denied``, ``version.stale``."""
    with store.begin(actor, now=now) as tx:
        entity = _to_change(tx, legal_entity_id, version)
        if not tx.logos.drop(legal_entity_id):
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "The legal entity has no logo.")
        return cast("LegalEntity", tx.area(LEGAL_ENTITIES).save(entity))


def _to_change(tx: Transaction, legal_entity_id: str, version: int) -> LegalEntity:
    entities = tx.area(LEGAL_ENTITIES)
    entity: LegalEntity = entities.get(legal_entity_id)
    entities.require_change(legal_entity_id)
    if entity.version != version:
        raise stale(LEGAL_ENTITY_AREA, legal_entity_id, given=version, current=entity.version)
    return entity
