"""``muster person``: what is held on somebody, and taking it away."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typer

from scheduler.commands.erasing import report, require_confirmation
from scheduler.commands.installation import DATABASE, readable, settings_with, writable
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.queries.personal import export_person, identified
from scheduler.usecases.erasure import erase_person

PERSON = typer.Argument(..., metavar="PERSON", help="The person's id, or external id.")

commands = typer.Typer(
    name="person",
    help="What is held on a person, and erasing it.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@commands.command("export")
def export(
    *,
    person: str = PERSON,
    output: Path | None = typer.Option(None, "--output", "-o", metavar="FILE", help="Write to this file, which must not exist."),
    database: str | None = DATABASE,
) -> None:
    """
    Write all that is held on a person as JSON.

    That is every version of terms, skills, absences, bookings and rates, what plans and their problems say, every change in the audit,
    and answers kept for repeated requests. The file holds a salary; only you can read it.
    """
    with readable(settings_with(database_url=database)) as store:
        found = export_person(store, actor=LOCAL, person=person, now=datetime.now(UTC))
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{output} exists; name another file.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


@commands.command("erase")
def erase(
    *,
    person: str = PERSON,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be done; change nothing."),
    confirm: str | None = typer.Option(None, "--confirm", metavar="ID", help="The person's id once more, instead of being asked."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Put a pseudonym in a person's place, everywhere and in every version. It cannot be undone.

    Totals stay as they are. The report says what has to be kept, and why. Backups made before still hold the person: see
    docs/operations.md. Exit codes: 0 erased, 2 refused.
    """
    with writable(settings_with(database_url=database)) as application:
        store, now = application.store, datetime.now(UTC)
        person_id = identified(store, actor=LOCAL, person=person)
        if not dry_run:
            require_confirmation(person_id, confirm)
        done = erase_person(store, actor=LOCAL, person_id=person_id, now=now, dry_run=dry_run)
        if not dry_run:
            store.scrub()
    print(json.dumps(asdict(done)) if as_json else "\n".join(report(done)))
