"""
Kill -9 of the API at the steps of applying a plan and of approving a change set: until the commit nothing has happened, after it all has.

All steps take minutes: ``MUSTER_TEST_ALL_STEPS=1`` runs them, else a few stand for the rest.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.webhooks import EventType, Webhook
from scheduler.store.tables import METADATA
from scheduler.usecases.plans import request_plan
from solver_models.staffing.problem import Run
from tests.api.killed_request import ANSWER, COMMIT, Request, Step, killed_at
from tests.factories import make_request
from tests.jobs.change_set_firm import add_policy, answer_plan, ran
from tests.jobs.firms import load, small_firm

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from scheduler.application import Application

Target = Callable[["Application"], tuple[str, dict[str, Any]]]
RUN = Run(person="ann", demand="alpha-lead", share_e4=10_000, first=0, last=3)
ONCE = {
    "bookings": 1,
    "bookings_versions": 1,
    "booking_loads": 1,
    "person_days": 20,
    "audit_records": 1,
    "webhook_deliveries": 1,
    "idempotency_records": 1,
}
"""Rows that one application adds."""
TOLD = (EventType.BOOKING_CHANGED,)
EVERY_STEP = [Step(number=number) for number in range(1, 1_000)]
A_FEW_STEPS = [
    Step(like="INSERT INTO idempotency"),
    Step(like="INSERT INTO bookings"),
    Step(like="INSERT INTO audit"),
    Step(after="INSERT INTO bookings", like=COMMIT),
    Step(like=ANSWER),
]
IS_WHOLE = os.environ.get("MUSTER_TEST_ALL_STEPS") == "1"
STEPS = EVERY_STEP if IS_WHOLE else A_FEW_STEPS


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Ann, and a demand that she can fill; somebody hears of bookings."""
    load(application.store, small_firm())
    with application.store.begin(LOCAL) as tx:
        webhook = Webhook(id=new_id(), url="https://127.0.0.1", events=TOLD, actor_id=LOCAL.id, is_active=True, created_at=tx.now)
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    add_policy(application.store)


def a_plan(application: Application) -> tuple[str, dict[str, Any]]:
    """Where a finished plan is applied, and how."""
    plan = request_plan(application.store, actor=LOCAL, request=make_request(), now=datetime.now(UTC))
    answer_plan(application.store, plan.id, RUN)
    return f"/v1/plans/{plan.id}/apply", {"state": "tentative"}


def a_change_set(application: Application) -> tuple[str, dict[str, Any]]:
    """Where a change set that is ready is approved, and how."""
    return f"/v1/change-sets/{ran(application.store, RUN).id}/approve", {}


def everything(application: Application) -> dict[str, Counter[str]]:
    """All rows of all tables as the database has them, but when tokens were used."""
    with application.store.engine.connect() as connection:
        tables = [name for name in METADATA.tables if name != "api_tokens"]
        return {name: Counter(repr(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))) for name in tables}


@pytest.mark.parametrize(
    ("target", "noted"),
    [(a_plan, {"audit_changes": 2}), (a_change_set, {"audit_changes": 3, "change_sets_versions": 1, "change_groups_versions": 1})],
)
def test_j01_the_api_is_killed_while_it_applies(
    application: Application, client: TestClient, tmp_path: Path, target: Target, noted: dict[str, int]
) -> None:
    """The request is sent again until it is answered: bookings are made once, told of once and noted once."""
    path, body = target(application)
    sent = Request(
        url=application.settings.database,
        data_dir=tmp_path,
        path=path,
        body=body,
        headers={**client.headers, "If-Match": etag(client, path), "Idempotency-Key": "once"},
    )
    before = everything(application)
    for step in STEPS:
        assert killed_at(step, sent), "it answered before it came to the step"
        if (after := everything(application)) != before:
            break
    assert IS_WHOLE or step.like == ANSWER
    new = {name: rows.total() - before[name].total() for name, rows in after.items()}
    assert {name: number for name, number in new.items() if number} == {**ONCE, **noted}
    again = client.post(path, json=body, headers=sent.headers)
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (200, "true")
    assert everything(application) == after


def etag(client: TestClient, path: str) -> str:
    return str(client.get(path.rpartition("/")[0]).headers["ETag"])
