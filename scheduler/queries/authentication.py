"""Who somebody is, by the session or token that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import GATEKEEPER
from scheduler.store import retried

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store import Store, View

SESSION, TOKEN, LINK, DEVICE = "session", "token", "link", "device"
"""Purposes of digests."""


@retried
def actor_of_session(store: Store, *, digest: KeyedDigest, secret: str, now: datetime, origin: Origin) -> Actor | None:
    """Whose session it is; nobody's when it is over or its user is disabled."""
    session_digest = digest.of(SESSION, secret)
    with store.read(GATEKEEPER) as view:
        session = view.credentials.session(session_digest, now=now)
        user = None if session is None else view.users.find(session.user_id)
    if user is None or not user.is_active:
        return None
    return user.actor(credential_id=session_digest, origin=origin)


@retried
def actor_of_token(store: Store, *, digest: KeyedDigest, secret: str, now: datetime, origin: Origin) -> Actor | None:
    """Whose token it is, limited to its scopes; nobody's when it has expired or its user is disabled."""
    with store.read(GATEKEEPER) as view:
        token = view.credentials.token(digest.of(TOKEN, secret), now=now)
        user = None if token is None else view.users.find(token.user_id)
    if token is None or user is None or not user.is_active:
        return None
    return user.actor(credential_id=token.id, scopes=token.scopes, origin=origin)


@retried
def is_still_let_in(store: Store, *, actor: Actor, now: datetime) -> bool:
    """Whether what the actor showed is still good, and gives the same rights: asked again during long answers."""
    if actor.credential_id is None:
        return True
    with store.read(GATEKEEPER) as view:
        user = view.users.find(actor.id)
        is_good = _is_good(view, actor, now)
    if user is None or not user.is_active or not is_good:
        return False
    return user.actor(credential_id=actor.credential_id, scopes=actor.scopes) == actor


def _is_good(view: View, actor: Actor, now: datetime) -> bool:
    shown = actor.credential_id or ""
    if actor.scopes is None:
        return view.credentials.session(shown, now=now) is not None
    token = view.credentials.token_by_id(shown)
    return token is not None and token.expires_at > now


@retried
def has_users(store: Store) -> bool:
    """Whether the installation has any user."""
    with store.read(GATEKEEPER) as view:
        return view.credentials.has_users()
