"""``muster import``: a firm's tables from CSV and XLSX files."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scheduler.commands.files import read_input
from scheduler.commands.installation import DATABASE, settings_with, writable
from scheduler.commands.refusal import BAD_INPUT, Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.integrations.imports import ImportRefused, import_files, read_map, sources_from

if TYPE_CHECKING:
    from scheduler.integrations.imports import ImportReport, Reconciled


def import_tables(
    *,
    paths: list[Path] = typer.Argument(..., metavar="PATHS", help="CSV and XLSX files, or directories of them."),
    map_path: Path = typer.Option(..., "--map", metavar="MAP", help="The map: which column means what (TOML)."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Check everything and say what would be done; write nothing."),
    as_json: bool = typer.Option(False, "--json", help="Print the report (or the faults) as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Import people, absences, projects, demands, rates, bookings, tasks, time and expenses.

    Nothing is written unless all of it is right; every fault is listed by file, row and column. Importing the same files again changes
    nothing. Exit codes: 0 imported, 2 bad input.
    """
    try:
        mapping = read_map(read_input(map_path), name=str(map_path))
        sources = sources_from(paths)
        with writable(settings_with(database_url=database)) as application:
            report = import_files(application.store, actor=LOCAL, sources=sources, mapping=mapping, dry_run=dry_run, now=datetime.now(UTC))
    except ImportRefused as refused:
        raise _with_faults(refused, as_json=as_json) from None
    print(json.dumps(asdict(report), default=str) if as_json else "\n".join(_report_lines(report)))


def _total_line(total: Reconciled) -> str:
    of = "" if total.currency is None else f" in {total.currency}"
    brought, kept = f"{total.records_in:,} records and {total.total_in:,f} in", f"{total.records_out:,} and {total.total_out:,.2f} out"
    return f"  {total.area} {total.figure}{of}: {brought}, {kept}"


def _report_lines(report: ImportReport) -> list[str]:
    lines = [("dry run, nothing was written: " if report.dry_run else "") + report.summary()]
    lines += [f"  {c.area:<14} {c.created:>6} created {c.changed:>6} changed {c.unchanged:>6} unchanged" for c in report.areas]
    lines += [_total_line(total) for total in report.totals if total.project is None]
    lines += [f"assumed: {note}" for note in report.notes]
    lines += [f"not used: {name} (the map does not name it)" for name in report.unused_files]
    return lines


def _with_faults(refused: ImportRefused, *, as_json: bool) -> Refused:
    if as_json:
        faults = [{**asdict(f.place), "code": f.code, "message": f.message} for f in refused.import_faults]
        print(json.dumps({"code": refused.code, "detail": refused.detail, "fault_count": refused.fault_count, "faults": faults}))
        return Refused(refused.detail, exit_code=BAD_INPUT)
    lines = [f"  {fault}" for fault in refused.import_faults]
    unlisted = refused.fault_count - len(lines)
    if unlisted > 0:
        lines.append(f"  ... and {unlisted:,} more")
    return Refused(refused.detail, *lines, exit_code=BAD_INPUT)
