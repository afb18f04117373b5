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

from scheduler.domain.ground.money import exponent
from scheduler.store.among import among, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.integrations.imports.records import Record, Records
    from scheduler.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One figure of an area: of all its records, of those of a project, or of those in a currency, in the files and in the database."""

    area: str
    figure: str
    """The field that was summed, such as ``hours``."""
    project: str | None
    """By its external id."""
    currency: str | None
    """Of amounts that are not all in the firm's own: unlike currencies are never added."""
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
    area: str
    figure: str
    column: str
    by: str | None = None
    """The column that records are told apart by."""
    less: str | None = None
    """A column that is taken off."""

    @property
    def kept_in(self) -> str:
        """The area whose rows these are."""
        return "invoices" if self.area == "open_invoices" else self.area

    def amount(self, table: FromClause) -> ColumnElement[int]:
        """What is summed."""
        return table.c[self.column] if self.less is None else table.c[self.column] - table.c[self.less]


_SUMS = (
    _Sum("time_entries", "hours", "minutes", "project_id"),
    _Sum("projects", "budget_hours", "budget_minutes"),
    _Sum("projects", "budget", "budget_minor"),
    _Sum("projects", "contract_value", "contract_value_minor"),
    _Sum("expenses", "amount", "amount_minor", "currency"),
    _Sum("contracts", "cap", "cap_minor", "currency"),
    _Sum("contracts", "value", "value_minor", "currency"),
    _Sum("contracts", "fee", "retainer_fee_minor", "currency"),
    _Sum("charges", "amount", "amount_minor", "contract_id"),
    _Sum("charges", "hours", "minutes"),
    _Sum("contract_openings", "earned", "earned_minor", "contract_id"),
    _Sum("contract_openings", "billed", "billed_minor", "contract_id"),
    _Sum("contract_openings", "home", "home_minor"),
    _Sum("open_invoices", "net", "net_minor", "currency"),
    _Sum("open_invoices", "gross", "gross_minor", "currency"),
    _Sum("open_invoices", "open", "gross_minor", "currency", less="paid_before_minor"),
    _Sum("open_invoices", "paid", "paid_before_minor", "currency"),
)
_MINUTES = 60
_IN_CURRENCIES = frozenset({"currency", "contract_id"})
"""Columns by which amounts are told apart by their currency: their own, or their contract's."""


@dataclass(slots=True)
class _Tally:
    records: int = 0
    exact: Decimal = field(default=Decimal(0))
    read: int = 0
    """In minutes or minor units."""


def reconciled(tx: Transaction, records: Records, *, home: str) -> tuple[Reconciled, ...]:
    """Every figure that the files bring; ``home``: the firm's currency."""
    found: list[Reconciled] = []
    for one in _SUMS:
        given = {r.key: r for r in records.by_area.get(one.area, ()) if r.key is not None and r.values.get(one.figure) is not None}
        if given:
            found += _figure(tx, one, given, home)
    return tuple(found)


def _figure(tx: Transaction, one: _Sum, given: Mapping[str, Record], home: str) -> Iterator[Reconciled]:
    ins: defaultdict[str | None, _Tally] = defaultdict(_Tally)
    for record in given.values():
        for group in _groups(one, record, home):
            tally = ins[group]
            tally.records += 1
            tally.exact += record.exact[one.figure]
            tally.read += int(Decimal(str(record.values[one.figure])) * _read_units(one, group, home))
    outs = _stored(tx, one, given)
    is_currency = one.by in _IN_CURRENCIES
    for group, tally in sorted(ins.items(), key=lambda item: item[0] or ""):
        count, total = outs[group]
        unit = _MINUTES if one.figure.endswith("hours") else _read_units(one, group, home)
        yield Reconciled(
            area=one.area,
            figure=one.figure,
            project=None if is_currency else group,
            currency=group if is_currency else None,
            records_in=tally.records,
            records_out=count,
            total_in=tally.exact,
            total_out=Decimal(total) / unit,
            rounding=Decimal(tally.read) / unit - tally.exact,
            agrees=(count, total) == (tally.records, tally.read),
        )


def _groups(one: _Sum, record: Record, home: str) -> set[str | None]:
    match one.by:
        case "currency" | "contract_id":
            return {str(record.values.get("currency") or home)}
        case "project_id":
            return {None, str(record.values["project"])}
    return {None}


def _read_units(one: _Sum, group: str | None, home: str) -> int:
    """How many units of the column one of what was read is: durations were read as minutes already."""
    if one.figure.endswith("hours"):
        return 1
    return int(10 ** exponent(group if one.by in _IN_CURRENCIES and group is not None else home))


def _stored(tx: Transaction, one: _Sum, keys: Iterable[str]) -> defaultdict[str | None, tuple[int, int]]:
    """How many records with these external ids there are, and the sum of theirs, by group."""
    found: defaultdict[str | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    by = () if one.by is None else (one.by,)
    names: dict[str, str | None] = {}
    for part in chunks(sorted(keys)):
        rows = tx.area(one.kept_in).sums(
            lambda table: (one.amount(table),),
            by=by,
            where=lambda table, part=part: (among(table.c.external_id, part),),  # type: ignore[misc]
        )
        for *group, count, total in rows:
            if one.by == "project_id" and group[0] not in names:
                names |= {value.id: value.external_id for value in tx.projects.many(group)}
            if one.by == "contract_id" and group[0] not in names:
                names |= {value.id: value.currency for value in tx.area("contracts").many(group)}
            groups = {None, names[group[0]]} if one.by == "project_id" else {names.get(group[0], group[0]) if group else None}
            for name in groups:
                before = found[name]
                found[name] = (before[0] + count, before[1] + int(total))
    return found
