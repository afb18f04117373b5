"""Setting passwords: by the one-time link of the set-up or a reset, or by somebody who knows the present one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import GATEKEEPER, LOCAL, require
from scheduler.domain.ground.credentials import (
    LINK_LIFE,
    SETUP_LIFE,
    AccessEvent,
    AccessEventKind,
    LinkPurpose,
    OneTimeLink,
    check_password,
    reset_invalid,
    wrong_password,
)
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.opaque import new_secret
from scheduler.domain.ground.permissions import USERS_CHANGE, Role
from scheduler.domain.ground.throttle import RULES, CountedBy, Tries, too_many
from scheduler.domain.ground.users import User
from scheduler.store import retried
from scheduler.store.credentials import fits, hash_password
from scheduler.store.failed_logins import note_failed_login

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store import Store

LINK = "link"


@retried
def make_setup_link(store: Store, *, digest: KeyedDigest, now: datetime) -> str:
    """The secret of a link with which the first admin makes themselves; an older one is worth nothing any more."""
    secret = new_secret()
    with store.begin(LOCAL, now=now) as tx:
        link = OneTimeLink(
            digest=digest.of(LINK, secret), purpose=LinkPurpose.SETUP, user_id=None, created_at=now, expires_at=now + SETUP_LIFE
        )
        tx.credentials.add_link(link)
        tx.note(AccessEvent(kind=AccessEventKind.LINK_MADE))
    return secret


@retried
def make_reset_link(
    store: Store, *, actor: Actor, digest: KeyedDigest, user_id: str, now: datetime, keep_access: bool = False
) -> tuple[str, datetime]:
    """
    The secret of a link that sets a user's password, and until when it is good; an older one is worth nothing any more.

    Whoever has got hold of anything that lets them in is out at once: the password, sessions, API tokens, known browsers and tied
    identities are worth nothing from now on. With ``keep_access``, for somebody who has only forgotten their password, all stays as it
    is until the link is used, and tokens and identities beyond that. Raises DomainError ``record.not_found``, ``access.denied``.
    """
    secret = new_secret()
    with store.begin(actor, now=now) as tx:
        user = tx.users.get(user_id)
        require(actor, USERS_CHANGE)
        if not keep_access:
            tx.credentials.forget(user.id)
            tx.note(AccessEvent(kind=AccessEventKind.ACCESS_ENDED, user_id=user.id))
        link = OneTimeLink(
            digest=digest.of(LINK, secret), purpose=LinkPurpose.RESET, user_id=user.id, created_at=now, expires_at=now + LINK_LIFE
        )
        tx.credentials.add_link(link)
        tx.note(AccessEvent(kind=AccessEventKind.LINK_MADE, user_id=user.id))
    return secret, link.expires_at


@retried
def set_up(store: Store, *, digest: KeyedDigest, secret: str, login: str, name: str, password: str, origin: Origin, now: datetime) -> User:
    """Make the first admin. Raises DomainError ``reset.invalid`` for a link that is no good, and once there are users."""
    _require_good(store, digest=digest, secret=secret, purpose=LinkPurpose.SETUP, now=now)
    check_password(password, login=login)
    password_hash = hash_password(password)
    with store.begin(replace(GATEKEEPER, origin=origin), now=now) as tx:
        link = tx.credentials.take_link(digest.of(LINK, secret), now=now)
        if link is None or link.purpose is not LinkPurpose.SETUP or tx.credentials.has_users():
            raise reset_invalid()
        user = tx.users.add(User(id=UserId(new_id()), login=login, name=name, role=Role.ADMIN))
        tx.credentials.set_password(user.id, password_hash, now=now)
        tx.note(AccessEvent(kind=AccessEventKind.PASSWORD_SET, user_id=user.id))
    return user


@retried
def reset_password(store: Store, *, digest: KeyedDigest, secret: str, password: str, origin: Origin, now: datetime) -> None:
    """Set the password that the link is for; every session of the user ends. Raises DomainError ``reset.invalid``, ``password.too_weak``."""
    login = _require_good(store, digest=digest, secret=secret, purpose=LinkPurpose.RESET, now=now)
    check_password(password, login=login)
    password_hash = hash_password(password)
    with store.begin(replace(GATEKEEPER, origin=origin), now=now) as tx:
        link = tx.credentials.take_link(digest.of(LINK, secret), now=now)
        user = None if link is None or link.user_id is None else tx.users.find(link.user_id)
        if user is None or not user.is_active:
            raise reset_invalid()
        tx.credentials.set_password(user.id, password_hash, now=now)
        tx.credentials.end_sessions_of(user.id)
        tx.credentials.forget_devices_of(user.id)
        tx.credentials.drop_links_of(user.id)
        tx.note(AccessEvent(kind=AccessEventKind.PASSWORD_SET, user_id=user.id))


@retried
def change_password(store: Store, *, actor: Actor, digest: KeyedDigest, current: str, password: str, now: datetime) -> None:
    """
    Replace one's own password; every other session of one's own ends.

    Raises DomainError ``password.wrong``, ``password.too_weak``, and ``login.too_many``: whoever has got hold of a session may not guess on.
    """
    counter = digest.of("tries of own password", actor.id)
    _count_try(store, counter, now=now)
    with store.read(GATEKEEPER) as view:
        user = view.users.find(actor.id)
        stored = view.credentials.password_hash(actor.id)
    if user is None or not fits(current, stored):
        with store.begin(actor, now=now) as tx:
            note_failed_login(tx, digest=digest, user_id=actor.id)
        raise wrong_password()
    check_password(password, login=user.login)
    password_hash = hash_password(password)
    with store.begin(actor, now=now) as tx:
        if tx.credentials.password_hash(actor.id) != stored:
            raise wrong_password()
        tx.credentials.set_password(actor.id, password_hash, now=now)
        tx.credentials.end_sessions_of(actor.id, but=actor.credential_id)
        tx.credentials.drop_links_of(actor.id)
        tx.credentials.keep_tries(counter, Tries(last_at=now))
        tx.note(AccessEvent(kind=AccessEventKind.PASSWORD_SET, user_id=actor.id))


def _count_try(store: Store, counter: str, *, now: datetime) -> None:
    """Count a try as a failure before anything is checked, so that many at once gain nothing. Raises DomainError ``login.too_many``."""
    rule = RULES[CountedBy.DEVICE]
    with store.begin(GATEKEEPER, now=now) as tx:
        tx.credentials.lock_tries([counter], now=now)
        tries = tx.credentials.tries(counter)
        wait = tries.wait(rule, now=now)
        if not wait:
            tx.credentials.keep_tries(counter, tries.one_more(rule, now=now))
    if wait:
        raise too_many(wait)


def _require_good(store: Store, *, digest: KeyedDigest, secret: str, purpose: LinkPurpose, now: datetime) -> str:
    """The login of whom the link is for. Before the costly work: a made-up link shall not make the server hash passwords."""
    with store.read(GATEKEEPER) as view:
        link = view.credentials.link(digest.of(LINK, secret), now=now)
        if link is None or link.purpose is not purpose:
            raise reset_invalid()
        user = None if link.user_id is None else view.users.find(link.user_id)
    return "" if user is None else user.login
