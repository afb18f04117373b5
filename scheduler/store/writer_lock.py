"""Who may write to a SQLite database: one process, by a lock of the operating system on a file beside it. On PostgreSQL many write."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import make_url

from scheduler.domain.ground.errors import DomainError, ErrorKind


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


def _in_use(holder: str) -> DomainError:
    by = f" (process {holder})" if holder.isdigit() else ""
    return DomainError(
        ErrorKind.CONFLICT,
        "database.in_use",
        f"Another muster process{by} is writing to this SQLite database, and only one may: send the change through the running server's API,"
        " or stop that process first. Several processes at once need PostgreSQL.",
    )
