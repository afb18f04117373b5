"""Users for tests, and what their requests show at the door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.usecases.tokens import create_token
from scheduler.usecases.users import create_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.application import Application


def make_user(login: str | None = None, *, role: Role = Role.ADMIN, **changes: Any) -> User:
    login = login or f"{role}-{new_id()[:8]}"
    return User(**{"id": UserId(new_id()), "login": login, "name": login.title(), "role": role, **changes})


def bearer(application: Application, user: User, *, scopes: Iterable[str] | None = None) -> dict[str, str]:
    """The header of a request that shows a token of the user: with all their rights, or the scopes alone."""
    actor = user.actor(credential_id="test")
    _, secret = create_token(
        application.store,
        actor=actor,
        digest=application.digest,
        name="test",
        scopes=actor.rights() if scopes is None else frozenset(scopes),
        expires_in_days=1,
        now=datetime.now(UTC),
    )
    return {"Authorization": f"Bearer {secret}"}


def logged_in(application: Application, user: User | None = None) -> dict[str, str]:
    """What requests of a fresh user show at the door; without one, of an admin."""
    added = create_user(application.store, actor=LOCAL, user=user or make_user(), now=datetime.now(UTC))
    return bearer(application, added)
