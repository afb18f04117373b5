"""Making and changing users. Whoever loses rights, or is disabled, is out at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import rights_differ
from scheduler.store import retried
from scheduler.store.leaving import end_access, require_admin

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.ground.users import User
    from scheduler.store import Store


@retried
def create_user(
    store: Store, *, actor: Actor, user: User, now: datetime, password_hash: str | None = None, idempotency: IdempotencyClaim | None = None
) -> User:
    """Keep a new user, who can log in once a password is set. Raises DomainError ``login.taken``, ``reference.not_found``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        added = tx.users.add(user)
        if password_hash is not None:
            tx.credentials.set_password(added.id, password_hash, now=now)
            tx.note(AccessEvent(kind=AccessEventKind.PASSWORD_SET, user_id=added.id))
        return tx.answer(added)


@retried
def change_user(store: Store, *, actor: Actor, user: User, now: datetime) -> User:
    """
    Replace a user; the answer has the next version. Other rights end the user's sessions, disabling ends every access.

    Raises DomainError ``user.last_admin``, ``version.stale``, ``record.not_found``, ``login.taken``.
    """
    with store.begin(actor, now=now) as tx:
        before = tx.users.get(user.id)
        tx.users.require_change(user.id)
        if before == user:
            return user
        saved = tx.users.save(user)
        if before.role is Role.ADMIN:
            require_admin(tx)
        if not saved.is_active:
            end_access(tx, saved)
        elif rights_differ(before, saved):
            tx.credentials.end_sessions_of(saved.id)
            tx.note(AccessEvent(kind=AccessEventKind.ACCESS_ENDED, user_id=saved.id))
        return saved
