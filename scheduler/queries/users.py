"""What somebody may see of users and of their own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import TOKENS_OWN, USERS_READ
from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.credentials import ApiToken
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.domain.ground.users import User
    from scheduler.store import Store


@retried
def get_user(store: Store, *, actor: Actor, user_id: str) -> User:
    """One user. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.users.get(user_id)


@retried
def list_users(store: Store, *, actor: Actor, page: PageRequest) -> Page[User]:
    """One page of users. Raises DomainError for a sort, filter, limit or cursor that is not allowed, and ``access.denied``."""
    with store.read(actor) as view:
        return view.users.page(page)


@retried
def users_like(store: Store, *, actor: Actor, login: str | None = None, external_id: str | None = None) -> tuple[User, ...]:
    """All users, or the one with a login or an external id, ascending by id. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        require(actor, USERS_READ)
        if login is not None:
            user_id = view.credentials.user_id_of(login)
            found = None if user_id is None else view.users.find(user_id)
        elif external_id is not None:
            found = view.users.find_external(external_id)
        else:
            return view.users.all()
        return () if found is None else (found,)


@retried
def own_tokens(store: Store, *, actor: Actor) -> tuple[ApiToken, ...]:
    """The actor's tokens, newest first. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        require(actor, TOKENS_OWN)
        return view.credentials.tokens_of(actor.id)
