"""
Who may write and who runs the jobs: one process each, and a lock that goes when its holder dies says which.

On SQLite one process writes, jobs or not: a lock of the operating system on a file beside the database. On PostgreSQL many write,
but the embedded worker takes up the jobs of its dead predecessor, so there may be one: an advisory lock of a session of its own.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, make_url, select

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_WORKER_LOCK = 0x6D757375
"""Any constant, other than the one that migrations take."""


class WriterLock:
    """
    The right to write to a SQLite database. The system takes it back when its holder dies, however that happens.

    PostgreSQL serves many writers by itself: there is nothing to take.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._handle: int | None = None

    @classmethod
    def beside(cls, database_url: str) -> WriterLock:
        """The lock of a database; the file stays when it is released, only the lock on it counts."""
        url = make_url(database_url)
        if url.get_backend_name() != "sqlite" or url.database is None:
            return cls(None)
        return cls(Path(url.database + ".lock"))

    @property
    def is_needed(self) -> bool:
        """Whether the database allows one writing process only."""
        return self._path is not None

    def acquire(self) -> None:
        """Take it, unless we have it. Raises DomainError ``database.in_use``."""
        if self._path is None or self._handle is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 64).decode(errors="replace").strip()
            os.close(handle)
            raise _in_use(holder) from error
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle

    def release(self) -> None:
        """Give it back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class WorkerLock:
    """The right to run the embedded worker on a PostgreSQL database. On SQLite the right to write is enough: nothing is taken there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None

    def acquire(self) -> None:
        """Take it, unless we have it. Raises DomainError ``worker.already_running``."""
        if self._engine.dialect.name != "postgresql" or self._session is not None:
            return
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not session.execute(select(func.pg_try_advisory_lock(_WORKER_LOCK))).scalar_one():
            session.close()
            raise DomainError(
                ErrorKind.CONFLICT,
                "worker.already_running",
                "Another muster server works on this database's jobs, and only one may; stop it first.",
            )
        self._session = session

    def release(self) -> None:
        """Give it back, with the session that held it."""
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None


def _in_use(holder: str) -> DomainError:
    by = f" (process {holder})" if holder.isdigit() else ""
    return DomainError(
        ErrorKind.CONFLICT,
        "database.in_use",
        f"Another muster process{by} is writing to this SQLite database, and only one may: send the change through the running server's API,"
        " or stop that process first. Several processes at once need PostgreSQL.",
    )
