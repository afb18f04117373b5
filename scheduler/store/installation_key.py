"""The installation's secret key: as it is set, or made on first run and kept in a file that only its owner reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.opaque import new_secret, weakness_of_key
from scheduler.store.engine import sqlite_file

if TYPE_CHECKING:
    from scheduler.config import Settings


def key_file(settings: Settings) -> Path:
    """Beside the SQLite database, or in the folder of the installation."""
    database = sqlite_file(settings.database)
    return settings.data_dir / "muster.key" if database is None else database.with_name(f"{database.name}.key")


def installation_key(settings: Settings) -> str:
    """The key. Raises DomainError ``secret.weak`` when the file holds none."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = key_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_secret() + "\n")
    return _read(path)


def _read(path: Path) -> str:
    key = path.read_text(encoding="ascii", errors="replace").strip()
    weakness = weakness_of_key(key)
    if weakness is not None:
        detail = (
            f"The secret key in {path} cannot be used: {weakness}. Put back the right file, or remove it: a new one is made, and"
            " everybody logs in again and makes new API tokens."
        )
        raise DomainError(ErrorKind.INVALID, "secret.weak", detail)
    return key
