"""From a cell to what a field holds, by the field's shape."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.delivery.expenses import RATE_PLACES
from scheduler.domain.ground.checks import NAME_MAX
from scheduler.integrations.imports.area_specs import Shape
from scheduler.integrations.imports.faults import Unreadable
from scheduler.integrations.imports.readings import (
    PLACES,
    UNITS,
    read_date,
    read_number,
    read_weekdays,
    read_yes_no,
    rounded,
    split_list,
)
from scheduler.integrations.imports.tables import cell_text

if TYPE_CHECKING:
    from scheduler.integrations.imports.area_specs import FieldSpec
    from scheduler.integrations.imports.map_values import FieldRule, Reading
    from scheduler.integrations.imports.tables import Cell


def convert(cell: Cell, spec: FieldSpec, rule: FieldRule, reading: Reading, *, date_1904: bool) -> object:
    """What the field holds; ``None`` for an empty cell. Raises Unreadable."""
    if cell is None:
        return None
    match spec.shape:
        case Shape.DATE | Shape.END | Shape.WEEK:
            return _day(cell, spec, rule, reading, date_1904=date_1904)
        case Shape.NUMBER | Shape.MONEY | Shape.INTEGER | Shape.DURATION:
            return _number(cell, spec, rule, reading)
        case Shape.RATE:
            return _limited(read_number(cell, reading), spec, places=RATE_PLACES)
        case Shape.NUMBERS if isinstance(cell, Decimal):
            return (_limited(cell, spec),)
        case Shape.TEXT | Shape.KEY:
            return _text(cell_text(cell))
        case Shape.CHOICE:
            return _choice(cell_text(cell), spec)
        case Shape.YES_NO:
            return read_yes_no(cell_text(cell))
        case Shape.WEEKDAYS:
            return read_weekdays(cell_text(cell))
    return _list(cell_text(cell), spec, rule.separator or ";", reading)


def _day(cell: str | date | Decimal, spec: FieldSpec, rule: FieldRule, reading: Reading, *, date_1904: bool) -> date:
    day = read_date(cell, reading, date_1904=date_1904)
    if spec.shape is Shape.END:
        return day if rule.last_day_included is False else day + timedelta(days=1)
    if spec.shape is Shape.WEEK and day.weekday() != 0:
        if not rule.to_monday:
            raise Unreadable("date.not_monday", f"{day} is no Monday; a week is named by its Monday (or set to_monday = true in the map).")
        return day - timedelta(days=day.weekday())
    return day


def _number(cell: str | date | Decimal, spec: FieldSpec, rule: FieldRule, reading: Reading) -> Decimal | int:
    number = read_number(cell, reading) * (rule.times or 1)
    if spec.shape is Shape.DURATION:
        minutes = rounded(number * UNITS[rule.unit or "hours"], 0)
        return int(_limited(minutes, spec))
    if spec.shape is Shape.INTEGER:
        if number != number.to_integral_value():
            raise Unreadable("number.not_whole", f"{number:f} is not a whole number; correct it.")
        return int(_limited(number, spec))
    if rule.decimals is not None or rule.times is not None or rule.aggregate is not None:
        number = rounded(number, PLACES if rule.decimals is None else rule.decimals)
    return _limited(number, spec)


def _limited(number: Decimal, spec: FieldSpec, *, places: int = PLACES) -> Decimal:
    unit = " minutes" if spec.shape is Shape.DURATION else ""
    if (spec.low is not None and number < spec.low) or (spec.high is not None and number > spec.high):
        low, high = ("-" if limit is None else f"{limit:,f}" for limit in (spec.low, spec.high))
        raise Unreadable("number.out_of_range", f"{number:f}{unit} is outside {low} to {high}{unit}; correct it.")
    if number != round(number, places):
        raise Unreadable("number.too_precise", f"{number:f} has more than {places} decimals; round it (decimals in the map does).")
    return number


def _text(text: str) -> str:
    if len(text) > NAME_MAX:
        raise Unreadable("text.too_long", f"The text has {len(text)} characters; at most {NAME_MAX} are allowed.")
    return text


def _choice(text: str, spec: FieldSpec) -> str:
    folded = text.casefold().replace(" ", "_").replace("-", "_")
    found = next((choice for choice in spec.choices if choice.casefold() == folded), None)
    if found is not None:
        return found
    raise Unreadable(
        "value.unknown", f"{text!r} is not possible; allowed are {', '.join(spec.choices)}. Translate it with values in the map."
    )


def _list(text: str, spec: FieldSpec, separator: str, reading: Reading) -> object:
    parts = [_text(part) for part in split_list(text, separator)]
    match spec.shape:
        case Shape.KEY_GROUPS:
            return tuple(tuple(split_list(part, "+")) for part in parts)
        case Shape.NUMBERS:
            return tuple(_limited(read_number(part, reading), spec) for part in parts)
        case Shape.LEVELS:
            return {key: _level(value, spec) for key, value in _pairs(parts)}
        case Shape.BONUSES:
            return {key: read_number(value, reading) for key, value in _pairs(parts)}
    return tuple(dict.fromkeys(parts))


def _level(text: str, spec: FieldSpec) -> int:
    if text.isascii() and text.isdigit() and spec.low is not None and spec.high is not None and spec.low <= int(text[:9]) <= spec.high:
        return int(text)
    raise Unreadable("number.out_of_range", f"The level {text!r} is not a whole number from {spec.low} to {spec.high}; correct it.")


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for part in parts:
        key, colon, value = part.rpartition(":")
        if not colon or not key.strip() or not value.strip():
            raise Unreadable("list.invalid", f"{part!r} is not written as skill: number; separate several with semicolons.")
        pairs.append((key.strip(), value.strip()))
    if len({key for key, _ in pairs}) < len(pairs):
        raise Unreadable("list.duplicate", "The list names a skill twice; keep one.")
    return pairs
