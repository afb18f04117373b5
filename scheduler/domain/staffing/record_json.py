"""The firm's records as plain JSON, and back: decimals and days are text, so that they stay exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from scheduler.domain.ground import bill_rates, ids, interval
from scheduler.domain.staffing import people, work

T = TypeVar("T")

SERVER_SET = frozenset(
    {"id", "version", "plan_id", "over_capacity", "template_id", "template_version", "request_id", "task_id", "derived_sha256"}
)
"""What a record's author does not write."""
_NAMES = {
    **vars(ids),
    **vars(interval),
    **vars(people),
    **vars(work),
    **vars(bill_rates),
    "Mapping": Mapping,
    "date": date,
    "Decimal": Decimal,
}


def record_to_json(record: object) -> Any:
    """
    A record, or a part of one, as plain JSON without what the server sets.

    A set becomes a sorted list, an enum its value, a decimal text without exponent.
    """
    if isinstance(record, StrEnum):
        return record.value
    if isinstance(record, Decimal):
        return format(record, "f")
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, Mapping):
        return {str(key): record_to_json(value) for key, value in record.items()}
    if isinstance(record, frozenset):
        return sorted(record)
    if isinstance(record, tuple | list):
        return [record_to_json(one) for one in record]
    if is_dataclass(record):
        return {f.name: record_to_json(getattr(record, f.name)) for f in fields(record) if f.name not in SERVER_SET}
    return record


def record_from_json(kind: type[T], written: Mapping[str, Any], **own: Any) -> T:
    """
    The record that ``record_to_json`` wrote, with ``own`` (its id and version). What is not written has its default, or is empty.

    Raises DomainError with the faults that the record finds in itself.
    """
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable
    values = dict(own)
    for field in fields(kind):  # type: ignore[arg-type]  # the records are all dataclasses
        if field.name in own:
            continue
        if field.name in written and field.name not in SERVER_SET:
            values[field.name] = _read(hints[field.name], written[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            values[field.name] = None
    return kind(**values)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, localns=_NAMES)


def _read(kind: Any, value: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _read(next(one for one in inner if one is not type(None)), value)
    if origin is tuple:
        kinds = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(one, item) for one, item in zip(kinds, value, strict=True))
    if origin is frozenset:
        return frozenset(value)
    if origin is Mapping:
        return {key: _read(inner[1], item) for key, item in value.items()}
    return _plain(kind, value)


def _plain(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return record_from_json(kind, value)
    if kind is Decimal:
        return Decimal(value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value
