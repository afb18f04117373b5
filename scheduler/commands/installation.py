"""The installation a command works on: its settings from the environment and the command's options."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError

from scheduler.application import Application
from scheduler.commands.refusal import Refused, refused_with_faults
from scheduler.config import Settings
from scheduler.store import Store
from scheduler.store.engine import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = typer.Option(
    None,
    "--database",
    metavar="URL",
    help="sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/name; default: MUSTER_DATABASE_URL, else var/muster.db.",
)


def settings_with(**options: Any) -> Settings:
    """The settings; an option that was given wins over the environment."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        faults = ((".".join(map(str, fault["loc"])), "setting.invalid", fault["msg"]) for fault in error.errors(include_input=False))
        raise refused_with_faults("settings", faults) from None


@contextmanager
def readable(settings: Settings) -> Iterator[Store]:
    """The database, to be read only: also while a server writes to it."""
    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        raise Refused(f"there is no database at {file}; name the one to read with --database.")
    store = Store(settings.database)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def writable(settings: Settings) -> Iterator[Application]:
    """The application with the right to write and a current schema, but without a worker."""
    application = Application(settings)
    try:
        application.open_to_write()
        yield application
    finally:
        application.stop()


@contextmanager
def working(settings: Settings) -> Iterator[Application]:
    """The application with its worker running: on PostgreSQL beside those of servers. On SQLite a running server means a refusal."""
    application = Application(settings)
    try:
        application.start(clock=False)
        yield application
    finally:
        application.stop()
