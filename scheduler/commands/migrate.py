"""``muster migrate``: brings the database's tables up to date."""

from __future__ import annotations

from scheduler.application import Application
from scheduler.commands.installation import DATABASE, settings_with


def migrate_database(*, database: str | None = DATABASE) -> None:
    """
    Create the database's tables, or bring them up to date.

    Stop the server first. SQLite databases are also migrated whenever the server starts.
    """
    application = Application(settings_with(database_url=database))
    try:
        application.migrate_explicitly()
    finally:
        application.stop()
    print("the database is up to date")
