"""``muster person``: what is held on somebody, and taking it away."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scheduler.commands.installation import DATABASE, readable, settings_with, writable
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.queries.personal import export_person, identified
from scheduler.usecases.erasure import erase_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.staffing.erasure import Erasure

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
            _require_confirmation(person_id, confirm)
        done = erase_person(store, actor=LOCAL, person_id=person_id, now=now, dry_run=dry_run)
        if not dry_run:
            store.scrub()
    print(json.dumps(asdict(done)) if as_json else "\n".join(_report(done)))


def _require_confirmation(person_id: str, confirm: str | None) -> None:
    if confirm is None and sys.stdin.isatty():
        confirm = input(f"Erase {person_id} for good? Type the id once more: ").strip()
    if confirm != person_id:
        raise Refused(f"not confirmed, so nothing was erased; confirm with --confirm {person_id}. --dry-run says what would be done.")


def _report(done: Erasure) -> Iterator[str]:
    would = "would be " if done.dry_run else ""
    yield f"{done.person_id}: {'dry run, nothing was erased' if done.dry_run else 'erased'}; the name {would or 'is now '}{done.pseudonym}"
    for table, rows in done.rewritten.items():
        yield f"  {table:<24} {rows:>6} rows {would}rewritten"
    for what, rows in done.sealed.items():
        yield f"  {what:<24} {rows:>6} hold values that nobody {'would be able to' if done.dry_run else 'can'} read any more"
    for kept in done.kept:
        yield f"kept: {', '.join(kept.columns)} in {kept.rows} rows of {kept.table}. {kept.why}"
    for mention in done.mentions:
        yield f"look at: the {mention.column} of {mention.table} {mention.row_id} mentions the person"
