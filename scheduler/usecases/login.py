"""Logging in and out."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import GATEKEEPER
from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind, login_failed, name_fits
from scheduler.domain.ground.throttle import RULES, CountedBy, counted_source, too_many
from scheduler.store import retried
from scheduler.store.credentials import fits
from scheduler.store.failed_logins import note_failed_login
from scheduler.store.session_start import DEVICE, LoggedIn, begin_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.domain.ground.ids import UserId
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store import Store, Transaction

_REMEMBERED = timedelta(hours=1)
"""Longer than any rule counts: what strangers made up is not kept longer than it matters."""
_AT_ONCE = threading.BoundedSemaphore(4)
"""Checking a password takes 64 MB and a core: no more of them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """
    Somebody tries to log in.

    ``origin``: from where; ``device_secret``: what marks a browser from which somebody has logged in before;
    ``session_secret``: a session that the browser has already, which ends.
    """

    login: str
    password: str
    origin: Origin
    device_secret: str | None = None
    session_secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A try that was counted as a failure before anything was checked, so that many at once gain nothing."""

    user_id: UserId | None
    password_hash: str | None
    counters: Mapping[str, CountedBy]
    wait: timedelta


def log_in(store: Store, *, digest: KeyedDigest, attempt: Attempt, now: datetime) -> LoggedIn:
    """Begin a session. Raises DomainError ``login.failed`` or ``login.too_many``."""
    counted = _count(store, digest=digest, attempt=attempt, now=now)
    if counted.wait:
        raise too_many(counted.wait)
    with _AT_ONCE:
        is_right = fits(attempt.password, counted.password_hash)
    found = _admit(store, digest=digest, attempt=attempt, counted=counted, now=now) if is_right and counted.user_id is not None else None
    if found is None:
        _note_failure(store, digest=digest, attempt=attempt, user_id=counted.user_id, now=now)
        raise login_failed()
    return found


@retried
def log_out(store: Store, *, actor: Actor, now: datetime) -> None:
    """End the session that the actor has shown."""
    with store.begin(actor, now=now) as tx:
        if actor.credential_id is not None:
            tx.credentials.end_session(actor.credential_id)
        tx.note(AccessEvent(kind=AccessEventKind.LOGGED_OUT, user_id=actor.id))


@retried
def _count(store: Store, *, digest: KeyedDigest, attempt: Attempt, now: datetime) -> _Counted:
    with store.begin(replace(GATEKEEPER, origin=attempt.origin), now=now) as tx:
        user_id = tx.credentials.user_id_of(attempt.login) if name_fits(attempt.login) else None
        counters = _counters(tx, digest, attempt, user_id)
        tx.credentials.forget_tries(before=now - _REMEMBERED)
        wait = _wait(tx, counters)
        if not wait:  # who has to wait leaves no row behind, whatever logins they make up
            tx.credentials.lock_tries(list(counters), now=now)
            wait = _wait(tx, counters)
        if wait:
            tx.note(AccessEvent(kind=AccessEventKind.LOGIN_THROTTLED, user_id=user_id))
        else:
            for one, by in counters.items():
                tx.credentials.keep_tries(one, tx.credentials.tries(one).one_more(RULES[by], now=now))
        password_hash = None if user_id is None else tx.credentials.password_hash(user_id)
    return _Counted(user_id=user_id, password_hash=password_hash, counters=counters, wait=wait)


def _wait(tx: Transaction, counters: Mapping[str, CountedBy]) -> timedelta:
    return max(tx.credentials.tries(one).wait(RULES[by], now=tx.now) for one, by in counters.items())


def _counters(tx: Transaction, digest: KeyedDigest, attempt: Attempt, user_id: UserId | None) -> dict[str, CountedBy]:
    """What the try is counted by: a known browser by itself alone, anything else by account and source."""
    if attempt.device_secret is not None and user_id is not None:
        device = digest.of(DEVICE, attempt.device_secret)
        if tx.credentials.is_device_of(device, user_id):
            return {digest.of("tries of device", device): CountedBy.DEVICE}
    account = name_key(attempt.login.strip())[:400]
    return {
        digest.of("tries of account", account): CountedBy.ACCOUNT,
        digest.of("tries of source", counted_source(attempt.origin.source)): CountedBy.SOURCE,
    }


@retried
def _admit(store: Store, *, digest: KeyedDigest, attempt: Attempt, counted: _Counted, now: datetime) -> LoggedIn | None:
    """Begin the session; nobody who was disabled, or whose password was changed meanwhile, is let in."""
    assert counted.user_id is not None
    with store.begin(replace(GATEKEEPER, origin=attempt.origin), now=now) as tx:
        user = tx.users.find(counted.user_id)
        if user is None or not user.is_active or tx.credentials.password_hash(user.id) != counted.password_hash:
            return None
        for one in counted.counters:
            tx.credentials.keep_tries(one, tx.credentials.tries(one).one_less())
        return begin_session(tx, user, digest=digest, device_secret=attempt.device_secret, session_secret=attempt.session_secret)


@retried
def _note_failure(store: Store, *, digest: KeyedDigest, attempt: Attempt, user_id: UserId | None, now: datetime) -> None:
    """A try that let nobody in. One account and one source have only so many; those of all are recorded ever more seldom."""
    with store.begin(replace(GATEKEEPER, origin=attempt.origin), now=now) as tx:
        note_failed_login(tx, digest=digest, user_id=user_id)
