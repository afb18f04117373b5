"""Tables of users and of what they prove with who they are."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from scheduler.domain.ground.credentials import LinkPurpose
from scheduler.domain.ground.permissions import Role
from scheduler.store.columns import Choice, Id, JsonText, Key, Name, UtcDateTime, key_type
from scheduler.store.tables.base import METADATA, child, head, reference
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import CLIENTS, PROJECTS

Digest = String(64)
"""HMAC-SHA-256 in hexadecimal: of secrets only this is kept."""

USERS = head(
    "users",
    Column("login", Name, nullable=False),
    Column("login_key", Key, nullable=False),
    Column("name", Name, nullable=False),
    Column("role", Choice(Role), nullable=False),
    reference("person_id", PEOPLE, nullable=True),
    Column("team", Name),
    reference("client_id", CLIENTS, nullable=True),
    Column("extra", JsonText, nullable=False),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Index("uq_users_login_key", "login_key", unique=True),
)

USER_PROJECTS = child("user_projects", USERS, reference("project_id", PROJECTS, primary_key=True))

USER_PASSWORDS = Table(
    "user_passwords",
    METADATA,
    Column("user_id", Id, ForeignKey(USERS.c.id), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""Apart from the user's row, because of that every version is kept."""

USER_IDENTITIES = Table(
    "user_identities",
    METADATA,
    Column("issuer", key_type(400), primary_key=True),
    Column("subject", key_type(400), primary_key=True),
    Column("user_id", Id, ForeignKey(USERS.c.id), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Who an identity provider says a user is. Never known by mail address: whoever gets that address later is somebody else."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", Digest, primary_key=True),
    Column("user_id", Id, ForeignKey(USERS.c.id), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

API_TOKENS = Table(
    "api_tokens",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey(USERS.c.id), nullable=False, index=True),
    Column("name", Name, nullable=False),
    Column("digest", Digest, nullable=False),
    Column("scopes", JsonText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("uq_api_tokens_digest", "digest", unique=True),
)

ONE_TIME_LINKS = Table(
    "one_time_links",
    METADATA,
    Column("digest", Digest, primary_key=True),
    Column("purpose", Choice(LinkPurpose), nullable=False),
    Column("user_id", Id, ForeignKey(USERS.c.id), nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

KNOWN_DEVICES = Table(
    "known_devices",
    METADATA,
    Column("digest", Digest, primary_key=True),
    Column("user_id", Id, ForeignKey(USERS.c.id), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)

LOGIN_TRIES = Table(
    "login_tries",
    METADATA,
    Column("digest", Digest, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
"""Failed logins by account, device and source, each known by its digest only."""
