"""Which files are to be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports.archive import check_size
from scheduler.integrations.imports.tables import Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
MAX_FILES = 100


def sources_from(paths: Iterable[Path]) -> tuple[Source, ...]:
    """
    Read the files given; of a folder, the CSV, TSV, text and XLSX files directly in it.

    Raises
    ------
    DomainError
        ``file.not_found``, ``file.unreadable``, ``file.too_large``, ``file.same_name`` or ``file.too_many``.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                entry for entry in path.iterdir() if entry.suffix.lower() in ENDINGS and entry.is_file() and not entry.name.startswith("~$")
            )
        elif path.is_file():
            found.append(path)
        else:
            raise DomainError(ErrorKind.NOT_FOUND, "file.not_found", f"There is no file or folder {path}.")
    if len(found) > MAX_FILES:
        raise DomainError(ErrorKind.TOO_LARGE, "file.too_many", f"{len(found)} files were given; at most {MAX_FILES} are read at once.")
    names = [path.name for path in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DomainError(
            ErrorKind.INVALID,
            "file.same_name",
            f"Several files are called {', '.join(doubled)}; rename them, as the map knows files by name.",
        )
    return tuple(_source(path) for path in found)


def _source(path: Path) -> Source:
    try:
        check_size(path.name, path.stat().st_size)
        return Source(path.name, path.read_bytes())
    except OSError as error:
        raise DomainError(ErrorKind.INVALID, "file.unreadable", f"{path} cannot be read ({error.strerror}).") from error
