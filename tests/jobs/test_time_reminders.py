"""Reminders of missing time, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduler.domain.delivery.time_policies import TimePolicy
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, TimePolicyId, new_id
from scheduler.domain.ground.mails import letter_of
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.webhooks import EventType, Webhook
from scheduler.jobs.time_reminders import ReminderWatch, remind
from scheduler.store.tables.jobs import DELIVERIES, MAILS
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.logins import make_user

if TYPE_CHECKING:
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]
WEDNESDAY = datetime(2027, 3, 10, 3, tzinfo=UTC)
"""Three days into the week after that of the factories' Monday: 1 March 2027."""


def policy(days: int | None, policy_id: str = "firm", **more: Any) -> TimePolicy:
    return TimePolicy(id=TimePolicyId(policy_id), name=policy_id, remind_after_days=days, **more)


@pytest.fixture
def store(lasting_store: Store) -> Store:
    """Ann and Bob have logins, Cat has none; Bob has logged his 40 hours, Dan was away; a webhook hears of it."""
    lasting_store.wire(lambda *_: None, sends_mail=True)
    with lasting_store.begin(LOCAL, now=WEDNESDAY) as tx:
        tx.skills.add(make.make_skill())
        tx.calendars.add(make.make_calendar())
        tx.projects.add(make.make_project())
        for name in ("ann", "bob", "cat", "dan"):
            tx.people.add(make.make_person(name, team="North" if name == "cat" else None))
        tx.absences.add(make.make_absence("dan", days=7))
        for number in range(5):
            tx.area("time_entries").add(make.make_time_entry("bob", day=make.MONDAY + timedelta(days=number), minutes=480))
        webhook = Webhook(
            id=new_id(), url="https://a.example", events=(EventType.TIME_MISSING,), actor_id=LOCAL.id, is_active=True, created_at=tx.now
        )
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    for name in ("ann", "bob", "dan"):
        create_user(lasting_store, actor=LOCAL, user=make_user(role=Role.MEMBER, person_id=PersonId(name)), now=WEDNESDAY)
    return lasting_store


def keep(store: Store, *policies: TimePolicy) -> None:
    with store.begin(LOCAL, now=WEDNESDAY) as tx:
        for one in policies:
            tx.area("time_policies").add(one)


def told(store: Store, table: Any = DELIVERIES) -> list[tuple[str, str]]:
    with store.engine.connect() as connection:
        found = [row["payload"]["data"] for row in connection.execute(select(table)).mappings()]
    return sorted((one["person_id"], one["week"]) for one in found)


def test_whoever_has_logged_less_than_their_target_is_reminded_once(store: Store) -> None:
    """By webhook everybody, by mail who has a login; not who has logged it, nor who was absent; not again, on whichever day."""
    keep(store, policy(2))
    assert remind(store, now=WEDNESDAY) == 2
    assert told(store) == [("ann", "2027-03-01"), ("cat", "2027-03-01")]
    assert told(store, MAILS) == [("ann", "2027-03-01")]
    assert [remind(store, now=WEDNESDAY + timedelta(days=n)) for n in range(4)] == [0, 0, 0, 0]
    assert remind(store, now=WEDNESDAY + timedelta(weeks=1)) == 4, "the week after, in which nobody has logged anything"


def test_two_that_look_at_the_same_time_remind_once(store: Store) -> None:
    """Two servers, one mail."""
    keep(store, policy(0))
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(remind(store, now=WEDNESDAY))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(counts), len(told(store))) == (2, 2)


def test_policies_say_when_and_whether(store: Store) -> None:
    """Without one nobody is; so many days after the week and not before; a team's policy counts before the firm's."""
    assert remind(store, now=WEDNESDAY) == 0
    keep(store, policy(3), policy(2, "north", team="North"), policy(0, "over", team="South", valid_until=date(2020, 1, 1)))
    assert remind(store, now=WEDNESDAY) == 4, "Cat of the week that ended two days ago, the others of the one before"
    assert {person for person, week in told(store) if week == "2027-03-01"} == {"cat"}
    assert {week for person, week in told(store) if person == "ann"} == {"2027-02-22"}


def test_the_watch_looks_once_a_day(store: Store) -> None:
    """Also on the days when clocks change: each date has one look."""
    keep(store, policy(0))
    watch = ReminderWatch(store)
    assert [watch.look(now=WEDNESDAY), watch.look(now=WEDNESDAY + timedelta(hours=1))] == [2, 0]
    with store.begin(LOCAL, now=WEDNESDAY) as tx:
        tx.people.add(make.make_person("eve"))
    assert [watch.look(now=WEDNESDAY + timedelta(hours=20)), watch.look(now=WEDNESDAY + timedelta(days=1))] == [0, 1]


def test_the_letter_says_which_week_and_nothing_of_hours() -> None:
    """The link leads to the week, where rights are asked for."""
    letter = letter_of(EventType.TIME_MISSING, {"person_id": "ann", "week": "2027-03-01"}, policy=None, base_url="https://a.example")
    assert letter.subject == "Muster: Time is missing in the week of 2027-03-01"
    assert "https://a.example/v1/people/ann/time-week?week=2027-03-01" in letter.text
