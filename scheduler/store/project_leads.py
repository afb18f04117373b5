"""Who leads a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.domain.ground.permissions import Role
from scheduler.store.tables.access import USER_PROJECTS, USERS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def leads_of(connection: Connection, project_id: str) -> frozenset[str]:
    """People who are project managers of it and may log in."""
    query = (
        select(USERS.c.person_id)
        .join(USER_PROJECTS, USER_PROJECTS.c.parent_id == USERS.c.id)
        .where(
            USER_PROJECTS.c.project_id == project_id,
            USERS.c.role == Role.PROJECT_MANAGER,
            USERS.c.is_active.is_(True),
            USERS.c.person_id.is_not(None),
        )
    )
    return frozenset(connection.execute(query).scalars())
