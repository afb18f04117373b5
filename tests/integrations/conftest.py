"""A migrated store on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """An empty store with the current schema."""
    opened = Store(migrated_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(migrated_sqlite_url: str) -> Iterator[Store]:
    """The same on SQLite alone, for what does not depend on the database."""
    opened = Store(migrated_sqlite_url)
    yield opened
    opened.close()
