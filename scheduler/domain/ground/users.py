"""Users: who may log in, in which role, and what their rights are limited to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import CLI, Actor, Origin
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.ids import ActorId
from scheduler.domain.ground.permissions import GRANTABLE, GRANTS, USER_ROLES, Role

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import ClientId, PersonId, ProjectId, UserId

_LOGIN = re.compile(r"[^\s:/\\\"'<>]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    Somebody who may log in.

    ``person_id``: the person whose rows are the user's own; ``team``: limits rights that reach a team (``None``: every team);
    ``project_ids``: the projects they manage; ``client_id``: whose viewer they are; ``extra``: rights beside the role's.
    """

    id: UserId
    login: str
    name: str
    role: Role
    person_id: PersonId | None = None
    team: str | None = None
    client_id: ClientId | None = None
    project_ids: frozenset[ProjectId] = frozenset()
    extra: frozenset[str] = frozenset()
    is_active: bool = True
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "login", faults.text("/login", self.login))
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "team", faults.optional_text("/team", self.team))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if not _LOGIN.fullmatch(self.login):
            faults.add("/login", "login.invalid", "A login has no spaces, quotes, slashes, colons or angle brackets.")
        if self.role not in USER_ROLES:
            faults.add("/role", "value.not_allowed", f"A user's role is one of {', '.join(USER_ROLES)}.")
        for permission in sorted(self.extra - GRANTABLE):
            message = f"{permission} cannot be given to a single user; these can: {', '.join(sorted(GRANTABLE))}."
            faults.add("/extra", "value.not_allowed", message)
        faults.raise_any("user")

    def actor(self, *, credential_id: str, scopes: frozenset[str] | None = None, origin: Origin = CLI) -> Actor:
        """The user as the one who acts."""
        return Actor(
            id=ActorId(self.id),
            name=self.name,
            role=self.role,
            person_id=self.person_id,
            team=self.team,
            client_id=self.client_id,
            project_ids=self.project_ids,
            extra=self.extra,
            scopes=scopes,
            credential_id=credential_id,
            origin=origin,
        )


def rights_differ(before: User, after: User) -> bool:
    """Whether what the user may do has changed, so that sessions begun before must end."""
    names = ("role", "person_id", "team", "client_id", "project_ids", "extra", "is_active", "login")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def check_scopes(scopes: frozenset[str], actor: Actor) -> None:
    """Raise DomainError unless the scopes are rights that the actor has."""
    faults = Faults()
    for scope in sorted(scopes):
        if scope not in GRANTS or not actor.may(scope):
            message = f"{scope[:60]} is no right of yours; these are: {', '.join(sorted(actor.rights()))}."
            faults.add("/scopes", "value.not_allowed", message)
    if not scopes:
        faults.add("/scopes", "field.missing", "A token needs at least one right as its scope.")
    faults.raise_any("token")
