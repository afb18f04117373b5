"""What is asked of worked time all day long is answered from an index."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.paging import PageRequest
from scheduler.store import Store
from scheduler.store.time_reading import logged_by_week

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scheduler.store import View

WEEK = date(2027, 3, 1)


def a_week(view: View) -> Any:
    return view.area("time_entries").between("work_date", WEEK, WEEK + timedelta(weeks=1), person_id="ann")


def page(**filters: str) -> Callable[[View], Any]:
    return lambda view: view.area("time_entries").page(PageRequest(filters=filters))


def logged(view: View) -> Any:
    return logged_by_week(view.connection, ["ann", "bob"], weeks=[WEEK])


@pytest.mark.parametrize(
    ("ask", "index", "may_sort"),
    [
        pytest.param(a_week, "ix_time_entries_person_day", False, id="grid"),
        pytest.param(page(), "ix_time_entries_day", False, id="list"),
        pytest.param(
            page(person_id="ann", **{"from": "2027-03-01", "until": "2027-03-08"}), "ix_time_entries_person_day", False, id="person"
        ),
        pytest.param(page(state="submitted"), "ix_time_entries_state_day", False, id="approval"),
        pytest.param(page(project_id="alpha", state="approved"), "ix_time_entries_project_day", False, id="project"),
        pytest.param(page(project_id="alpha"), "ix_time_entries_project_day", True, id="all of a project"),
        pytest.param(logged, "ix_time_entries_person_day", False, id="missing"),
    ],
)
def test_no_table_of_entries_is_read_whole(tmp_path: Path, ask: Callable[[View], Any], index: str, may_sort: bool) -> None:
    """Grid, lists and sums search the index that is made for them, and those that are read in its order are not sorted."""
    store = Store(f"sqlite:///{tmp_path / 'plans.db'}")
    store.migrate()
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters)))
    with store.read(LOCAL) as view:
        ask(view)
        statement, parameters = next(one for one in reversed(asked) if "FROM time_entries" in one[0])
        plan = [row[3] for row in view.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    store.close()
    assert any(f"INDEX {index}" in step for step in plan), plan
    assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan
    assert may_sort or not any("TEMP B-TREE FOR ORDER" in step for step in plan), plan
