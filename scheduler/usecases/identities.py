"""Logging in by an identity provider's word, and tying a user to who it says they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import GATEKEEPER
from scheduler.domain.ground.credentials import (
    TIE_LIFE,
    AccessEvent,
    AccessEventKind,
    LinkPurpose,
    OneTimeLink,
    link_required,
    login_failed,
)
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import UserId
from scheduler.store import retried
from scheduler.store.failed_logins import note_failed_login
from scheduler.store.session_start import begin_session

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.domain.ground.credentials import Identity
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store import Store, Transaction
    from scheduler.store.session_start import LoggedIn

TIE = "tie"


@retried
def begin_tie(store: Store, *, actor: Actor, digest: KeyedDigest, secret: str, now: datetime) -> None:
    """Whoever comes back from the provider with this secret, within ten minutes, is tied to the actor's user."""
    with store.begin(actor, now=now) as tx:
        link = OneTimeLink(
            digest=digest.of(TIE, secret), purpose=LinkPurpose.TIE, user_id=UserId(actor.id), created_at=now, expires_at=now + TIE_LIFE
        )
        tx.credentials.add_link(link)


@retried
def log_in_by_identity(
    store: Store,
    *,
    digest: KeyedDigest,
    identity: Identity,
    flow_secret: str,
    device_secret: str | None,
    session_secret: str | None,
    origin: Origin,
    now: datetime,
) -> LoggedIn:
    """
    Begin a session of the user who is tied to the identity, and tie one first if that was asked for with ``flow_secret``.

    Raises DomainError ``login.link_required``, ``identity.taken``, and ``login.failed`` for a disabled user.
    """
    with store.begin(replace(GATEKEEPER, origin=origin), now=now) as tx:
        _tie_if_asked(tx, digest=digest, identity=identity, flow_secret=flow_secret)
        user_id = tx.credentials.user_of_identity(identity)
        user = None if user_id is None else tx.users.find(user_id)
        if user is not None and user.is_active:
            return begin_session(tx, user, digest=digest, device_secret=device_secret, session_secret=session_secret)
        note_failed_login(tx, digest=digest, user_id=user_id)
    raise link_required() if user_id is None else login_failed()


def _tie_if_asked(tx: Transaction, *, digest: KeyedDigest, identity: Identity, flow_secret: str) -> None:
    link = tx.credentials.take_link(digest.of(TIE, flow_secret), now=tx.now)
    if link is None or link.purpose is not LinkPurpose.TIE or link.user_id is None:
        return
    owner = tx.credentials.user_of_identity(identity)
    if owner is not None and owner != link.user_id:
        raise DomainError(
            ErrorKind.CONFLICT, "identity.taken", "Another user is tied to this identity; an administrator can sort that out."
        )
    tx.credentials.tie(identity, link.user_id, now=tx.now)
    tx.note(AccessEvent(kind=AccessEventKind.IDENTITY_TIED, user_id=link.user_id))
