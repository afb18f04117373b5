"""PostgreSQL plans each statement for the rows that are there."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from scheduler.store import Store
from scheduler.store.engine import POSTGRESQL_PATIENCE
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import CLIENTS


@pytest.mark.postgresql
def test_no_statement_keeps_a_plan_from_when_its_table_was_empty(migrated_postgres_url: str) -> None:
    """With one plan for all times, each part of an import of 100,000 entries looked at all that were there by then."""
    store = Store(migrated_postgres_url)
    with store.engine.connect() as connection:
        for number in range(20):
            connection.execute(select(TIME_ENTRIES.c.id).where(TIME_ENTRIES.c.id.in_([f"e{number}", "f"]))).all()
        plans = connection.execute(text("SELECT generic_plans, custom_plans FROM pg_prepared_statements")).all()
    assert sum(custom for _, custom in plans) > 0
    assert sum(generic for generic, _ in plans) == 0
    store.close()


@pytest.mark.postgresql
def test_rows_written_by_one_statement_share_a_plan(migrated_postgres_url: str) -> None:
    """And what comes after them does not, whether they were written or refused."""
    store = Store(migrated_postgres_url)
    rows = [{"id": f"c{number}", "version": 1, "name": f"C{number}", "name_key": f"c{number}"} for number in range(20)]
    with store.engine.connect() as connection:
        connection.execute(insert(CLIENTS), rows)
        plans = connection.execute(text("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'")).scalars().all()
        assert sum(plans) > 0
        assert connection.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(CLIENTS), rows)
        assert connection.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
    store.close()


@pytest.mark.postgresql
def test_tables_that_cannot_be_counted_are_no_fault_of_whoever_added_rows(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import is committed by then: that somebody else holds a table must not make it look refused."""
    monkeypatch.setitem(POSTGRESQL_PATIENCE, "lock_timeout", 100)
    store = Store(migrated_postgres_url)
    with store.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE clients IN SHARE UPDATE EXCLUSIVE MODE"))
        store.refresh_statistics()
    store.close()


@pytest.mark.postgresql
def test_rows_read_a_few_at_a_time_are_planned_as_if_all_are_read(migrated_postgres_url: str) -> None:
    """The plan that has the first tenth soonest compared each entry that is to be billed with all that were."""
    store = Store(migrated_postgres_url)
    with store.engine.connect() as connection:
        assert connection.execute(text("SHOW cursor_tuple_fraction")).scalar_one() == "1"
    store.close()
