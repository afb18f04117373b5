"""Beginning a session, in a transaction: whichever way somebody proved who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.credentials import SESSION_LIFE, AccessEvent, AccessEventKind, Session
from scheduler.domain.ground.opaque import new_secret

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.domain.ground.users import User
    from scheduler.store.transaction import Transaction

SESSION, DEVICE = "session", "device"
"""Purposes of digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A fresh session. The secrets are for the browser's cookies and are kept nowhere."""

    user: User
    secret: str
    device_secret: str
    expires_at: datetime


def begin_session(tx: Transaction, user: User, *, digest: KeyedDigest, device_secret: str | None, session_secret: str | None) -> LoggedIn:
    """A new session with a new id; the one that the browser had ends, and the browser is known from now on."""
    if session_secret is not None:
        tx.credentials.end_session(digest.of(SESSION, session_secret))
    if device_secret is None or not tx.credentials.is_device_of(digest.of(DEVICE, device_secret), user.id):
        device_secret = new_secret()
        tx.credentials.add_device(digest.of(DEVICE, device_secret), user.id, now=tx.now)
    secret = new_secret()
    session = Session(digest=digest.of(SESSION, secret), user_id=user.id, created_at=tx.now, expires_at=tx.now + SESSION_LIFE)
    tx.credentials.add_session(session)
    tx.note(AccessEvent(kind=AccessEventKind.LOGIN_SUCCEEDED, user_id=user.id))
    return LoggedIn(user=user, secret=secret, device_secret=device_secret, expires_at=session.expires_at)
