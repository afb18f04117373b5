"""
What the role of a running server may do on PostgreSQL, where another role owns the tables.

It may read and add to the audit. It may not change, remove or empty it, nor take away the triggers that guard it: only an owner may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import text

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.tables.audit import AUDIT_CHANGES, AUDIT_RECORDS

if TYPE_CHECKING:
    from sqlalchemy import Engine

_OWNERS_ALONE = ("alembic_version",)
"""Written by migrations only."""


def grant(engine: Engine, *, role: str, schemas: Sequence[str]) -> None:
    """
    Let the role work with all tables, ours and those in ``schemas``; to be repeated after every migration.

    Raises DomainError ``role.unusable`` on SQLite, and for a role that does not exist or owns the tables itself.
    """
    if engine.dialect.name != "postgresql":
        raise _unusable("SQLite has no roles; leave --grant-to out.")
    with engine.begin() as connection:
        if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is None:
            raise _unusable(f"There is no role {role!r}; create it first: CREATE ROLE ... LOGIN PASSWORD ...")
        owns = text(
            "SELECT pg_has_role(:role, tableowner, 'MEMBER') FROM pg_tables WHERE tablename = :table AND schemaname = current_schema()"
        )
        if connection.execute(owns, {"role": role, "table": AUDIT_RECORDS.name}).scalar_one():
            raise _unusable(
                f"The role {role!r} owns the tables, or may act as their owner, so it could take the guards away; give another."
            )
        own = str(connection.execute(text("SELECT current_schema()")).scalar_one())
        quote = connection.dialect.identifier_preparer.quote
        for statement in _statements(quote(role), [quote(one) for one in (own, *schemas)], quote(own)):
            connection.execute(text(statement))


def _statements(role: str, schemas: Iterable[str], own: str) -> Iterator[str]:
    for schema in schemas:
        yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
        yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}"
    for table in (AUDIT_RECORDS.name, AUDIT_CHANGES.name):
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {own}.{table} FROM {role}"
    for table in _OWNERS_ALONE:
        yield f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {own}.{table} FROM {role}"


def _unusable(detail: str) -> DomainError:
    return DomainError(ErrorKind.INVALID, "role.unusable", detail)
