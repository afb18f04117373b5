"""
What receipts hold, each content once, by its hash.

Whoever adds a receipt locks its content's row, whoever drops one locks it too before looking whether others have it; so no content goes
while somebody else adds a receipt of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.store.tables.expenses import EXPENSE_RECEIPTS, RECEIPT_CONTENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def put_content(connection: Connection, sha256: str, content: bytes) -> None:
    """Keep a content, unless it is there; its row stays locked."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = dialect.insert(RECEIPT_CONTENTS).values(sha256=sha256, content=content)
    connection.execute(rows.on_conflict_do_update(index_elements=["sha256"], set_={"sha256": rows.excluded.sha256}))


def content_of(connection: Connection, sha256: str) -> bytes:
    """A content that some receipt has."""
    found: bytes = connection.execute(select(RECEIPT_CONTENTS.c.content).where(RECEIPT_CONTENTS.c.sha256 == sha256)).scalar_one()
    return found


def drop_unused(connection: Connection, hashes: Iterable[str]) -> None:
    """Remove those of the contents that no receipt has any more."""
    for sha256 in sorted(set(hashes)):
        connection.execute(select(RECEIPT_CONTENTS.c.sha256).where(RECEIPT_CONTENTS.c.sha256 == sha256).with_for_update())
        used = exists(select(1).where(EXPENSE_RECEIPTS.c.sha256 == sha256))
        connection.execute(delete(RECEIPT_CONTENTS).where(RECEIPT_CONTENTS.c.sha256 == sha256, ~used))
