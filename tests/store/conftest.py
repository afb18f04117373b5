"""A migrated store on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store with the current schema."""
    opened = Store(database_url)
    opened.migrate()
    yield opened
    opened.close()
