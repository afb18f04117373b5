"""Logos of legal entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import retried
from scheduler.store.logos import logo_of

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store


@retried
def logo(store: Store, *, actor: Actor, legal_entity_id: str) -> tuple[str, bytes]:
    """The media type and the content of a logo, for whoever sees the legal entity. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        view.area("legal_entities").get(legal_entity_id)
        found = logo_of(view.connection, legal_entity_id)
        if found is None:
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "The legal entity has no logo.")
        return found
