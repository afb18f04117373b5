"""Expenses go the way of all lines: handed in with their receipts, decided about by the project's lead, locked with their period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.ids import PersonId
from tests.api.access_firm import make_firm_of_two
from tests.api.test_expenses import attach, client_of, spend, tag

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

BUDGET = "/v1/projects/alpha/budget"


@pytest.fixture
def firm(application: Application) -> Application:
    """A category that wants a receipt for everything, and alpha led by somebody else than Ann."""
    make_firm_of_two(application)
    admin = client_of(application, "admin")
    assert admin.patch("/v1/expense-categories/travel", json={"receipt_above_minor": 0}, headers=tag(1)).status_code == 200
    return application


def step(client: TestClient, name: str, line: Any, version: int, **more: Any) -> Response:
    body = {"lines": [{"kind": "expense", "id": line["id"], "version": version}], **more}
    return client.post(f"/v1/approvals/{name}", json=body)


def test_an_expense_is_handed_in_approved_and_becomes_actual(firm: Application) -> None:
    """
    Without its receipt it is not handed in; then the lead finds it in the inbox, and nobody's figures move before it is approved.

    119.00 with 19 % of tax within are 100.00 of cost, and 110.00 charged with a tenth of markup.
    """
    ann, lead, finance = (
        client_of(firm, "member"),
        client_of(firm, "project_manager", person_id=PersonId("bob")),
        client_of(firm, "finance"),
    )
    line = spend(ann).json()
    refused = step(ann, "submit", line, 1)
    assert (refused.status_code, refused.json()["code"]) == (422, "expense.policy")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/lines/0/receipts", "expense.receipt_missing")]
    assert attach(ann, line["id"], 1).status_code == 201
    before = finance.get(BUDGET, params={"on": "2026-04-01"}).json()
    submitted = step(ann, "submit", line, 2)
    assert submitted.status_code == 200, submitted.text
    assert ann.patch(f"/v1/expenses/{line['id']}", json={"note": "late"}, headers=tag(3)).json()["code"] == "expense.locked"
    waiting = [one for one in lead.get("/v1/approvals/inbox", params={"kind": "expense"}).json()["items"] if one["id"] == line["id"]]
    assert [(one["kind"], one["person_id"], one["minutes"]) for one in waiting] == [("expense", "ann", None)]
    assert finance.get(BUDGET, params={"on": "2026-04-01"}).json() == before
    assert step(ann, "approve", line, 3).status_code == 403
    approved = step(lead, "approve", line, 3)
    assert approved.status_code == 200, approved.text
    after = finance.get(BUDGET, params={"on": "2026-04-01"}).json()
    moved = {name: after["expenses"][name] - before["expenses"][name] for name in ("bill_minor", "cost_minor", "minutes")}
    assert moved == {"bill_minor": 110_00, "cost_minor": 100_00, "minutes": 0}


def test_what_is_given_back_is_its_persons_again(firm: Application) -> None:
    """With the reason; corrected, it goes the same way once more."""
    ann, lead = client_of(firm, "member"), client_of(firm, "project_manager", person_id=PersonId("bob"))
    line = spend(ann).json()
    attach(ann, line["id"], 1)
    step(ann, "submit", line, 2)
    rejected = step(lead, "reject", line, 3, reason="Not for this project")
    assert rejected.status_code == 200, rejected.text
    assert ann.get(f"/v1/expenses/{line['id']}").json()["state"] == "rejected"
    assert ann.patch(f"/v1/expenses/{line['id']}", json={"note": "Checked"}, headers=tag(4)).status_code == 200
    assert step(ann, "submit", line, 5).status_code == 200


def test_a_locked_period_takes_no_expense(firm: Application) -> None:
    """Not a new one, not a change, not a step."""
    ann, finance = client_of(firm, "member"), client_of(firm, "finance")
    line = spend(ann).json()
    attach(ann, line["id"], 1)
    assert finance.post("/v1/period-locks", json={"locked_before": "2026-04-01"}).status_code == 201
    codes = [
        spend(ann).json()["code"],
        ann.patch(f"/v1/expenses/{line['id']}", json={"note": "x"}, headers=tag(2)).json()["code"],
        step(ann, "submit", line, 2).json()["code"],
        ann.delete(f"/v1/expenses/{line['id']}", headers=tag(2)).json()["code"],
    ]
    assert codes == ["period.locked"] * 4
    assert spend(ann, work_date="2026-04-02").status_code == 201
