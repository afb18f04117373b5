"""
Passwords, sessions, tokens, one-time links and login tries. Of every secret only its keyed digest is kept, of passwords argon2id.

These are for the use cases at the door; no query hands them out, and nothing here is part of what an actor may read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.credentials import ApiToken, Identity, OneTimeLink, Session
from scheduler.domain.ground.throttle import Tries
from scheduler.store.areas.base import built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.tables.access import (
    API_TOKENS,
    KNOWN_DEVICES,
    LOGIN_TRIES,
    ONE_TIME_LINKS,
    SESSIONS,
    USER_IDENTITIES,
    USER_PASSWORDS,
    USERS,
)
from scheduler.store.tables.jobs import MAIL_WISHES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from scheduler.domain.ground.ids import UserId

_HASHER = PasswordHasher()
"""Argon2id with the library's recommended cost."""


@cache
def _nobodys() -> str:
    """Checked where there is no user, so that a login with an unknown name takes as long as one with a known name."""
    return _HASHER.hash("nobody's password")


def hash_password(password: str) -> str:
    """What is kept of a password. Takes a good part of a tenth of a second: call it with no transaction open."""
    return _HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed. Takes as long where there is no hash."""
    try:
        _HASHER.verify(password_hash or _nobodys(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


class CredentialReader:
    """What is known about credentials."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def user_id_of(self, login: str) -> UserId | None:
        """Whose login this is."""
        if not can_be_text(login):
            return None
        found: UserId | None = self._connection.execute(
            select(USERS.c.id).where(USERS.c.login_key == name_key(login.strip()))
        ).scalar_one_or_none()
        return found

    def password_hash(self, user_id: str) -> str | None:
        """The hash of a user's password, if they have one."""
        found: str | None = self._connection.execute(
            select(USER_PASSWORDS.c.password_hash).where(USER_PASSWORDS.c.user_id == user_id)
        ).scalar_one_or_none()
        return found

    def session(self, digest: str, *, now: datetime) -> Session | None:
        """The session with this digest, unless it has expired."""
        row = self._one(SESSIONS, digest, now)
        return None if row is None else built(Session, row)

    def token(self, digest: str, *, now: datetime) -> ApiToken | None:
        """The token with this digest, unless it has expired."""
        row = self._one(API_TOKENS, digest, now)
        return None if row is None else _token(row)

    def token_by_id(self, token_id: str) -> ApiToken | None:
        """The token with this id."""
        if not can_be_text(token_id):
            return None
        row = self._connection.execute(select(API_TOKENS).where(API_TOKENS.c.id == token_id)).mappings().one_or_none()
        return None if row is None else _token(row)

    def tokens_of(self, user_id: str) -> tuple[ApiToken, ...]:
        """A user's tokens, newest first."""
        query = select(API_TOKENS).where(API_TOKENS.c.user_id == user_id).order_by(API_TOKENS.c.created_at.desc(), API_TOKENS.c.id)
        return tuple(_token(row) for row in self._connection.execute(query).mappings())

    def link(self, digest: str, *, now: datetime) -> OneTimeLink | None:
        """The one-time link with this digest, unless it has expired."""
        row = self._one(ONE_TIME_LINKS, digest, now)
        return None if row is None else built(OneTimeLink, row)

    def user_of_identity(self, identity: Identity) -> UserId | None:
        """Who is tied to an identity."""
        if not can_be_text(identity.subject):
            return None
        found: UserId | None = self._connection.execute(
            select(USER_IDENTITIES.c.user_id).where(
                USER_IDENTITIES.c.issuer == identity.issuer, USER_IDENTITIES.c.subject == identity.subject
            )
        ).scalar_one_or_none()
        return found

    def is_device_of(self, digest: str, user_id: str) -> bool:
        """Whether the user has logged in from this browser before."""
        query = select(KNOWN_DEVICES.c.digest).where(KNOWN_DEVICES.c.digest == digest, KNOWN_DEVICES.c.user_id == user_id)
        return self._connection.execute(query).first() is not None

    def tries(self, digest: str) -> Tries:
        """Failed logins so far."""
        row = self._connection.execute(select(LOGIN_TRIES).where(LOGIN_TRIES.c.digest == digest)).one_or_none()
        return Tries() if row is None else Tries(failures=row.failures, last_at=row.last_at)

    def has_users(self) -> bool:
        """Whether there is anybody who could log in, or has been."""
        return bool(self._connection.execute(select(func.count()).select_from(USERS)).scalar_one())

    def _one(self, table: Table, digest: str, now: datetime) -> Any:
        query = select(table).where(table.c.digest == digest, table.c.expires_at > now)
        return self._connection.execute(query).mappings().one_or_none()


class CredentialRepository(CredentialReader):
    """Credentials in a write transaction."""

    def set_password(self, user_id: str, password_hash: str, *, now: datetime) -> None:
        """Replace a user's password."""
        self._connection.execute(delete(USER_PASSWORDS).where(USER_PASSWORDS.c.user_id == user_id))
        self._connection.execute(insert(USER_PASSWORDS), {"user_id": user_id, "password_hash": password_hash, "changed_at": now})

    def add_session(self, session: Session) -> None:
        """Keep a session, and let go of those that have expired."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= session.created_at))
        self._connection.execute(insert(SESSIONS), plain(session, SESSIONS))

    def end_session(self, digest: str) -> None:
        """The session is over."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest))

    def end_sessions_of(self, user_id: str, *, but: str | None = None) -> None:
        """Every session of a user is over, except perhaps the one in which they ask for it."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.digest != (but or "")))

    def add_token(self, token: ApiToken) -> None:
        """Keep a token."""
        self._connection.execute(insert(API_TOKENS), plain(token, API_TOKENS, scopes=sorted(token.scopes)))

    def revoke_token(self, token_id: str) -> None:
        """The token is worth nothing any more."""
        self._connection.execute(delete(API_TOKENS).where(API_TOKENS.c.id == token_id))

    def revoke_tokens_of(self, user_id: str) -> None:
        """No token of a user is worth anything any more."""
        self._connection.execute(delete(API_TOKENS).where(API_TOKENS.c.user_id == user_id))

    def add_link(self, link: OneTimeLink) -> None:
        """Keep a link, instead of any older one for the same."""
        self.drop_links(link)
        self._connection.execute(insert(ONE_TIME_LINKS), plain(link, ONE_TIME_LINKS))

    def drop_links(self, link: OneTimeLink) -> None:
        """No link for the same purpose and user is good any more."""
        same = (ONE_TIME_LINKS.c.user_id == link.user_id) if link.user_id is not None else ONE_TIME_LINKS.c.user_id.is_(None)
        self._connection.execute(delete(ONE_TIME_LINKS).where(ONE_TIME_LINKS.c.purpose == link.purpose, same))

    def take_link(self, digest: str, *, now: datetime) -> OneTimeLink | None:
        """The link, which from now on is used; of two who take it at once one gets it."""
        link = self.link(digest, now=now)
        if link is None or self._connection.execute(delete(ONE_TIME_LINKS).where(ONE_TIME_LINKS.c.digest == digest)).rowcount != 1:
            return None
        return link

    def end_access_of(self, user_id: str) -> None:
        """Nothing that a user was given lets anybody in any more."""
        self.end_sessions_of(user_id)
        self.revoke_tokens_of(user_id)
        self.drop_links_of(user_id)
        self.forget_devices_of(user_id)

    def forget(self, user_id: str) -> None:
        """Nothing is known any more of how the user proved who they were, nor of what they were given and wanted to be told."""
        self.end_access_of(user_id)
        for table in (USER_PASSWORDS, USER_IDENTITIES, MAIL_WISHES):
            self._connection.execute(delete(table).where(table.c.user_id == user_id))

    def drop_links_of(self, user_id: str) -> None:
        """No link of a user is good any more."""
        self._connection.execute(delete(ONE_TIME_LINKS).where(ONE_TIME_LINKS.c.user_id == user_id))

    def tie(self, identity: Identity, user_id: str, *, now: datetime) -> None:
        """Tie a user to an identity, instead of any other of the same issuer."""
        same_issuer = USER_IDENTITIES.c.issuer == identity.issuer
        self._connection.execute(delete(USER_IDENTITIES).where(same_issuer, USER_IDENTITIES.c.user_id == user_id))
        row = {"issuer": identity.issuer, "subject": identity.subject, "user_id": user_id, "created_at": now}
        self._connection.execute(insert(USER_IDENTITIES), row)

    def add_device(self, digest: str, user_id: str, *, now: datetime) -> None:
        """The user has logged in from this browser."""
        self._connection.execute(insert(KNOWN_DEVICES), {"digest": digest, "user_id": user_id, "created_at": now})

    def forget_devices_of(self, user_id: str) -> None:
        """No browser of a user is known any more."""
        self._connection.execute(delete(KNOWN_DEVICES).where(KNOWN_DEVICES.c.user_id == user_id))

    def keep_tries(self, digest: str, tries: Tries) -> None:
        """Keep how often a login has failed."""
        row = {"digest": digest, "failures": tries.failures, "last_at": tries.last_at}
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(LOGIN_TRIES).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=row))

    def lock_tries(self, digests: list[str], *, now: datetime) -> None:
        """Make the rows exist and hold them, so that tries at the same time are counted one after the other."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        for digest in sorted(digests):
            row = {"digest": digest, "failures": 0, "last_at": now}
            self._connection.execute(dialect.insert(LOGIN_TRIES).values(row).on_conflict_do_nothing())
            self._connection.execute(select(LOGIN_TRIES.c.digest).where(LOGIN_TRIES.c.digest == digest).with_for_update())

    def forget_tries(self, *, before: datetime) -> None:
        """Remove what is too old to count."""
        self._connection.execute(delete(LOGIN_TRIES).where(LOGIN_TRIES.c.last_at < before))


def _token(row: Any) -> ApiToken:
    return built(ApiToken, row, scopes=frozenset(row["scopes"]))
