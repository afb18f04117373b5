"""Many rows of one statement on PostgreSQL: they are what they would be one by one, and all of them are there or none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import NotNullViolation
from sqlalchemy import BigInteger, Boolean, Column, Date, Float, LargeBinary, MetaData, SmallInteger, String, Table, Text, insert, select
from sqlalchemy.dialects import postgresql as dialect
from sqlalchemy.exc import DataError, IntegrityError

from scheduler.domain.delivery.line_states import LineState
from scheduler.store.columns import Choice, JsonText, Scaled, UtcDateTime, can_be_text
from scheduler.store.engine import open_engine
from scheduler.store.rows_at_once import AT_ONCE_FROM, written_at_once
from scheduler.store.tables import METADATA
from scheduler.store.tables.work import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

pytestmark = pytest.mark.postgresql

KINDS = Table(
    "kinds",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("position", SmallInteger),
    Column("short", String(12)),
    Column("long", Text),
    Column("told", JsonText),
    Column("amount", Scaled),
    Column("share", Float),
    Column("state", Choice(LineState)),
    Column("is_set", Boolean(create_constraint=False)),
    Column("day", Date),
    Column("at", UtcDateTime),
    Column("content", LargeBinary),
)
TEXTS = st.one_of(st.sampled_from(("", "\\N", "\\.", "\t", "\r\n", "\\", "\\t", "NULL", '"', "'", "%s")), st.text(max_size=6)).filter(
    can_be_text
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "position": st.integers(-(2**15), 2**15 - 1),
    "short": TEXTS,
    "long": TEXTS,
    "told": st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | TEXTS, lambda one: st.lists(one, max_size=2), max_leaves=3),
    "amount": st.decimals(-(10**6), 10**6, places=4),
    "share": st.floats(allow_nan=False, allow_infinity=False),
    "state": st.sampled_from(LineState),
    "is_set": st.booleans(),
    "day": st.dates(date(1900, 1, 1), date(9999, 12, 31)),
    "at": st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given apart
    "content": st.binary(max_size=4),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}), min_size=1, max_size=5)


@pytest.fixture
def engine(migrated_postgres_url: str) -> Iterator[Engine]:
    """As the program has one."""
    opened = open_engine(migrated_postgres_url)
    KINDS.create(opened)
    yield opened
    opened.dispose()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=ROWS)
def test_many_rows_are_what_they_would_be_one_by_one(engine: Engine, drawn: list[dict[str, Any]]) -> None:
    rows = [{"id": number, **drawn[number % len(drawn)]} for number in range(AT_ONCE_FROM)]
    with engine.connect() as connection:
        for row in rows:
            connection.execute(insert(KINDS), row)
        singly = _stored(connection, KINDS)
        connection.rollback()
        connection.execute(insert(KINDS), rows)
        assert _stored(connection, KINDS) == singly
        assert len(singly) == AT_ONCE_FROM


def test_every_table_takes_many_rows_as_one_stream(engine: Engine) -> None:
    """No column has a type or a name that keeps its table's rows from it."""
    dialect = engine.dialect
    for table in METADATA.sorted_tables:
        statement = str(insert(table).compile(dialect=dialect, column_keys=[column.name for column in table.columns]))
        with engine.connect() as connection, pytest.raises(NotNullViolation):
            cursor: Any = connection.connection.cursor()
            written_at_once(cursor, statement, [dict.fromkeys(column.name for column in table.columns)] * AT_ONCE_FROM)


def test_of_many_rows_that_are_refused_none_is_there(engine: Engine) -> None:
    """And what the transaction wrote before stays."""
    rows = [_client(number) for number in range(AT_ONCE_FROM)]
    with engine.connect() as connection:
        connection.execute(insert(CLIENTS), _client(999))
        with pytest.raises(IntegrityError) as refused, connection.begin_nested():
            connection.execute(insert(CLIENTS), [*rows, rows[7]])
        assert refused.value.orig is not None
        assert "pk_clients" in str(refused.value.orig)
        with pytest.raises(DataError), connection.begin_nested():
            connection.execute(insert(CLIENTS), [{**row, "id": "x" * 65} for row in rows])
        assert connection.execute(select(CLIENTS.c.id)).scalars().all() == ["c999"]
        connection.execute(insert(CLIENTS), rows)
        assert len(_stored(connection, CLIENTS)) == AT_ONCE_FROM + 1


def test_what_does_more_than_add_rows_is_left_alone(engine: Engine) -> None:
    """Rows that are there already are passed over, and a value that the statement has itself is kept."""
    rows = [_client(number) for number in range(AT_ONCE_FROM)]
    with engine.connect() as connection:
        connection.execute(insert(CLIENTS), rows[:3])
        connection.execute(dialect.insert(CLIENTS).on_conflict_do_nothing(), rows)
        assert len(_stored(connection, CLIENTS)) == AT_ONCE_FROM
        named = [{"id": row["id"], "name": row["name"], "name_key": row["name_key"]} for row in rows]
        connection.rollback()
        connection.execute(insert(CLIENTS).values(version=7), named)
        assert {row["version"] for row in _stored(connection, CLIENTS)} == {7}


def _client(number: int) -> dict[str, Any]:
    return {"id": f"c{number}", "version": 1, "name": f"C{number}", "name_key": f"c{number}"}


def _stored(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
