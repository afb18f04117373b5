"""Who acts, in which role, and how far each of their rights reaches. The table of rights is ``permissions.GRANTS``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ActorId
from scheduler.domain.ground.permissions import GRANTS, Role, Scope

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import ClientId, PersonId, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where an actor acts: a network address, ``cli`` or ``job``; the browser or program, and the request, where there is one."""

    source: str
    user_agent: str | None = None
    request_id: str | None = None


CLI = Origin(source="cli")
JOB = Origin(source="job")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """
    Somebody or something that acts on the firm's data. Without a role it may do nothing.

    ``extra``: rights beyond the role's; ``scopes``: what an API token is limited to (``None``: nothing beyond the role);
    ``credential_id``: which session or token was used. The origin says from where; it makes nobody another.
    """

    id: ActorId
    name: str
    role: Role | None = None
    person_id: PersonId | None = None
    team: str | None = None
    client_id: ClientId | None = None
    project_ids: frozenset[ProjectId] = frozenset()
    extra: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    credential_id: str | None = None
    origin: Origin = field(default=CLI, compare=False)

    def scope(self, permission: str) -> Scope:
        """How far a right reaches. Raises KeyError for a right that the table does not have."""
        granted = GRANTS[permission]
        if self.role is Role.SYSTEM:
            return Scope.ALL
        if self.role is None or (self.scopes is not None and permission not in self.scopes):
            return Scope.NONE
        return Scope.ALL if permission in self.extra else granted.get(self.role, Scope.NONE)

    def may(self, permission: str) -> bool:
        """Whether the actor has the right at all, however far it reaches."""
        return self.scope(permission) is not Scope.NONE

    def rights(self) -> frozenset[str]:
        """Every right the actor has."""
        return frozenset(permission for permission in GRANTS if self.may(permission))

    @property
    def standing(self) -> str:
        """All that the actor's rights come to, as text: who has the same one may do and see the same."""
        rights = sorted(f"{permission} {scope}" for permission in GRANTS if (scope := self.scope(permission)) is not Scope.NONE)
        limits = [self.person_id, self.team, self.client_id, sorted(self.project_ids)]
        return json.dumps([rights, limits], separators=(",", ":"))

    @property
    def answers_kept_for(self) -> str:
        """Whose answers an idempotency key finds again: a token sees less than its user, so it has its own."""
        return self.id if self.scopes is None or self.credential_id is None else self.credential_id


LOCAL = Actor(id=ActorId("local"), name="local operator", role=Role.SYSTEM)
"""Whoever runs commands on the machine that has the database."""
GATEKEEPER = Actor(id=ActorId("gatekeeper"), name="login and authentication", role=Role.SYSTEM)
"""Looks up who somebody is, before there is an actor."""


def require(actor: Actor, permission: str) -> None:
    """Raise DomainError ``access.denied`` unless the actor has the right."""
    if not actor.may(permission):
        raise denied(permission)


def require_for(actor: Actor, permission: str, person_id: str) -> None:
    """Raise DomainError unless the actor has the right, and not for themself alone where it is about somebody else."""
    require(actor, permission)
    if actor.scope(permission) is Scope.OWN and actor.person_id != person_id:
        raise beyond_reach(permission)


def denied(permission: str) -> DomainError:
    """The actor lacks a right."""
    detail = f"Your role, or your token, does not have the right {permission}; ask an administrator for it."
    return DomainError(ErrorKind.FORBIDDEN, "access.denied", detail, facts={"permission": permission})


def beyond_reach(permission: str) -> DomainError:
    """The actor has the right, but not for this."""
    detail = f"Your right {permission} does not reach this far: it is limited to your own team, projects or rows."
    return DomainError(ErrorKind.FORBIDDEN, "access.out_of_scope", detail, facts={"permission": permission})
