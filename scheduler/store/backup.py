"""
A copy of a SQLite database, taken while others may be writing to it.

The database is opened read-only: the copy is one committed state of it, and neither the file nor its log is written to, not even
when ours is the last connection to close (a checkpoint beside a writer in another process is what older SQLite cannot stand).
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.engine import BUSY_TIMEOUT_MS, sqlite_file
from scheduler.store.schema import SchemaState, state_of_revision

if TYPE_CHECKING:
    from collections.abc import Iterator

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite would take for part of a database of the same name."""
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy that was checked and is on the disk."""

    source: Path
    path: Path
    size_bytes: int
    schema: SchemaState


def back_up(database_url: str, target: Path) -> Backup:
    """
    Copy the database to a new file, which appears complete and checked or not at all.

    Raises
    ------
    DomainError
        ``backup.not_sqlite``; ``backup.no_database``; ``backup.target_invalid`` for one that exists or cannot be written;
        ``backup.failed`` when the database cannot be copied or the copy is not sound.
    """
    source = sqlite_file(database_url)
    if source is None:
        raise DomainError(
            ErrorKind.INVALID,
            "backup.not_sqlite",
            "The database is PostgreSQL; back it up with its own tool: pg_dump --format=custom --file=muster.dump DATABASE.",
        )
    if not source.is_file():
        raise DomainError(ErrorKind.NOT_FOUND, "backup.no_database", f"There is no database at {source}; name the one to back up.")
    _check_target(target)
    with _draft_beside(target) as draft:
        try:
            _copy(source, draft)
            schema = _checked(draft)
        except sqlite3.Error as error:
            raise _failed(f"{source} cannot be copied: {error}.") from error
        shutil.copymode(source, draft)
        size_bytes = _on_disk(draft)
        _publish(draft, target)
    return Backup(source=source, path=target, size_bytes=size_bytes, schema=schema)


def _check_target(target: Path) -> None:
    try:
        if os.path.lexists(target):
            raise _exists(target)
        for beside in (target.with_name(target.name + suffix) for suffix in BESIDE):
            if os.path.lexists(beside):
                raise _refused(f"{beside} exists and would be taken for part of the copy; remove it, or choose another name.")
        if not target.parent.is_dir():
            raise _refused(f"The directory {target.parent} does not exist; create it first.")
    except (OSError, ValueError) as error:
        raise _refused(f"{target} cannot be written: {error}.") from error


@contextmanager
def _draft_beside(target: Path) -> Iterator[Path]:
    """An empty file that nobody else may read, in the target's own directory; gone afterwards."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    except OSError as error:
        raise _refused(f"{target} cannot be written: {(error.strerror or str(error)).lower()}.") from error
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _copy(source: Path, draft: Path) -> None:
    with closing(_read_only(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(draft),))


def _checked(draft: Path) -> SchemaState:
    """What the copy's schema is. Raises DomainError unless it is a sound database of ours."""
    with closing(_read_only(draft)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            raise _failed(f"The copy is damaged, and so may be the database: {'; '.join(found)}.")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'").fetchone() is None:
            raise _failed("It is not a database of this program: it does not say which version its tables have.")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return state_of_revision(None if row is None else row[0])


def _read_only(file: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(file.resolve()))}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)


def _on_disk(file: Path) -> int:
    """Wait until the content is on the disk; how many bytes that are."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


def _publish(draft: Path, target: Path) -> None:
    """Give the copy its name, unless somebody else has taken it meanwhile."""
    try:
        target.hardlink_to(draft)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise _exists(target) from error
        draft.rename(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exists(target: Path) -> DomainError:
    return _refused(f"{target} exists, and a backup never overwrites; choose another name, or remove it first.")


def _refused(detail: str) -> DomainError:
    return DomainError(ErrorKind.INVALID, "backup.target_invalid", detail)


def _failed(detail: str) -> DomainError:
    return DomainError(ErrorKind.BUSY, "backup.failed", f"{detail} No backup was made.")
