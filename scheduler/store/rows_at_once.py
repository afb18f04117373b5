"""Many rows as one stream to PostgreSQL: a statement for each would cost the server, and whoever sends them, as long again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT_ONCE_FROM = 50
"""Rows; fewer are sent as statements."""
_VALUE = r"%\((\w+)\)s(?:::[A-Z ]+(?:\([\d, ]+\))?)?"
_INSERT = re.compile(rf"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(((?:{_VALUE}, )*{_VALUE})\)")  # noqa: S608 - it is a pattern


def written_at_once(cursor: Any, statement: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """
    Write the rows of a statement that only adds one for each of its parameters, in their order.

    Any other, and a few rows, are left alone: the answer is false.
    """
    found = _INSERT.fullmatch(statement) if len(rows) >= AT_ONCE_FROM else None
    if found is None:
        return False
    values = re.findall(_VALUE, found[3])
    columns = sql.SQL(", ").join(map(sql.Identifier, found[2].split(", ")))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(found[1]), columns)) as stream:
        for row in rows:
            stream.write_row([row[value] for value in values])
    return True
