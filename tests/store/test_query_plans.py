"""PostgreSQL plans each statement for the rows that are there."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from scheduler.store import Store
from scheduler.store.tables.time import TIME_ENTRIES


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
def test_rows_read_a_few_at_a_time_are_planned_as_if_all_are_read(migrated_postgres_url: str) -> None:
    """The plan that has the first tenth soonest compared each entry that is to be billed with all that were."""
    store = Store(migrated_postgres_url)
    with store.engine.connect() as connection:
        assert connection.execute(text("SHOW cursor_tuple_fraction")).scalar_one() == "1"
    store.close()
