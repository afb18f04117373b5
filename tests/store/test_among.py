"""Columns that have one of many texts: the same rows, however many texts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, delete, insert, select

from scheduler.store import among
from scheduler.store.among import chunks
from scheduler.store.columns import can_be_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from scheduler.store import Store

WORDS = Table("words", MetaData(), Column("id", String(400), primary_key=True))
AWKWARD = (
    "",
    " ",
    "NULL",
    "null",
    "{}",
    "{a,b}",
    '"',
    '\\"',
    "\\",
    "\\N",
    "'",
    "''",
    "a,b",
    "%s",
    ":x",
    "é",
    "e\u0301",
    "\N{SKULL}",
    "\n\t\r",
    "[1]",
)
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=6)).filter(can_be_text)


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    """With a table of texts for as long as the test runs."""
    with store.engine.connect() as opened, opened.begin() as transaction:
        WORDS.create(opened)
        yield opened
        transaction.rollback()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=st.sets(TEXTS, max_size=30), asked=st.lists(TEXTS, max_size=30), filler=st.sampled_from((0, among._FEW, 3_000)))
def test_a_column_is_among_texts_as_a_set_is(connection: Connection, stored: set[str], asked: list[str], filler: int) -> None:
    """With few texts, which are sent one by one, and with many, which are sent as one."""
    connection.execute(delete(WORDS))
    if stored:
        connection.execute(insert(WORDS), [{"id": one} for one in stored])
    wanted = [*asked, *(f"filler {number}" for number in range(filler))]
    is_one = among.among(WORDS.c.id, wanted)
    assert set(connection.execute(select(WORDS.c.id).where(is_one)).scalars()) == stored & set(asked)
    assert set(connection.execute(select(WORDS.c.id).where(~is_one)).scalars()) == stored - set(asked)
    connection.execute(delete(WORDS).where(is_one))
    assert set(connection.execute(select(WORDS.c.id)).scalars()) == stored - set(asked)


def test_two_lists_stand_in_one_statement(connection: Connection) -> None:
    connection.execute(insert(WORDS), [{"id": str(number)} for number in range(1_000)])
    low, high = [str(number) for number in range(600)], [str(number) for number in range(400, 1_000)]
    query = select(WORDS.c.id).where(among.among(WORDS.c.id, low), among.among(WORDS.c.id, high))
    assert set(connection.execute(query).scalars()) == {str(number) for number in range(400, 600)}


def test_chunks_are_everything_once_in_order() -> None:
    ids = [str(number) for number in range(2 * among._CHUNK + 1)]
    parts = list(chunks(ids))
    assert [len(part) for part in parts] == [among._CHUNK, among._CHUNK, 1]
    assert [one for part in parts for one in part] == ids
    assert list(chunks([])) == []
