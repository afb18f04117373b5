"""Connections, and how transactions begin on each database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.rows_at_once import written_at_once

if TYPE_CHECKING:
    from collections.abc import Sequence

BUSY_TIMEOUT_MS = 30_000
POSTGRESQL_PATIENCE = {
    # Whoever waits for a row this long is told that the database is busy, as on SQLite.
    "lock_timeout": BUSY_TIMEOUT_MS,
    # A process that was stopped with a transaction open gives its locks back before its jobs are taken over, within a minute.
    "idle_in_transaction_session_timeout": 45_000,
    # Nothing here takes that long; a statement that does must not keep others waiting for ever.
    "statement_timeout": 300_000,
}
"""Milliseconds, for each connection. Migrations take as long as they take."""
POOL_SIZE = 10
POOL_OVERFLOW = 20
READING = {"muster_reads_only": True}
"""Execution options of a connection that will not write."""


def open_engine(url: str) -> Engine:
    """An engine for a SQLite file or a PostgreSQL database. Raises DomainError ``database.url_invalid``."""
    address = _checked(url)
    if address.get_backend_name() == "postgresql":
        engine = create_engine(address, pool_pre_ping=True, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "do_executemany", _many_on_postgresql)
        return engine
    Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(url: str) -> Path | None:
    """Where a SQLite database is; ``None`` for PostgreSQL. Raises DomainError ``database.url_invalid``."""
    address = _checked(url)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


def reading(connection: Connection) -> Connection:
    """The connection, set to read one state of the database; before its transaction begins."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection.execution_options(**READING)


def _checked(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise _invalid() from error
    if address.drivername == "sqlite" and address.database and address.database != ":memory:" and not address.query:
        return address
    if address.drivername == "postgresql+psycopg":
        return address
    raise _invalid()


def _invalid() -> DomainError:
    # The address itself is not repeated: it may hold a password.
    return DomainError(
        ErrorKind.INVALID,
        "database.url_invalid",
        "The database URL is not one Muster can use; give sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/name.",
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by itself, and deferred ones at that.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # Not as options of the connection: poolers between here and the server refuse those.
    with connection.cursor() as cursor:
        for name, patience_ms in POSTGRESQL_PATIENCE.items():
            cursor.execute(f"SET SESSION {name} = {patience_ms}")
        # Rows that are read a few at a time are all read: the fastest way to the first tenth may take time by the square of the rows.
        cursor.execute("SET SESSION cursor_tuple_fraction = 1")
        # Nor a plan that was made when a table was empty, and is kept for statements that are repeated while it fills.
        cursor.execute("SET SESSION plan_cache_mode = force_custom_plan")
        # Nor compiles what runs for milliseconds.
        cursor.execute("SET SESSION jit = off")
    connection.commit()


def _many_on_postgresql(cursor: Any, statement: str, parameters: Sequence[Any], _context: object) -> bool:
    """Rows that one statement writes share a plan, and so do the checks of what they refer to: made anew for each they take as long again."""
    with cursor.connection.cursor() as beside:
        beside.execute("SET SESSION plan_cache_mode = auto")
        if not written_at_once(beside, statement, parameters):
            cursor.executemany(statement, parameters)
        beside.execute("SET SESSION plan_cache_mode = force_custom_plan")
    return True


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that writes after it has read fails at once when somebody else wrote in between.
    reads_only = connection.get_execution_options().get("muster_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
