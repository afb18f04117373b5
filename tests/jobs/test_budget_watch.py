"""Parts of budgets that are used up are told once, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduler.domain.delivery.budgets import Budget
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import BudgetId, PersonId, ProjectId, TimeEntryId, new_id
from scheduler.domain.ground.mails import letter_of
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.webhooks import EventType, Webhook
from scheduler.jobs.budget_watch import BudgetWatch
from scheduler.store.tables.jobs import DELIVERIES, MAILS
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.logins import make_user

if TYPE_CHECKING:
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]
NOW = datetime(2027, 3, 8, 9, tzinfo=UTC)
ALPHA = ProjectId("alpha")


@pytest.fixture
def store(lasting_store: Store) -> Store:
    """Ann leads Alpha, which has a budget of ten hours, and Bob leads nothing; a webhook hears of budgets."""
    lasting_store.wire(lambda *_: None, sends_mail=True)
    with lasting_store.begin(LOCAL) as tx:
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        for name in ("ann", "bob"):
            tx.people.add(make.make_person(name))
        tx.projects.add(make.make_project(budget_minutes=600))
        tx.area("budgets").add(Budget(id=BudgetId("whole"), project_id=ALPHA, alert_percents=(50, 80, 100)))
        webhook = Webhook(
            id=new_id(), url="https://a.example", events=(EventType.BUDGET_ALERT,), actor_id=LOCAL.id, is_active=True, created_at=tx.now
        )
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    for name, projects in (("ann", frozenset({ALPHA})), ("bob", frozenset())):
        user = make_user(role=Role.PROJECT_MANAGER, person_id=PersonId(name), project_ids=projects)
        create_user(lasting_store, actor=LOCAL, user=user, now=NOW)
    return lasting_store


def work(store: Store, minutes: int, *, state: LineState = LineState.APPROVED) -> None:
    entry = TimeEntry(
        id=TimeEntryId(new_id()), person_id=PersonId("ann"), project_id=ALPHA, work_date=make.MONDAY, minutes=minutes, state=state
    )
    with store.begin(LOCAL) as tx:
        tx.area("time_entries").add(entry)


def told(store: Store) -> list[tuple[int, str]]:
    """Percents that subscribers hear of, and the budget, in order of the percents."""
    with store.engine.connect() as connection:
        payloads = [row["payload"]["data"] for row in connection.execute(select(DELIVERIES)).mappings()]
        return sorted((data["percent"], data["budget_id"]) for data in payloads)


def mailed(store: Store) -> list[tuple[str, int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(MAILS)).mappings().all()
        return sorted((row["person_id"], row["payload"]["data"]["percent"]) for row in rows)


def look(store: Store, *, at: datetime = NOW) -> int:
    """A watch that begins anew, as after a restart."""
    return BudgetWatch(store).look(now=at)


def test_each_part_is_told_once(store: Store) -> None:
    """As use grows, and however often it is looked: to the webhook, and by mail to whoever leads the project."""
    work(store, 299)
    work(store, 300, state=LineState.SUBMITTED)
    assert (look(store), told(store)) == (0, [])
    work(store, 1)
    assert [look(store, at=NOW + timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert (told(store), mailed(store)) == ([(50, "whole")], [("ann", 50)])
    work(store, 400)
    assert [look(store), look(store)] == [2, 0]
    assert [percent for percent, _ in told(store)] == [50, 80, 100]


def test_use_that_falls_and_rises_again_is_not_told_again(store: Store) -> None:
    """A correction is no new alert."""
    work(store, 300)
    look(store)
    with store.begin(LOCAL) as tx:
        (entry,) = tx.area("time_entries").all()
        tx.area("time_entries").save(replace(entry, minutes=100))
    assert look(store) == 0
    work(store, 250)
    assert look(store) == 0


def test_a_budget_that_was_raised_is_told_of_anew(store: Store) -> None:
    """Half of twenty hours is something else than half of ten."""
    work(store, 300)
    look(store)
    with store.begin(LOCAL) as tx:
        tx.projects.save(replace(tx.projects.get("alpha"), budget_minutes=1_200))
    assert look(store) == 0
    work(store, 300)
    assert look(store) == 1
    assert told(store) == [(50, "whole"), (50, "whole")]


def test_of_many_that_look_at_once_one_tells(store: Store) -> None:
    """Any number of processes watch the same budgets."""
    work(store, 600)
    start = threading.Barrier(4)

    def at_once(_: int) -> int:
        start.wait()
        return look(store)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(at_once, range(4))) == 3
    assert [percent for percent, _ in told(store)] == [50, 80, 100]


def test_a_watch_looks_when_something_was_recorded_and_not_too_often(store: Store) -> None:
    """Within minutes of the last look it does not; then it does."""
    watch = BudgetWatch(store, every=timedelta(minutes=5))
    assert watch.look(now=NOW) == 0
    work(store, 300)
    assert watch.look(now=NOW + timedelta(minutes=4)) == 0
    assert watch.look(now=NOW + timedelta(minutes=5)) == 1
    assert watch.look(now=NOW + timedelta(minutes=20)) == 0


def test_the_letter_says_no_amounts() -> None:
    """How much of which measure, and where to read more."""
    facts: dict[str, Any] = {"project_id": "alpha", "measure": "amount", "percent": 80}
    letter = letter_of(EventType.BUDGET_ALERT, facts, policy=None, base_url="https://muster.example")
    assert letter.subject == "Muster: 80 % of a budget in money is used"
    assert "https://muster.example/v1/projects/alpha/budget" in letter.text
