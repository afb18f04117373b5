"""Tables of the audit: its chain of records, and the keys under which personal values in them are sealed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from scheduler.store.columns import Id, Name, UtcDateTime
from scheduler.store.tables.base import METADATA

AUDIT_RECORDS = Table(
    "audit_records",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False, index=True),
    Column("actor_id", Id, nullable=False, index=True),
    Column("source", String(100), nullable=False),
    Column("user_agent", Name),
    Column("request_id", Id, index=True),
    Column("plan_id", Id, index=True),
    Column("hash", String(64), nullable=False),
)
"""One for each transaction that changed something. Triggers refuse every UPDATE, DELETE and TRUNCATE."""

AUDIT_CHANGES = Table(
    "audit_changes",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("position", BigInteger, ForeignKey(AUDIT_RECORDS.c.position), nullable=False, index=True),
    Column("area", String(40), nullable=False),
    Column("row_id", Id, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("person_id", Id, index=True),
    # Texts, not JSON: the chain's hashes are of exactly these.
    Column("before", Text),
    Column("after", Text),
    Column("sealed", Text),
    Index("ix_audit_changes_row_id_area", "row_id", "area"),
)
"""One for each row that a transaction changed; guarded like the records."""

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the last record. Its lock puts writers in line, so that the chain never forks."""

PERSON_KEYS = Table(
    "person_keys",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Erasing a person deletes the row, and with it all that was sealed under it."""
