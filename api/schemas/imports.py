"""What an import did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.schemas.fields import Schema, plain

if TYPE_CHECKING:
    from decimal import Decimal

    from scheduler.integrations.imports import ImportReport


class AreaCountShape(Schema):
    """What became of the records of one area."""

    area: str
    created: int
    changed: int
    unchanged: int


class ReconciledShape(Schema):
    """
    A figure of an area's records, all together, of one project (by its external id) or in one currency, in the files and as stored.

    ``total_in``, as the cells say it, plus ``rounding`` (to whole minutes, record by record) is ``total_out``: hours, or whole units
    of the currency (the firm's where none is named).
    """

    area: str
    figure: str
    project: str | None
    currency: str | None
    records_in: int
    records_out: int
    total_in: str
    total_out: str
    rounding: str


class ImportRead(Schema):
    """What an import did or, as a dry run, would do."""

    dry_run: bool
    summary: str
    rows_read: int
    areas: list[AreaCountShape]
    notes: list[str]
    unused_files: list[str]
    totals: list[ReconciledShape]


def places(amount: Decimal) -> str:
    """As text, with at most six places."""
    return plain(round(amount, 6))


def shown_import(report: ImportReport) -> ImportRead:
    """A report as callers see it."""
    return ImportRead(
        dry_run=report.dry_run,
        summary=report.summary(),
        rows_read=report.rows_read,
        areas=[AreaCountShape(area=one.area, created=one.created, changed=one.changed, unchanged=one.unchanged) for one in report.areas],
        notes=list(report.notes),
        unused_files=list(report.unused_files),
        totals=[
            ReconciledShape(
                area=one.area,
                figure=one.figure,
                project=one.project,
                currency=one.currency,
                records_in=one.records_in,
                records_out=one.records_out,
                total_in=places(one.total_in),
                total_out=places(one.total_out),
                rounding=places(one.rounding),
            )
            for one in report.totals
        ],
    )
