"""``muster migrate``: brings the database's tables up to date."""

from __future__ import annotations

import typer

from scheduler.application import Application
from scheduler.commands.installation import DATABASE, settings_with
from scheduler.commands.refusal import Refused
from scheduler.store.engine import sqlite_file


def migrate_database(
    *,
    grant_to: str | None = typer.Option(
        None, "--grant-to", metavar="ROLE", help="PostgreSQL: a role for the server, which may use the tables but not change the audit."
    ),
    database: str | None = DATABASE,
) -> None:
    """
    Create the database's tables, or bring them up to date. A SQLite file that does not exist is created.

    Stop the server first. SQLite databases are also migrated whenever the server starts. Run as the owner with --grant-to, always the
    same role, the server can work as that role and has no right to change or remove records of the audit.
    """
    settings = settings_with(database_url=database)
    file = sqlite_file(settings.database)
    is_new = file is not None and not file.exists()
    if file is not None and settings.database_url and not file.parent.is_dir():
        raise Refused(f"{file.parent}: no such directory, so the database {file} cannot be created; create it, or correct the URL.")
    application = Application(settings)
    try:
        application.migrate_explicitly(grant_to=grant_to)
    finally:
        application.stop()
    print(f"created a new, empty database: {file}" if is_new else "the database is up to date")
