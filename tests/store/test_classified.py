"""Every column says what it holds, before anybody can forget to hide, seal or erase it."""

from __future__ import annotations

import pytest

from scheduler.store.areas import AREAS
from scheduler.store.classified import TABLES, Erased, Holds, classified
from scheduler.store.tables import METADATA, TWINS

HOW = "; say in scheduler/store/classified.py what it holds: none, personal, money or cost"


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_p07_every_column_is_classified(table: str) -> None:
    """A column of money or personal data that nobody classified fails the build."""
    try:
        known = set(classified(table).columns)
    except KeyError:
        pytest.fail(f"the table {table} is not classified{HOW}")
    columns = set(METADATA.tables[table].columns.keys())
    assert sorted(columns - known) == [], f"columns of {table} that nobody classified{HOW}"
    assert sorted(known - columns) == [], f"{table} has no such columns (any more)"


def test_no_table_is_classified_that_is_gone() -> None:
    """The list does not grow stale."""
    assert sorted(set(TABLES) - set(METADATA.tables)) == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_personal_column_says_what_an_erasure_makes_of_it(table: str) -> None:
    """What is kept says why; what is replaced or removed belongs to rows that name their person."""
    found = TABLES[table]
    for name, rule in found.columns.items():
        assert (rule.erased is not None) == (rule.holds in {Holds.PERSONAL, Holds.COST}), name
        assert (rule.why is not None) == (rule.erased is Erased.KEPT), name
    if found.person is not None:
        assert found.person in found.columns


NOT_AUDITED = {
    "idempotency_records": "answers that are given again; what they answered to is audited",
    "recording_clock": "moves with every change",
    "audit_records": "the audit itself",
    "audit_changes": "the audit itself",
    "audit_head": "the audit itself",
    **dict.fromkeys(
        ("user_passwords", "user_identities", "sessions", "api_tokens", "one_time_links", "known_devices"),
        "what was made, used and ended is told as an event, so that no digest is ever in a record",
    ),
    "login_tries": "counters; each failed login is told as an event",
    "person_keys": "made when something is sealed, destroyed by an erasure, which is audited",
}
NOTED = {"plans", "plan_problems"}
"""Tables outside the areas whose repository calls ``noted_rows.note`` before it writes."""


def test_every_table_is_audited_or_says_why_not() -> None:
    """A table is an area's, or its repository notes each row before it writes it; forgetting both fails the build."""
    of_areas = {table.name for area in AREAS.values() for table in (area.table, *(child.table for child in area.children))}
    versions = {twin.name for twin in TWINS.values()}
    assert set(METADATA.tables) - of_areas - versions == NOT_AUDITED.keys() | NOTED
    assert all(len(METADATA.tables[name].primary_key.columns) == 1 for name in NOTED)
