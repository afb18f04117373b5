"""A migrated store on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store

if TYPE_CHECKING:
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]


@pytest.fixture
def store(lasting_store: Store) -> Store:
    """An empty store with the current schema."""
    return lasting_store
