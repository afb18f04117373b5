"""The audit tells all there is to tell: from its entries alone every row can be made again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.paging import PageRequest
from scheduler.store.areas import AREAS
from scheduler.store.row_changes import _states, plain_json
from tests.lasting_stores import empty
from tests.store.test_history import KEYS, NOON, _RolledBackError, apply, transactions

if TYPE_CHECKING:
    from scheduler.store import Store

Rows = dict[tuple[str, str], dict[str, Any]]


def rows_of(store: Store) -> Rows:
    """Every row as it is, without what is empty."""
    found: Rows = {}
    with store.read(LOCAL) as view:
        for name, area in AREAS.items():
            ids = list(view.connection.execute(area.table.select()).scalars())  # the id is the first column
            for row_id, row in _states(view.connection, area, ids, recorded=False).items():
                told = {column: plain_json(value) for column, value in row.items() if column not in {"id", "name_key"}}
                found[name, row_id] = {column: value for column, value in told.items() if value is not None}
    return found


def replayed(store: Store) -> Rows:
    """Every row as the entries of the audit tell it, one after the other."""
    found: Rows = {}
    cursor = None
    while True:
        with store.read(LOCAL) as view:
            page = view.audit.page(PageRequest(limit=7, cursor=cursor))
        for entry in page.items:
            row = found.pop((entry.area, entry.row_id), {})
            assert {name: row.get(name) for name in entry.before or {}} == (entry.before or {})
            assert (entry.before is None) == (entry.kind == "created")
            if entry.after is not None:
                rest = {name: value for name, value in row.items() if name not in (entry.before or {})}
                after = {name: value for name, value in entry.after.items() if value is not None}
                found[entry.area, entry.row_id] = rest | after
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=transactions)
def test_rows_can_be_made_again_from_the_audit(store: Store, history: list[tuple[int, list[tuple[str, str, str, int]], bool]]) -> None:
    """Before and after of every entry fit what the entries before it say; what was rolled back is in none; the chain holds."""
    empty(store)
    history = [(0, [("keep", area, key, 1) for area in ("skills", "people") for key in KEYS], True), *history]
    now = NOON
    for hours, changes, commits in history:
        now += timedelta(hours=hours)
        with suppress(_RolledBackError), store.begin(LOCAL, now=now) as tx:
            for one in changes:
                with suppress(DomainError):
                    apply(tx, *one)
            if not commits:
                raise _RolledBackError
    assert replayed(store) == rows_of(store)
    with store.read(LOCAL) as view:
        assert view.audit.verify().holds
