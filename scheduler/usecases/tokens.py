"""API tokens: made once, shown once, revoked for good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind, ApiToken
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.opaque import new_token
from scheduler.domain.ground.permissions import TOKENS_OWN, USERS_CHANGE
from scheduler.domain.ground.users import check_scopes
from scheduler.store import retried

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store import Store

TOKEN = "token"  # noqa: S105 - the purpose of a digest


@retried
def create_token(
    store: Store, *, actor: Actor, digest: KeyedDigest, name: str, scopes: frozenset[str], expires_in_days: int, now: datetime
) -> tuple[ApiToken, str]:
    """
    A token of the actor's own, and its secret, which is kept nowhere.

    Raises DomainError ``input.invalid`` for scopes that are no rights of the actor's, ``access.denied``.
    """
    secret = new_token()
    with store.begin(actor, now=now) as tx:
        require(actor, TOKENS_OWN)
        check_scopes(scopes, actor)
        token = ApiToken(
            id=new_id(),
            user_id=UserId(actor.id),
            name=name,
            digest=digest.of(TOKEN, secret),
            scopes=scopes,
            created_at=now,
            expires_at=now + timedelta(days=expires_in_days),
        )
        tx.credentials.add_token(token)
        tx.note(AccessEvent(kind=AccessEventKind.TOKEN_MADE, user_id=actor.id, facts={"token_id": token.id}))
    return token, secret


@retried
def revoke_token(store: Store, *, actor: Actor, token_id: str, now: datetime) -> None:
    """Revoke a token of one's own or, as somebody who may change users, of anybody. Raises DomainError ``record.not_found``."""
    with store.begin(actor, now=now) as tx:
        token = tx.credentials.token_by_id(token_id)
        is_own = token is not None and token.user_id == UserId(actor.id) and actor.may(TOKENS_OWN)
        if token is None or not (is_own or actor.may(USERS_CHANGE)):
            facts = {"area": "tokens", "id": token_id}
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such token.", facts=facts)
        tx.credentials.revoke_token(token_id)
        tx.note(AccessEvent(kind=AccessEventKind.TOKEN_REVOKED, user_id=token.user_id, facts={"token_id": token_id}))
