"""Logos of legal entities. Whoever calls this has read the entity, so that its rights were asked for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from scheduler.store.noted_rows import note
from scheduler.store.tables.billing import LEGAL_ENTITY_LOGOS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.store.repository import Changes


def logo_of(connection: Connection, legal_entity_id: str) -> tuple[str, bytes] | None:
    """Media type and content, if the entity has a logo."""
    rows = LEGAL_ENTITY_LOGOS
    found = connection.execute(select(rows.c.media_type, rows.c.content).where(rows.c.legal_entity_id == legal_entity_id)).first()
    return None if found is None else (found.media_type, found.content)


class LogoRows:
    """Logos in a write transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def put(self, legal_entity_id: str, *, media_type: str, content: bytes) -> None:
        """Keep a logo in the place of the one before."""
        self.drop(legal_entity_id)
        digest = hashlib.sha256(content).hexdigest()
        row = {"legal_entity_id": legal_entity_id, "media_type": media_type, "sha256": digest, "content": content}
        self._connection.execute(insert(LEGAL_ENTITY_LOGOS).values(row))

    def drop(self, legal_entity_id: str) -> bool:
        """Remove the logo; whether there was one."""
        rows = LEGAL_ENTITY_LOGOS
        note(self._connection, self._changes, rows, legal_entity_id)
        return self._connection.execute(delete(rows).where(rows.c.legal_entity_id == legal_entity_id)).rowcount > 0
