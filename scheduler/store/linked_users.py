"""Which users are, or were, a person: what somebody does and proves at the door is known by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.store.columns import can_be_text
from scheduler.store.tables.access import USERS
from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def user_ids_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Ids of the users that are or were tied to a person, ascending."""
    if not can_be_text(person_id):
        return ()
    tables = (USERS, TWINS[USERS.name])
    return tuple(
        sorted({one for table in tables for one in connection.execute(select(table.c.id).where(table.c.person_id == person_id)).scalars()})
    )
