"""One page of a list: its order, its filters, and where the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.store import cursor, selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, FromClause, Select

    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.areas.base import Area, Filter, Row


def rows_of_page(
    connection: Connection,
    request: PageRequest,
    *,
    area: Area[Any],
    rows: FromClause,
    seen: Select[Any],
    sorts: Mapping[str, str] | None = None,
    filters: Mapping[str, Filter] | None = None,
    as_of: datetime | None = None,
) -> tuple[Sequence[Row], str | None]:
    """
    The page's rows of what is ``seen`` of ``rows``, and the cursor of the next page; without ``sorts`` and ``filters`` all of the area's.

    Raises DomainError for a sort, filter, limit or cursor that is not allowed.
    """
    key, descending = selection.sort_column(area, area.sorts if sorts is None else sorts, request, rows)
    size = selection.limit(request)
    query = seen.where(*selection.conditions(area, area.filters if filters is None else filters, request, rows, as_of))
    beyond = cursor.after(request, area.name, as_of, key=key, row_id=rows.c.id, descending=descending)
    if beyond is not None:
        query = query.where(beyond)
    order = (key.desc(), rows.c.id.desc()) if descending else (key.asc(), rows.c.id.asc())
    found: Sequence[Row] = connection.execute(query.order_by(*order).limit(size + 1)).mappings().all()
    if len(found) <= size:
        return found, None
    found = found[:size]
    return found, cursor.encode(request, area.name, as_of, found[-1][key.name], found[-1]["id"])
