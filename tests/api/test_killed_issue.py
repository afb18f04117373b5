"""
Kill -9 of the API at the steps of issuing an invoice: until the commit nothing has happened, after it all has, and the number is taken once.

All steps take minutes: ``MUSTER_TEST_ALL_STEPS=1`` runs them, else a few stand for the rest.
"""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from tests.api.killed_request import ANSWER, COMMIT, Request, Step, killed_at
from tests.api.test_killed_requests import everything
from tests.billing_firm import approve, draft, fill, log, make_entry

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from scheduler.application import Application

IS_WHOLE = os.environ.get("MUSTER_TEST_ALL_STEPS") == "1"
STEPS = (
    [Step(number=number) for number in range(1, 1_000)]
    if IS_WHOLE
    else [
        Step(like="INSERT INTO number_series"),
        Step(like="UPDATE number_series"),
        Step(like="INSERT INTO invoice_files"),
        Step(like="UPDATE invoices"),
        Step(after="UPDATE invoices", like=COMMIT),
        Step(like=ANSWER),
    ]
)


def test_m15_the_api_is_killed_while_it_issues(application: Application, client: TestClient, tmp_path: Path) -> None:
    """The request is sent again until it is answered: one invoice with the first number and one set of files; the next has the second."""
    day = date(2026, 3, 2)
    fill(application.store, starts_on=day)
    log(application.store, make_entry("e1", work_date=day), make_entry("b1", project="beta", work_date=day))
    approved = approve(application.store, draft(application.store))
    path = f"/v1/invoices/{approved.id}/issue"
    headers = {**client.headers, "If-Match": f'"{approved.version}"', "Idempotency-Key": "once"}
    sent = Request(url=application.settings.database, data_dir=tmp_path, path=path, body={}, headers=headers)
    before = everything(application)
    for step in STEPS:
        assert killed_at(step, sent), "it answered before it came to the step"
        if (after := everything(application)) != before:
            break
    assert IS_WHOLE or step.like == ANSWER
    new = {name: rows.total() - before[name].total() for name, rows in after.items()}
    wanted = {"invoice_files": 3, "invoices_versions": 1, "number_series": 1, "audit_records": 1, "audit_changes": 1}
    assert {name: number for name, number in new.items() if number} == {**wanted, "idempotency_records": 1}
    again = client.post(path, json={}, headers=headers)
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (200, "true")
    assert everything(application) == after
    other = approve(application.store, draft(application.store, "beta"))
    answer = client.post(f"/v1/invoices/{other.id}/issue", json={}, headers={"If-Match": f'"{other.version}"'})
    assert answer.status_code == 200
    with application.store.read(LOCAL) as view:
        assert sorted(one.sequence for one in view.area("invoices").all()) == [1, 2]
