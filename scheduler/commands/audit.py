"""``muster audit``: who changed what, and whether the record of it is what was written."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from scheduler.commands.installation import DATABASE, readable, settings_with
from scheduler.commands.refusal import refused_with_faults
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.audit import Link
from scheduler.domain.ground.paging import PageRequest
from scheduler.queries.audit import list_audit, verify_audit

if TYPE_CHECKING:
    from scheduler.store.audit_reading import AuditEntry

BROKEN = 1
_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

commands = typer.Typer(
    name="audit",
    help="Who changed what, when and from where; and whether the record of it is what was written.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@commands.command("list")
def list_changes(
    *,
    actor: str | None = typer.Option(None, "--actor", metavar="ID", help="Only what this actor changed."),
    area: str | None = typer.Option(None, "--area", metavar="AREA", help="Only rows of this area: people, bookings, plans, ..."),
    row: str | None = typer.Option(None, "--id", metavar="ID", help="Only the row with this id."),
    kind: str | None = typer.Option(None, "--kind", metavar="KIND", help="Only this: created, changed, deleted, erased or noted."),
    request: str | None = typer.Option(None, "--request", metavar="ID", help="Only what was changed in this request."),
    plan: str | None = typer.Option(None, "--plan", metavar="ID", help="Only what this plan changed, and its own steps."),
    since: str | None = typer.Option(None, "--from", metavar="INSTANT", help="From this instant on, such as 2027-01-04T08:00:00Z."),
    until: str | None = typer.Option(None, "--until", metavar="INSTANT", help="Before this instant."),
    limit: int = typer.Option(50, "--limit", help="How many changes to show, 1 to 500; the newest come first."),
    cursor: str | None = typer.Option(None, "--cursor", help="Where the page before ended, as it said."),
    as_json: bool = typer.Option(False, "--json", help="Print the page as JSON, with the values before and after."),
    database: str | None = DATABASE,
) -> None:
    """
    Show changes, newest first: one line for each row.

    Personal values of people who were erased are not shown: nobody can read them any more.
    """
    given = {
        "actor_id": actor,
        "area": area,
        "row_id": row,
        "kind": kind,
        "request_id": request,
        "plan_id": plan,
        "from": since,
        "until": until,
    }
    filters = {name: value for name, value in given.items() if value is not None}
    page = PageRequest(sort="-id", filters=filters, limit=limit, cursor=cursor)
    with readable(settings_with(database_url=database)) as store:
        found = list_audit(store, actor=LOCAL, page=page)
    if as_json:
        items = [{**asdict(one), "recorded_at": one.recorded_at.isoformat()} for one in found.items]
        print(json.dumps({"items": items, "next_cursor": found.next_cursor}))
        return
    for one in found.items:
        print(_line(one))
    if found.next_cursor is not None:
        print(f"more: --cursor {found.next_cursor}")


@commands.command("verify")
def verify(
    *,
    anchor: str | None = typer.Option(
        None, "--anchor", metavar="POSITION:HASH", help="What an earlier verification told you to note down."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Walk along the chain of all audit records and name the first that is not what was written.

    Note the position and hash it prints down elsewhere: given as --anchor later they prove that nothing before was rewritten, cut off
    or replaced by an old backup. Exit codes: 0 the chain holds, 1 it is broken, 2 bad input.
    """
    noted = None if anchor is None else _link(anchor)
    with readable(settings_with(database_url=database)) as store:
        found = verify_audit(store, actor=LOCAL, anchor=noted)
    if as_json:
        print(json.dumps({"holds": found.holds, **asdict(found)}))
    else:
        print(f"{found.records:,} records hold; the last is {found.last.position}:{found.last.hash}")
        if found.broken is not None:
            print(f"record {found.broken.position} is broken: {found.broken.reason}")
    raise typer.Exit(0 if found.holds else BROKEN)


def _link(text: str) -> Link:
    found = _ANCHOR.fullmatch(text.strip().lower())
    if found is None:
        message = "it is a position, a colon and a hash of 64 hexadecimal digits, as an earlier verification printed them."
        raise refused_with_faults("options", [("--anchor", "anchor.invalid", message)])
    return Link(position=int(found[1]), hash=found[2])


def _line(one: AuditEntry) -> str:
    at = one.recorded_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    about = [f"plan {one.plan_id}"] if one.plan_id is not None and one.area != "plans" else []
    about += [f"request {one.request_id}"] if one.request_id is not None else []
    where = f"{one.actor_id} from {one.source}{' (' + ', '.join(about) + ')' if about else ''}"
    return f"{one.position:>7}  {at}  {one.kind:<7}  {one.area} {one.row_id}  {_columns(one)}  by {where}"


def _columns(one: AuditEntry) -> str:
    columns: dict[str, Any] = {**(one.before or {}), **(one.after or {})}
    if one.kind == "noted":
        return ", ".join(str(value) for value in columns.values()) or "-"
    named = ", ".join(sorted(columns.keys() - {"version"})) if one.kind == "changed" else ""
    return (named or "-") + (f" (values {one.unreadable})" if one.unreadable is not None else "")
