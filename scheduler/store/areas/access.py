"""How users are stored. What they prove with who they are lies in ``scheduler.store.credentials``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.tables.access import USER_PROJECTS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _children(user: User) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {USER_PROJECTS.name: [{"project_id": project} for project in sorted(user.project_ids)]}


def _user(row: Row, children: ChildRows) -> User:
    projects = frozenset(one["project_id"] for one in children[USER_PROJECTS.name])
    return built(User, row, extra=frozenset(row["extra"]), project_ids=projects)


USER_AREA: Area[User] = Area(
    name="users",
    one="user",
    table=USERS,
    to_row=lambda user: plain(user, USERS, login_key=name_key(user.login), extra=sorted(user.extra)),
    to_children=_children,
    from_row=_user,
    children=(Child(table=USER_PROJECTS, pointer=lambda number, _row: f"/project_ids/{number}"),),
    sorts={"login": "login_key", "id": "id"},
    filters={
        "login": Filter(kind=FilterKind.CONTAINS, column="login_key"),
        "role": Filter(kind=FilterKind.EQUALS, column="role", choices=Role),
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)
