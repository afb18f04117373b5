"""The database's schema: what state it is in, and bringing it up to date."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.capacity_ledger import rebuild
from scheduler.store.engine import POSTGRESQL_PATIENCE
from scheduler.store.tables.capacity import BOOKING_LOADS
from scheduler.store.view import View

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_MIGRATION_LOCK = 0x6D757374
"""Any constant: whoever migrates the same PostgreSQL database waits for it."""


class SchemaState(StrEnum):
    """How the schema of a database compares with this program's."""

    CURRENT = "current"
    OLDER = "older"
    """Includes a database that has nothing yet."""
    NEWER = "newer"


def state_of(connection: Connection) -> SchemaState:
    """Compare the database's revision with the migrations of this program."""
    return state_of_revision(MigrationContext.configure(connection).get_current_revision())


def state_of_revision(revision: str | None) -> SchemaState:
    """The state of a database that says it is of this revision."""
    head, known = revisions()
    if revision == head:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision is None or revision in known else SchemaState.NEWER


@lru_cache
def revisions() -> tuple[str | None, frozenset[str]]:
    """The last revision of this program's migrations, and all of them."""
    scripts = ScriptDirectory.from_config(configuration())
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())


def refuse(state: SchemaState) -> None:
    """Raise DomainError unless the schema is current."""
    if state is SchemaState.OLDER:
        raise DomainError(
            ErrorKind.BUSY, "schema.older", 'The database is older than this program; stop the server and run "muster migrate".'
        )
    if state is SchemaState.NEWER:
        raise DomainError(
            ErrorKind.BUSY, "schema.newer", "The database was migrated by a newer version of this program; install that version to use it."
        )


def migrate(engine: Engine) -> None:
    """Bring the schema up to date in one transaction: all of it, or nothing. Raises DomainError ``schema.newer``."""
    with engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            # Rebuilding a table drops the old one, and with foreign keys on that would delete its children's rows.
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                _migrate(connection, on_sqlite=on_sqlite)
        finally:
            if on_sqlite:
                _pragma(connection, "foreign_keys=ON")


def _migrate(connection: Connection, *, on_sqlite: bool) -> None:
    if not on_sqlite:
        for name in POSTGRESQL_PATIENCE:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    if state_of(connection) is SchemaState.NEWER:
        refuse(SchemaState.NEWER)
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _count_days(connection)
    if on_sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration would leave {len(broken)} rows without the row they refer to; nothing was changed")


def _count_days(connection: Connection) -> None:
    """Fill the counters of people's days where there are bookings and none was ever counted."""
    if connection.execute(select(BOOKING_LOADS.c.booking_id).limit(1)).first() is None:
        rebuild(View(connection, LOCAL))


def _pragma(connection: Connection, text: str) -> None:
    # On the driver's own connection: inside a transaction SQLite ignores it.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA {text}")


def configuration() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", "scheduler.store:migrations")
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config
