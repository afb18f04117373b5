"""Pages that stay in place while rows come and go: a cursor is the sort key and id of the last row seen.

It is opaque to callers and holds nothing but what they have seen; its values only ever become bound parameters. It belongs to
one list: area, sort, filters and ``as_of``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, and_, or_

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store.columns import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scheduler.domain.ground.paging import PageRequest

CURSOR_MAX = 4000


def encode(request: PageRequest, area: str, as_of: datetime | None, key: object, row_id: str) -> str:
    """The cursor of the page after the row with this key and id."""
    parts = [_list_digest(request, area, as_of), key.isoformat() if isinstance(key, date) else key, row_id]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def after(
    request: PageRequest, area: str, as_of: datetime | None, *, key: ColumnElement[Any], row_id: ColumnElement[str], descending: bool
) -> ColumnElement[bool] | None:
    """The condition for rows after the request's cursor. Raises DomainError for a cursor that is not of this list."""
    if request.cursor is None:
        return None
    last_key, last_id = _decoded(request, area, as_of, key)
    if descending:
        return or_(key < last_key, and_(key == last_key, row_id < last_id))
    return or_(key > last_key, and_(key == last_key, row_id > last_id))


def position(request: PageRequest, area: str) -> tuple[str, str] | None:
    """Key and id that the request's cursor stands at, in a list by a text that is no table's. Raises DomainError."""
    if request.cursor is None:
        return None
    key, row_id = _decoded(request, area, None, None)
    return str(key), row_id


def _decoded(request: PageRequest, area: str, as_of: datetime | None, key: ColumnElement[Any] | None) -> tuple[object, str]:
    text = request.cursor or ""
    try:
        if len(text) > CURSOR_MAX:
            raise ValueError("too long")
        parts = json.loads(base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True))
        digest, last_key, last_id = parts
        if not (isinstance(last_key, str) and isinstance(last_id, str)) or "\x00" in last_key + last_id:
            raise ValueError("not a key")
        last_key.encode()
        last_id.encode()
        typed = last_key if key is None else _typed(key, last_key)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise _invalid("The cursor is not one that this list returned; start again without it.") from error
    if digest != _list_digest(request, area, as_of):
        raise _invalid("The cursor belongs to a list with another sort, other filters or another as_of; start again without it.")
    return typed, last_id


def _typed(key: ColumnElement[Any], text: str) -> object:
    if isinstance(key.type, UtcDateTime):
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("naive")
        return instant.astimezone(UTC)
    return date.fromisoformat(text) if isinstance(key.type, Date) else text


def _list_digest(request: PageRequest, area: str, as_of: datetime | None) -> str:
    instant = None if as_of is None else as_of.timestamp()
    identity = json.dumps([area, request.sort, sorted(request.filters.items()), instant])
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _invalid(message: str) -> DomainError:
    fault = Fault(pointer="/cursor", code="cursor.invalid", message=message)
    return DomainError(ErrorKind.INVALID, "cursor.invalid", message, (fault,))
