"""Sorts and filters of a list: only those an area allows, and every value a bound parameter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, exists, or_, select

from scheduler.domain.ground.checks import name_key, normal
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.paging import LIMIT_MAX
from scheduler.store.areas.base import FilterKind
from scheduler.store.columns import UtcDateTime, read_instant
from scheduler.store.history import source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.areas.base import Area, Filter

FILTER_MAX = 1000
"""Longest filter value, in characters."""


def sort_column(area: Area[Any], sorts: Mapping[str, str], request: PageRequest, rows: FromClause) -> tuple[ColumnElement[Any], bool]:
    """The column to sort by and whether downwards. Raises DomainError ``sort.not_allowed``."""
    name = request.sort if request.sort is not None else next(iter(sorts))
    descending = name.startswith("-")
    column = sorts.get(name.removeprefix("-"))
    if column is None:
        raise _not_allowed("sort", "/sort", f"The {area.name} cannot be sorted that way", sorts, "put - in front to sort downwards")
    return rows.c[column], descending


def limit(request: PageRequest) -> int:
    """Rows on the page. Raises DomainError ``limit.out_of_range``."""
    if not 1 <= request.limit <= LIMIT_MAX:
        message = f"A page has 1 to {LIMIT_MAX} items."
        raise DomainError(
            ErrorKind.INVALID, "limit.out_of_range", message, (Fault(pointer="/limit", code="limit.out_of_range", message=message),)
        )
    return request.limit


def conditions(
    area: Area[Any], filters: Mapping[str, Filter], request: PageRequest, rows: FromClause, as_of: datetime | None
) -> list[ColumnElement[bool]]:
    """What the rows have to meet. Raises DomainError ``filter.not_allowed`` or ``filter.invalid``."""
    found = []
    for name, text in request.filters.items():
        rule = filters.get(name)
        if rule is None:
            raise _not_allowed("filter", "/filters", f"The {area.name} cannot be filtered that way", filters, "values are plain text")
        found.append(_condition(rule, _checked(name, text), name, rows, as_of))
    return found


def _condition(rule: Filter, text: str, name: str, rows: FromClause, as_of: datetime | None) -> ColumnElement[bool]:
    if rule.child is not None:
        children = source(rule.child, as_of)
        return exists(select(1).where(children.c.parent_id == rows.c.id, children.c[rule.column] == text))
    column: ColumnElement[Any] = rows.c[rule.column]
    value = _typed(rule, column, text, name)
    if rule.kind is FilterKind.IS_GIVEN:
        return column.is_not(None) if value else column.is_(None)
    if rule.kind is FilterKind.CONTAINS:
        return column.contains(name_key(text), autoescape=True)
    if rule.kind is FilterKind.ENDS_AFTER:
        return or_(column.is_(None), column > value)
    if rule.kind is FilterKind.STARTS_BEFORE:
        return column < value
    if rule.kind is FilterKind.SINCE:
        return column >= value
    if rule.kind is FilterKind.UNTIL:
        return column < value
    return column == value


def _typed(rule: Filter, column: ColumnElement[Any], text: str, name: str) -> object:
    if rule.choices is not None:
        allowed = [str(choice.value) for choice in rule.choices]
        if text not in allowed:
            raise _invalid(name, f"The filter {name} takes one of {', '.join(allowed)}.")
        return rule.choices(text)
    if isinstance(column.type, Boolean) or rule.kind is FilterKind.IS_GIVEN:
        if text not in {"true", "false"}:
            raise _invalid(name, f"The filter {name} takes true or false.")
        return text == "true"
    if isinstance(column.type, UtcDateTime):
        try:
            return read_instant(text)
        except (ValueError, OverflowError) as error:
            raise _invalid(name, f"The filter {name} takes an instant with its zone, such as 2026-11-23T12:00:00Z.") from error
    if isinstance(column.type, Date):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise _invalid(name, f"The filter {name} takes a date such as 2026-11-23.") from error
    return text


def _checked(name: str, text: str) -> str:
    if "\x00" in text:
        message = "The text has a NUL character; remove it."
        raise DomainError(ErrorKind.INVALID, "text.nul", message, (Fault(pointer=f"/filters/{name}", code="text.nul", message=message),))
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise _invalid(name, "The text is not valid Unicode.")
    if len(text) > FILTER_MAX:
        raise _invalid(name, f"The filter {name} takes at most {FILTER_MAX} characters.")
    return normal(text)


def _invalid(name: str, message: str) -> DomainError:
    return DomainError(
        ErrorKind.INVALID, "filter.invalid", message, (Fault(pointer=f"/filters/{name}", code="filter.invalid", message=message),)
    )


def _not_allowed(what: str, pointer: str, why: str, allowed: Iterable[str], more: str) -> DomainError:
    names = sorted(allowed)
    message = f"{why}; allowed: {', '.join(names) or 'none'} ({more})."
    code = f"{what}.not_allowed"
    return DomainError(ErrorKind.INVALID, code, message, (Fault(pointer=pointer, code=code, message=message),), {"allowed": names})
