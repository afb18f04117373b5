"""The database of one installation."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store import failures, leases, schema
from scheduler.store.engine import open_engine, reading
from scheduler.store.schema import SchemaState
from scheduler.store.transaction import Transaction
from scheduler.store.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store.transaction import Enqueue

_LOG = logging.getLogger("muster.store")
SOUND_SQLITE = (3, 51, 3)
"""The first SQLite release without a fault that may lose data when several processes write to one file."""


class Store:
    """
    Everything the installation keeps.

    >>> with store.begin(actor, now=now) as tx:
    ...     tx.skills.add(Skill(id=SkillId(new_id()), name="SAP"))

    Leaving the block commits; an exception rolls back. A database that could not take the transaction (deadlock, lock) raises
    DomainError ``store.busy``; use cases are decorated with ``retried``, which runs them again.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        self._enqueue: Enqueue | None = None
        self._sends_mail = False
        self._is_current = False

    @contextmanager
    def begin(self, actor: Actor, *, now: datetime | None = None, idempotency: IdempotencyClaim | None = None) -> Iterator[Transaction]:
        """
        A write transaction.

        Raises Replayed when ``idempotency`` was answered before (see ``scheduler.store.idempotency``), and DomainError
        ``job.lost_lease`` in a job that is another worker's by now.
        """
        self._require_current_schema()
        with _translated(), self.engine.connect() as connection, connection.begin():
            tx = Transaction(connection, actor, now=now or datetime.now(UTC), enqueue=self._enqueue, sends_mail=self._sends_mail)
            lease = leases.current()
            if lease is not None:
                tx.jobs.require_lease(lease)
            if idempotency is not None:
                tx.idempotency.claim(idempotency, actor=actor, now=tx.now)
            yield tx
            tx.finish(idempotency)

    @contextmanager
    def read(self, actor: Actor, *, as_of: datetime | None = None) -> Iterator[View]:
        """One consistent state of the database: now, or as it was recorded at an instant. Raises DomainError for a naive one."""
        if as_of is not None:
            as_of = _instant(as_of)
        self._require_current_schema()
        with _translated(), self.engine.connect() as connection, reading(connection).begin():
            yield View(connection, actor, as_of=as_of)

    def wire(self, enqueue: Enqueue, *, sends_mail: bool = False) -> None:
        """Say how a job is put into the queue, given the transaction's connection, and whether there is a server that takes mails."""
        self._enqueue = enqueue
        self._sends_mail = sends_mail

    def migrate(self) -> None:
        """Bring the schema up to date. Raises DomainError ``schema.newer``."""
        with _translated():
            schema.migrate(self.engine)
        self._is_current = True

    def schema_state(self) -> SchemaState:
        """How the database's schema compares with this program's."""
        with _translated(), self.engine.connect() as connection, reading(connection).begin():
            return schema.state_of(connection)

    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about this database; to be said at start-up."""
        if self.engine.dialect.name != "sqlite" or sqlite3.sqlite_version_info >= SOUND_SQLITE:
            return ()
        known = (
            f"SQLite {sqlite3.sqlite_version} has a known fault when several processes write to one file; "
            f"run one server only, or use PostgreSQL (fixed in SQLite {'.'.join(map(str, SOUND_SQLITE))})."
        )
        return (known,)

    def scrub(self) -> None:
        """Take what was deleted out of the file of a SQLite database: until then it lies in pages that are free. Nobody may be writing."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def refresh_statistics(self) -> None:
        """
        Let PostgreSQL look at how many rows there are, after many were added; by itself it does so within minutes.

        Until then its queries follow plans for empty tables, which take time by the square of the rows. Of tables that the role does not own
        it looks at none, and says so in its log.
        """
        if self.engine.dialect.name == "postgresql":
            try:
                with self.engine.connect() as connection, connection.begin():
                    connection.exec_driver_sql("ANALYZE")
            except DBAPIError as error:  # somebody else looks at a table, or one is locked: what was added is there all the same
                _LOG.warning("PostgreSQL could not count its tables: %s", error.orig)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _require_current_schema(self) -> None:
        if not self._is_current:
            schema.refuse(self.schema_state())
            self._is_current = True


def _instant(as_of: datetime) -> datetime:
    if as_of.tzinfo is None:
        message = "The instant has no zone; write it like 2027-02-01T12:00:00Z."
        raise DomainError(
            ErrorKind.INVALID, "time.zone_required", message, (Fault(pointer="/as_of", code="time.zone_required", message=message),)
        )
    try:
        return as_of.astimezone(UTC)
    except OverflowError:
        # Within a day of the calendar's ends, where everything is before, or nothing.
        return datetime.min.replace(tzinfo=UTC) if as_of.year == 1 else datetime.max.replace(tzinfo=UTC)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        meaning = failures.understood(error)
        if meaning is None:
            raise
        raise meaning from error
