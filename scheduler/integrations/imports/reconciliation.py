"""
Totals in against totals out: what the files say, against what the database has once it is written.

The totals in come from the cells as they are, by a way of their own: before anything is rounded to minutes, and before anything
becomes a value. The totals out are summed by the database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.store.history import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.integrations.imports.records import Record, Records
    from scheduler.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One figure of an area, of all its records together or of those of one project, in the files and in the database."""

    area: str
    figure: str
    """The field that was summed, such as ``hours``."""
    project: str | None
    """By its external id; ``None``: all together. Records of a project itself are not told apart."""
    records_in: int
    records_out: int
    total_in: Decimal
    """As the files say it, in hours or in whole units of the currency."""
    total_out: Decimal
    rounding: Decimal
    """What rounding each record to whole minutes added."""
    agrees: bool
    """Whether the database has every record, and the sum of what was read of each, to the unit."""


@dataclass(frozen=True, slots=True)
class _Sum:
    column: str
    unit: int
    """How many of the column's units one of the file's is."""
    project: str | None = None
    """The column that says which project a record belongs to."""


def _sums(minor_per_unit: int) -> Mapping[tuple[str, str], _Sum]:
    return {
        ("time_entries", "hours"): _Sum("minutes", _MINUTES, "project_id"),
        ("projects", "budget_hours"): _Sum("budget_minutes", _MINUTES),
        ("projects", "budget"): _Sum("budget_minor", minor_per_unit),
        ("projects", "contract_value"): _Sum("contract_value_minor", minor_per_unit),
    }


_MINUTES = 60


@dataclass(slots=True)
class _Tally:
    records: int = 0
    exact: Decimal = field(default=Decimal(0))
    read: int = 0
    """In units of the column."""


def reconciled(tx: Transaction, records: Records, *, minor_per_unit: int) -> tuple[Reconciled, ...]:
    """Every figure that the files bring, together and by project."""
    found: list[Reconciled] = []
    for (area, figure), one in _sums(minor_per_unit).items():
        given = [record for record in records.by_area.get(area, ()) if record.values.get(figure) is not None]
        if given:
            found += _figure(tx, area, figure, one, given)
    return tuple(found)


def _figure(tx: Transaction, area: str, figure: str, one: _Sum, given: Iterable[Record]) -> Iterable[Reconciled]:
    by_key = {record.key: record for record in given if record.key is not None}
    ins: defaultdict[str | None, _Tally] = defaultdict(_Tally)
    for record in by_key.values():
        projects = {None} if one.project is None else {None, str(record.values["project"])}
        for project in projects:
            tally = ins[project]
            tally.records += 1
            tally.exact += record.exact[figure]
            tally.read += int(Decimal(str(record.values[figure])) * (1 if figure.endswith("hours") else one.unit))
    outs = _stored(tx, area, one, by_key)
    for project, tally in sorted(ins.items(), key=lambda item: item[0] or ""):
        count, total = outs[project]
        yield Reconciled(
            area=area,
            figure=figure,
            project=project,
            records_in=tally.records,
            records_out=count,
            total_in=tally.exact,
            total_out=Decimal(total) / one.unit,
            rounding=Decimal(tally.read) / one.unit - tally.exact,
            agrees=(count, total) == (tally.records, tally.read),
        )


def _stored(tx: Transaction, area: str, one: _Sum, keys: Iterable[str]) -> defaultdict[str | None, tuple[int, int]]:
    """How many records with these external ids there are, and the sum of theirs, together and by the project's external id."""
    found: defaultdict[str | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    by = () if one.project is None else (one.project,)
    ids: dict[str, str | None] = {}
    for part in chunks(sorted(keys)):
        rows = tx.area(area).sums(one.column, by=by, where=lambda table, part=part: (table.c.external_id.in_(part),))  # type: ignore[misc]
        for *project, count, total in rows:
            unknown = [one for one in project if one not in ids]
            ids |= {value.id: value.external_id for value in tx.projects.many(unknown)}
            for key in {None, *(ids[one] for one in project)}:
                before = found[key]
                found[key] = (before[0] + count, before[1] + int(total))
    return found
