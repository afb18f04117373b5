"""``muster backup``: a copy of the SQLite database."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from scheduler.commands.installation import DATABASE, settings_with
from scheduler.store.backup import back_up


def back_up_database(
    *,
    target: Path = typer.Argument(..., metavar="DEST", help="The file to write; it must not exist yet."),
    as_json: bool = typer.Option(False, "--json", help="Print what was written as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Copy the SQLite database to a new file, also while a server is running.

    The copy is one committed state, checked, and appears complete or not at all. To restore: stop the server, remove the database
    with its -wal and -shm files, put the copy in its place. PostgreSQL has pg_dump. Exit codes: 0 copied, 2 refused or failed.
    """
    done = back_up(settings_with(database_url=database).database, target)
    if as_json:
        print(json.dumps({"source": str(done.source), "path": str(done.path), "bytes": done.size_bytes, "schema": done.schema.value}))
    else:
        print(f"{done.path}: {done.size_bytes:,} bytes, checked, of {done.source} (tables: {done.schema.value})")
