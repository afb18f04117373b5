"""
Users as an identity provider keeps them: made, changed and deactivated by SCIM.

The provider says who may log in and who they are; projects, teams and clients stay the business of admins here. A user whose
external id is that of a person is that person. When the provider deactivates such a user, the person has left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.permissions import USERS_CHANGE, USERS_CREATE, Role
from scheduler.domain.ground.users import User, rights_differ
from scheduler.store import retried
from scheduler.store.leaving import end_access, let_go, require_admin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import PersonId
    from scheduler.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What a provider says of a user. ``role``: ``None`` when it says nothing of it."""

    login: str
    name: str
    external_id: str | None
    is_active: bool
    role: Role | None


@retried
def provision_user(store: Store, *, actor: Actor, wanted: Provisioned, now: datetime) -> User:
    """Make a user; a member, unless the provider names a role. Raises DomainError ``login.taken``, ``external_id.taken``, ``access.denied``."""
    with store.begin(actor, now=now) as tx:
        require(actor, USERS_CREATE)
        user = User(
            id=UserId(new_id()),
            login=wanted.login,
            name=wanted.name,
            role=wanted.role or Role.MEMBER,
            person_id=_person_of(tx, wanted.external_id),
            external_id=wanted.external_id,
            is_active=wanted.is_active,
        )
        return tx.elevated.users.add(user)


@retried
def reprovision_user(store: Store, *, actor: Actor, user_id: str, change: Callable[[Provisioned], Provisioned], now: datetime) -> User:
    """
    Change what a provider says of a user. Deactivating ends their access at once and, if they are a person, their future bookings.

    Raises DomainError ``record.not_found``, ``access.denied``, ``user.last_admin``, and what ``change`` raises.
    """
    with store.begin(actor, now=now) as tx:
        before = tx.users.get(user_id)
        require(actor, USERS_CHANGE)
        wanted = change(_said_of(before))
        after = replace(
            before,
            login=wanted.login,
            name=wanted.name,
            role=wanted.role or before.role,
            external_id=wanted.external_id,
            person_id=before.person_id or _person_of(tx, wanted.external_id),
            is_active=wanted.is_active,
        )
        saved = before if after == before else tx.elevated.users.save(after)
        if before.is_active and not saved.is_active:
            _deactivated(tx, saved, now)
        elif rights_differ(before, saved):
            tx.credentials.end_sessions_of(saved.id)
            tx.note(AccessEvent(kind=AccessEventKind.ACCESS_ENDED, user_id=saved.id))
        if before.role is Role.ADMIN:
            require_admin(tx)
        return saved


def _deactivated(tx: Transaction, user: User, now: datetime) -> None:
    end_access(tx, user)
    if user.person_id is not None:
        let_go(tx.elevated, user.person_id, leaves=now.date())


def _said_of(user: User) -> Provisioned:
    return Provisioned(login=user.login, name=user.name, external_id=user.external_id, is_active=user.is_active, role=user.role)


def _person_of(tx: Transaction, external_id: str | None) -> PersonId | None:
    """The person who is meant by an external id; it is the firm's own number, never a mail address."""
    person = None if external_id is None else tx.unrestricted.people.find_external(external_id)
    return None if person is None else person.id
