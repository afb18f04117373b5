"""Import many clients, in a process of its own that a test kills on its way; says on stdout when it begins to write."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from scheduler.integrations.imports import Source, import_files
from scheduler.store import Store
from scheduler.store.repository import Repository
from tests.integrations.firm_files import standard_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.staffing.work import Client

ROWS = 5_000
SPOKEN_AFTER = 500


def many_clients() -> Source:
    """A file of thousands of clients."""
    return Source("clients.csv", ("id,name\n" + "".join(f"c{number},Client {number}\n" for number in range(ROWS))).encode())


def say_when_under_way() -> None:
    """Write a line once the first rows are in the open transaction."""
    insert, inserted = Repository._insert_many, 0

    def counted(self: Repository[Client], values: Sequence[Client]) -> None:
        nonlocal inserted
        insert(self, values)
        inserted += len(values)
        if inserted == SPOKEN_AFTER:
            print("under way", flush=True)

    Repository._insert_many = counted  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    say_when_under_way()
    import_files(
        Store(sys.argv[1]), actor=LOCAL, sources=[many_clients()], mapping=standard_map("clients"), dry_run=False, now=datetime.now(UTC)
    )
