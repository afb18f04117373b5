"""``muster ledger``: whether the books are what follows from their rows."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from scheduler.commands.installation import DATABASE, readable, settings_with
from scheduler.domain.ground.access import LOCAL
from scheduler.queries.ledger_verify import verify_ledger

BROKEN = 1

commands = typer.Typer(
    name="ledger",
    help="The books: bills, payments and closed months.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@commands.callback()
def _ledger() -> None:
    pass


@commands.command("verify")
def verify(
    *,
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Derive every bill, tax, number, payment, balance and entry anew, and name the first column that is stored otherwise.

    Each follows from primary rows as they were when it was made. It reads and changes nothing. Whoever rewrites a row, its versions and
    everything that follows from it is found by `muster audit verify` with an anchor. Exit codes: 0 everything holds, 1 something differs, 2 bad input.
    """
    with readable(settings_with(database_url=database)) as store:
        found = verify_ledger(store, actor=LOCAL)
    if as_json:
        print(json.dumps({"holds": found.holds, **asdict(found)}))
    else:
        print(f"{found.documents:,} documents, {found.months:,} closed months with {found.entries:,} entries")
        print("everything holds" if found.difference is None else f"broken: {found.difference}")
    raise typer.Exit(0 if found.holds else BROKEN)
