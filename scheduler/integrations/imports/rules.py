"""Make a field's value from the rows of a record as its rule says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from scheduler.integrations.imports.area_specs import Shape
from scheduler.integrations.imports.conversions import convert
from scheduler.integrations.imports.faults import Unreadable
from scheduler.integrations.imports.headers import column_of
from scheduler.integrations.imports.map_values import PLACEHOLDER, Aggregate, Reading
from scheduler.integrations.imports.readings import UNITS, read_date, read_number
from scheduler.integrations.imports.rows import not_one
from scheduler.integrations.imports.tables import cell_text, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scheduler.integrations.imports.area_specs import FieldSpec
    from scheduler.integrations.imports.faults import Place
    from scheduler.integrations.imports.map_values import FieldRule
    from scheduler.integrations.imports.rows import FeedRows, Wide
    from scheduler.integrations.imports.tables import Cell

T = TypeVar("T")

_STANDARD = Reading()
_DATES = (Shape.DATE, Shape.END, Shape.WEEK)


class Misplaced(Exception):  # noqa: N818 - the name says what happened
    """A value that cannot be read, with the place of the cell it came from."""

    def __init__(self, place: Place, code: str, message: str) -> None:
        super().__init__(message)
        self.place, self.code, self.message = place, code, message


def field_value(source: FeedRows, group: Sequence[Wide], rule: FieldRule, spec: FieldSpec) -> tuple[object, Place]:
    """The value of a field for one record, and where it came from. Raises Misplaced."""
    cells, reading, date_1904 = _cells(source, group, rule)
    place = cells[0][1]
    try:
        if rule.aggregate is None:
            cell, place = _same(cells)
        else:
            cell = _aggregate(rule.aggregate, cells, spec, reading)
            reading = _STANDARD
        if rule.values is not None:
            # What the map itself says is written in Muster's own way, whatever the file's.
            cell, reading = _translated(cell, rule.values), _STANDARD
        if cell is None and rule.default is not None:
            cell, reading = rule.default or None, _STANDARD
        return convert(cell, spec, rule, reading, date_1904=date_1904), place
    except Unreadable as error:
        raise Misplaced(place, error.code, error.message) from error


def exact_amount(source: FeedRows, group: Sequence[Wide], rule: FieldRule, spec: FieldSpec) -> Decimal:
    """What a field that could be read says of a record before it is rounded: hours of a duration, or the number as it is."""
    cells, reading, _ = _cells(source, group, rule)
    cell: Cell = cells[0][0] if rule.aggregate is None else _aggregate(rule.aggregate, cells, spec, reading)
    if rule.values is not None:
        cell, reading = _translated(cell, rule.values), _STANDARD
    if cell is None:
        cell, reading = rule.default, _STANDARD
    if cell is None:
        return Decimal(0)
    number = read_number(cell, _STANDARD if rule.aggregate is not None else reading) * (rule.times or 1)
    return number * UNITS[rule.unit or "hours"] / UNITS["hours"] if spec.shape is Shape.DURATION else number


def _cells(source: FeedRows, group: Sequence[Wide], rule: FieldRule) -> tuple[list[tuple[Cell, Place]], Reading, bool]:
    """The cells a rule looks at (at least one), how they are read, and whether their workbook counts from 1904."""
    first = group[0]
    if rule.column is None:
        if rule.text is not None:
            return [(_filled(source, wide, rule.text), source.place(wide)) for wide in group], _STANDARD, False
        return [(rule.value or None, source.place(first))], _STANDARD, False
    if rule.look_up is not None:
        alias = rule.look_up.file
        cells = [cell for wide in _distinct(source, group, rule) for cell in _looked_up(source, wide, rule)]
    else:
        alias, _ = column_of(rule.column, source.feed, source.tables.by_alias)
        cells = [source.cell(wide, rule.column) for wide in group]
    reading = source.form(alias).reading
    return cells, replace(reading, **rule.reading) if rule.reading else reading, source.tables.by_alias[alias].date_1904


def _distinct(source: FeedRows, group: Sequence[Wide], rule: FieldRule) -> list[Wide]:
    """One row of the group per key, so that a looked-up row counts once."""
    assert rule.look_up is not None
    by_key = {tuple(source.text(wide, ours) for _, ours in rule.look_up.on): wide for wide in reversed(group)}
    return list(by_key.values())[::-1]


def _looked_up(source: FeedRows, wide: Wide, rule: FieldRule) -> list[tuple[Cell, Place]]:
    assert rule.look_up is not None
    assert rule.column is not None
    found, key = source.look_up(wide, rule.look_up)
    here = source.cell(wide, rule.look_up.on[0][1])[1]
    table = source.tables.by_alias[rule.look_up.file]
    position = table.positions[fold(rule.column)]
    if not found and rule.look_up.optional:
        return [(None, here)]
    if not found or (rule.aggregate is None and len({cell_text(row.cells[position]) for row in found}) > 1):
        raise Misplaced(here, *not_one(found, key, table.label))
    return [(row.cells[position], table.place(row, position)) for row in found]


def _filled(source: FeedRows, wide: Wide, template: str) -> str | None:
    """The template with its columns filled in; nothing when one of them is empty."""
    parts = {name: source.text(wide, name.strip()) for name in PLACEHOLDER.findall(template)}
    if not all(parts.values()):
        return None
    return PLACEHOLDER.sub(lambda match: parts[match[1]], template)


def _same(cells: Sequence[tuple[Cell, Place]]) -> tuple[Cell, Place]:
    first, place = cells[0]
    for cell, other in cells[1:]:
        if cell != first:
            raise Misplaced(
                other,
                "group.differs",
                f"The rows of one group say {cell_text(first)!r} (row {place.row}) and {cell_text(cell)!r}; "
                "group by this column too, or say in the map what to make of them (sum, mean, min, max, joined).",
            )
    return first, place


def _aggregate(aggregate: Aggregate, cells: Sequence[tuple[Cell, Place]], spec: FieldSpec, reading: Reading) -> Cell:
    filled = [(cell, place) for cell, place in cells if cell is not None]
    if aggregate is Aggregate.COUNT:
        return Decimal(len(filled))
    if aggregate is Aggregate.COUNT_DISTINCT:
        return Decimal(len({cell_text(cell) for cell, _ in filled}))
    if not filled:
        return None
    if aggregate is Aggregate.JOINED:
        return ";".join(dict.fromkeys(cell_text(cell) for cell, _ in filled))
    if spec.shape in _DATES and aggregate in (Aggregate.MIN, Aggregate.MAX):
        days = [_read(read_date, cell, place, reading) for cell, place in filled]
        return min(days) if aggregate is Aggregate.MIN else max(days)
    return _calculated(aggregate, [_read(read_number, cell, place, reading) for cell, place in filled])


def _read(read: Callable[[str | date | Decimal, Reading], T], cell: str | date | Decimal, place: Place, reading: Reading) -> T:
    try:
        return read(cell, reading)
    except Unreadable as error:
        raise Misplaced(place, error.code, error.message) from error


def _calculated(aggregate: Aggregate, numbers: Sequence[Decimal]) -> Decimal:
    match aggregate:
        case Aggregate.MIN:
            return min(numbers)
        case Aggregate.MAX:
            return max(numbers)
        case Aggregate.MEAN:
            return sum(numbers, Decimal(0)) / len(numbers)
    return sum(numbers, Decimal(0))


def _translated(cell: Cell, values: Mapping[str, str]) -> Cell:
    text = cell_text(cell)
    if text in values:
        return values[text] or None
    for known, meaning in values.items():
        if known.casefold() == text.casefold():
            return meaning or None
    if cell is None:
        return None
    raise Unreadable(
        "value.unknown",
        f"{text[:60]!r} has no translation in the map; known are {', '.join(map(repr, values))}. Correct it, or add it to values.",
    )
