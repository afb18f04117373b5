"""What an import did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.schemas.fields import Schema

if TYPE_CHECKING:
    from scheduler.integrations.imports import ImportReport


class AreaCountShape(Schema):
    """What became of the records of one area."""

    area: str
    created: int
    changed: int
    unchanged: int


class ImportRead(Schema):
    """What an import did or, as a dry run, would do."""

    dry_run: bool
    summary: str
    rows_read: int
    areas: list[AreaCountShape]
    notes: list[str]
    unused_files: list[str]


def shown_import(report: ImportReport) -> ImportRead:
    """A report as callers see it."""
    return ImportRead(
        dry_run=report.dry_run,
        summary=report.summary(),
        rows_read=report.rows_read,
        areas=[AreaCountShape(area=one.area, created=one.created, changed=one.changed, unchanged=one.unchanged) for one in report.areas],
        notes=list(report.notes),
        unused_files=list(report.unused_files),
    )
