"""What a computed plan leaves in the database says nobody's name, place or cost rate; who reads it sees them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import PlanState
from scheduler.queries.plans import get_plan_problem
from tests import factories as make
from tests.jobs.firms import application, ask, load, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.application import Application

NAMES = {"ann": "Zoe Quint", "bob": "Adam Prior"}


@pytest.fixture
def app(prepared_url: str) -> Iterator[Application]:
    """Two people with places and odd cost rates, one demand that one of them fills and one that nobody can."""
    term = make.make_term(location="Salzburg", cost_rate=Decimal("77.13"))
    people = [replace(make.make_person(key, terms=(term,)), name=name) for key, name in NAMES.items()]
    demands = [make.make_demand(max_people=1), make.make_demand("expert", requires={"java": 5})]
    found = application(prepared_url, solve_max_workers=1)
    load(found.store, make.make_snapshot(people=people, demands=demands))
    found.start()
    yield found
    found.stop()


def test_a_stored_plan_has_marks_and_ciphertext_and_is_read_in_clear(app: Application) -> None:
    """In the tables: ids. In the plan that is read: names, sorted by name; in its problem: cost rates."""
    done = outcome_of(app, ask(app))
    assert done.state is PlanState.SUCCEEDED
    with app.store.engine.connect() as connection:
        rows = [connection.execute(text(query)).all() for query in ("SELECT * FROM plans", "SELECT * FROM plan_problems")]
    for secret in (*NAMES.values(), "Salzburg", "77.13", "7713"):
        assert secret not in str(rows), secret
    assert done.result is not None
    view = done.result["view"]
    assert [row["person"]["name"] for row in view["people"]] == ["Adam Prior", "Zoe Quint"]
    assert any(name in str([one["reason"] for one in view["demands"]]) for name in NAMES.values())
    assert "⟦" not in str(view)
    with app.store.read(LOCAL) as then:
        steps = then.audit.page(PageRequest(filters={"plan_id": done.id, "area": "plans"})).items
    assert [(one.source, one.after and one.after["state"]) for one in steps] == [
        ("cli", "queued"),
        ("job", "running"),
        ("job", "succeeded"),
    ]
    kept = get_plan_problem(app.store, actor=LOCAL, plan_id=done.id)
    assert {(one["id"], one["cost_rate"], one["location"]) for one in kept.problem["people"]} == {(key, 7713, "Salzburg") for key in NAMES}
    assert kept.statements["names"]["people"] == NAMES
