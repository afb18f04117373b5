"""Read one field's rule from the map: where its value comes from, and how it is read."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from scheduler.integrations.imports.area_specs import Shape
from scheduler.integrations.imports.map_values import Aggregate, FieldRule, LookUp, Reading
from scheduler.integrations.imports.readings import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.integrations.imports.area_specs import FieldSpec
    from scheduler.integrations.imports.map_reader import MapReader
    from scheduler.integrations.imports.map_values import FileFormat

_ORIGINS = ("column", "value", "text", *(str(aggregate.value) for aggregate in Aggregate))
_DATES = (Shape.DATE, Shape.END, Shape.WEEK)
_NUMBERS = (Shape.NUMBER, Shape.NUMBERS, Shape.MONEY, Shape.INTEGER, Shape.DURATION, Shape.BONUSES)
_LISTS = (Shape.KEYS, Shape.KEY_GROUPS, Shape.LEVELS, Shape.BONUSES, Shape.TEXTS, Shape.NUMBERS)
_SHAPES_OF_KEY: dict[str, tuple[Shape, ...]] = {
    "date": _DATES,
    "decimal": _NUMBERS,
    "thousands": _NUMBERS,
    "times": (Shape.NUMBER, Shape.MONEY, Shape.DURATION),
    "decimals": (Shape.NUMBER, Shape.MONEY),
    "unit": (Shape.DURATION,),
    "last_day_included": (Shape.END,),
    "to_monday": (Shape.WEEK,),
    "separator": _LISTS,
}


def field_rule(reader: MapReader, body: object, spec: FieldSpec, at: str, files: Mapping[str, FileFormat]) -> FieldRule | None:
    """A column's name, or a table that says more."""
    if isinstance(body, str):
        return FieldRule(column=body)
    if not isinstance(body, dict):
        reader.fault(at, "map.type", 'Name a column in quotes, or write a table such as { value = "..." }.')
        return None
    reader.check_keys(body, at, (*_ORIGINS, "from", "on", "optional", "default", "values", *_SHAPES_OF_KEY))
    for key, shapes in _SHAPES_OF_KEY.items():
        if key in body and spec.shape not in shapes:
            reader.fault(f"{at}.{key}", "map.unfit", f"{key} has no meaning for this field.")
    origins = [origin for origin in _ORIGINS if origin in body]
    if len(origins) != 1:
        found = f"found {' and '.join(origins)}" if origins else "found none"
        reader.fault(at, "map.origin", f"Exactly one of {', '.join(_ORIGINS)} says where the value comes from; {found}.")
        return None
    return _rule(reader, body, origins[0], at, files)


def _rule(reader: MapReader, body: dict[str, Any], origin: str, at: str, files: Mapping[str, FileFormat]) -> FieldRule:
    source = reader.text(body, origin, at)
    aggregate = Aggregate(origin) if origin in {str(known.value) for known in Aggregate} else None
    return FieldRule(
        column=source if origin not in ("value", "text") else None,
        value=source if origin == "value" else None,
        text=source if origin == "text" else None,
        aggregate=aggregate,
        look_up=_look_up(reader, body, origin, at, files),
        default=reader.text(body, "default", at),
        values=_values(reader, body, at),
        times=_times(reader, body, at),
        decimals=reader.integer(body, "decimals", at, low=0, high=4),
        reading=_own_reading(reader, body, at),
        unit=reader.choice(body, "unit", at, tuple(UNITS)),
        last_day_included=reader.flag(body, "last_day_included", at) if "last_day_included" in body else None,
        to_monday=reader.flag(body, "to_monday", at),
        separator=reader.choice(body, "separator", at, (";", ",", "|", "/", " ")),
    )


def _look_up(reader: MapReader, body: Mapping[str, Any], origin: str, at: str, files: Mapping[str, FileFormat]) -> LookUp | None:
    if "from" not in body:
        if "on" in body or "optional" in body:
            reader.fault(at, "map.missing", "on and optional go with from, the file to look in.")
        return None
    if origin in ("value", "text"):
        reader.fault(f"{at}.from", "map.unfit", f"{origin} is not looked up; take a column from the other file.")
    file = reader.choice(body, "from", at, tuple(files), required=True)
    on = pairs(reader, body, at)
    return LookUp(file=file, on=on, optional=reader.flag(body, "optional", at)) if file is not None and on else None


def pairs(reader: MapReader, body: Mapping[str, Any], at: str) -> tuple[tuple[str, str], ...]:
    """``on``: columns that both files share, or a table {their column = our column}."""
    value = body.get("on")
    if isinstance(value, dict) and value and all(isinstance(ours, str) for ours in value.values()):
        return tuple(value.items())
    if isinstance(value, str | list) and value:
        return tuple((column, column) for column in reader.texts(body, "on", at) or ())
    reader.fault(f"{at}.on", "map.missing", 'Say which columns must be equal: on = "id", on = ["a", "b"] or on = { theirs = "ours" }.')
    return ()


def _values(reader: MapReader, body: Mapping[str, Any], at: str) -> dict[str, str] | None:
    if "values" not in body:
        return None
    table = reader.table(body, "values", at)
    return {name: reader.text(table, name, f"{at}.values") or "" for name in table}


def _times(reader: MapReader, body: Mapping[str, Any], at: str) -> Decimal | None:
    text = reader.text(body, "times", at)
    if text is None:
        return None
    try:
        factor = Decimal(text)
    except InvalidOperation:
        factor = Decimal("NaN")
    if factor.is_finite() and Decimal("0.000001") <= abs(factor) <= 1_000_000:
        return factor
    reader.fault(f"{at}.times", "map.number", 'A factor is a number in quotes, such as "0.45".')
    return None


def _own_reading(reader: MapReader, body: Mapping[str, Any], at: str) -> dict[str, str]:
    read = reader.reading(body, at, Reading())
    return {key: getattr(read, key) for key in ("date", "decimal", "thousands") if key in body}
