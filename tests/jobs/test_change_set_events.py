"""Who is told that a change set is ready, or has expired, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, new_id
from scheduler.domain.ground.mails import letter_of
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.webhooks import EventType, Webhook
from scheduler.domain.staffing.rebalance_policies import Unasked
from scheduler.jobs.expiry import ExpiryWatch
from scheduler.jobs.make_change_set import make_change_set
from scheduler.store.tables.jobs import DELIVERIES, MAILS
from scheduler.usecases.records import create_record
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.jobs.change_set_firm import RUN_AT, add_policy, change_set, ran
from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.logins import make_user
from tests.stored_plans import run

if TYPE_CHECKING:
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]
LATER = RUN_AT + timedelta(hours=1)
RUNS = (run("ann", "alpha-lead"), run("bob", "beta-lead"))


@pytest.fixture
def store(lasting_store: Store) -> Store:
    """Ann plans, Bob is a member, Cat has no login; a webhook hears of change sets."""
    lasting_store.wire(lambda *_: None, sends_mail=True)
    values: list[Any] = [make.make_skill(), make.make_calendar(), *(make.make_person(name) for name in ("ann", "bob", "cat"))]
    values += [make.make_project(name) for name in ("alpha", "beta")]
    values += [make.make_demand(project=name) for name in ("alpha", "beta")]
    values.append(make.make_booking("ann"))
    for value in values:
        create_record(lasting_store, actor=LOCAL, value=value, now=RUN_AT - timedelta(days=1))
    for name, role in (("ann", Role.RESOURCE_MANAGER), ("bob", Role.MEMBER)):
        create_user(lasting_store, actor=LOCAL, user=make_user(role=role, person_id=PersonId(name)), now=RUN_AT)
    with lasting_store.begin(LOCAL) as tx:
        events = (EventType.CHANGE_SET_READY, EventType.CHANGE_SET_EXPIRED)
        webhook = Webhook(id=new_id(), url="https://a.example", events=events, actor_id=LOCAL.id, is_active=True, created_at=tx.now)
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    return lasting_store


def told(store: Store) -> list[tuple[str, dict[str, Any]]]:
    """To whom which mails were written."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(MAILS).order_by(MAILS.c.created_at, MAILS.c.id)).mappings()
        return [(row["person_id"], row["payload"]) for row in rows]


def announced(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        return [row["payload"]["type"] for row in connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.created_at)).mappings()]


def test_whom_the_policy_tells_hears_once_that_a_set_is_ready(store: Store) -> None:
    """Those of them who may read change sets; not again when the job is done again after a crash; nothing of worth is in it."""
    add_policy(store, tell=tuple(map(PersonId, ("ann", "bob", "cat"))))
    found = ran(store, *RUNS)
    make_change_set(store, plan_id=str(found.plan_id))
    ((person, payload),) = told(store)
    facts = {"change_set_id": found.id, "policy_id": "nightly", "groups": 1, "to_decide": 1}
    assert (person, payload["type"], payload["data"]) == ("ann", "change_set.ready", facts)
    assert announced(store) == ["change_set.ready"]
    letter = letter_of(EventType.CHANGE_SET_READY, facts, policy="Nightly", base_url="https://plans.example")
    assert letter.subject == "Muster: Nightly: 1 group to be decided"
    assert f"https://plans.example/v1/change-sets/{found.id}" in letter.text


def test_an_empty_set_and_a_dry_run_are_nobodys_news(store: Store) -> None:
    add_policy(store, tell=(PersonId("ann"),))
    ran(store, *RUNS, dry_run=True)
    ran(store, RUNS[0], anew=True)
    assert (told(store), announced(store)) == ([], [])


def test_what_needs_nobodys_leave_is_not_to_be_decided(store: Store) -> None:
    add_policy(store, tell=(PersonId("ann"),), unasked=Unasked.OPEN_DEMAND)
    ran(store, *RUNS)
    assert [payload["data"]["to_decide"] for _, payload in told(store)] == [0]


def test_it_is_said_once_that_a_set_has_expired(store: Store) -> None:
    """When something moves that open groups rest on: with their numbers, and when; not for what matters to none, and not twice."""
    add_policy(store, tell=(PersonId("ann"),))
    found = ran(store, *RUNS)
    watches = [ExpiryWatch(store), ExpiryWatch(store)]
    assert [watch.look(now=LATER) for watch in watches] == [0, 0]
    create_record(store, actor=LOCAL, value=make.make_absence("cat", first=make.monday(1), days=5), now=LATER)
    assert [watch.look(now=LATER) for watch in watches] == [0, 0]
    create_record(store, actor=LOCAL, value=make.make_absence("bob", first=make.monday(1), days=5), now=LATER)
    assert [watch.look(now=LATER) for watch in watches] == [1, 0]
    assert [watch.look(now=LATER) for watch in watches] == [0, 0]
    assert change_set(store, found.id).expired_at == LATER
    facts = {"change_set_id": found.id, "policy_id": "nightly", "groups": [1]}
    assert [payload["data"] for _, payload in told(store)][1:] == [facts]
    assert announced(store) == ["change_set.ready", "change_set.expired"]
    assert "1." in letter_of(EventType.CHANGE_SET_EXPIRED, facts, policy="Nightly", base_url="").text


def test_without_a_mail_server_no_mail_is_written(store: Store) -> None:
    """What nobody would ever send does not pile up."""
    store.wire(lambda *_: None)
    add_policy(store, tell=(PersonId("ann"),))
    ran(store, *RUNS)
    assert (told(store), announced(store)) == ([], ["change_set.ready"])
