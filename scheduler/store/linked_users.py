"""Which users are a person: what somebody does and proves at the door is known by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.store.columns import can_be_text
from scheduler.store.tables.access import USERS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def user_ids_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Ids of the users that are tied to a person, ascending. One that was tied to them once may be somebody else by now."""
    if not can_be_text(person_id):
        return ()
    query = select(USERS.c.id).where(USERS.c.person_id == person_id).order_by(USERS.c.id)
    return tuple(connection.execute(query).scalars())
