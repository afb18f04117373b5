"""The budget report and the flags of projects over HTTP, on both databases, as a hand calculation says."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ExpenseId, PersonId, ProjectId, SkillId, TaskId, TimeEntryId
from tests import factories as make
from tests.api.access_firm import Who, somebody
from tests.api.test_records import created

if TYPE_CHECKING:
    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
ON = make.monday(1).isoformat()
HOUR = 60


@pytest.fixture
def firm(application: Application) -> Application:
    """
    Ann at 50.13 works on Alpha at 100: 40 hours approved in the first week, 20 submitted, and 20 booked in each of the next two.

    Alpha has a phase with a task of 80 hours over two weeks, done to a quarter, and a budget of 100 hours and 9,000.00.
    """
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person(terms=(make.make_term(cost_rate=Decimal("50.13")),)))
        tx.projects.add(make.make_project(budget_minutes=100 * HOUR, budget_minor=900_000, period=make.weeks(0, 3)))
        tx.bill_rates.add(make.make_bill_rate(100))
        tx.area("tasks").add(make.make_task("phase", kind=TaskKind.PHASE, period=make.weeks(0, 3)))
        build = make.make_task(
            "build", parent="phase", period=make.weeks(0, 1), estimate_minutes=80 * HOUR, progress_percent=25, state=TaskState.ACTIVE
        )
        tx.area("tasks").add(build)
        tx.demands.add(make.make_demand(effort={1: 20 * HOUR, 2: 20 * HOUR}, bill_rate=None, task_id=TaskId("alpha-build")))
        tx.bookings.add(make.make_booking(period=make.weeks(1, 2)))
        for number in range(5):
            _log(tx, number, 8 * HOUR)
            _log(tx, number, 4 * HOUR, state=LineState.SUBMITTED)
    return application


def _log(tx: Any, number: int, minutes: int, *, state: LineState = LineState.APPROVED) -> None:
    tx.area("time_entries").add(
        TimeEntry(
            id=TimeEntryId(f"{state} {number}"),
            person_id=PersonId("ann"),
            project_id=ProjectId("alpha"),
            task_id=TaskId("alpha-build"),
            work_date=make.MONDAY + timedelta(days=number),
            minutes=minutes,
            state=state,
        )
    )


def report(client: TestClient, **params: Any) -> dict[str, Any]:
    answer = client.get("/v1/projects/alpha/budget", params={"on": ON, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def as_(application: Application, role: str, **more: Any) -> TestClient:
    who: Who = somebody(application, role, **more)
    return TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)


def kinds(flags: list[dict[str, Any]]) -> list[str]:
    return [flag["kind"] for flag in flags]


def test_the_report_is_what_a_hand_calculation_says(firm: Application, client: TestClient) -> None:
    """40 hours approved and 40 booked: 4,000.00 and 4,000.00, at a cost of 2,005.20 each; the task has earned 20 hours of the 40 planned."""
    found = report(client)
    side = {"minutes": 2_400, "bill_minor": 400_000, "cost_minor": 200_520, "unpriced_minutes": 0, "uncosted_minutes": 0}
    both = {**side, "minutes": 4_800, "bill_minor": 800_000, "cost_minor": 401_040}
    assert found["forecast"] == {"actual": side, "booked": side, "at_completion": both}
    assert (found["revenue_minor"], found["margin_minor"], found["currency"]) == (800_000, 398_960, "EUR")
    assert [(one["measure"], one["limit"], one["actual"], one["at_completion"], one["used_percent"]) for one in found["budgets"]] == [
        ("minutes", 6_000, 2_400, 4_800, 40),
        ("amount", 900_000, 400_000, 800_000, 44),
    ]
    assert found["earned_value"] == {
        "total": 4_800,
        "planned": 2_400,
        "earned": 1_200,
        "actual": 2_400,
        "cpi": "0.5000",
        "spi": "0.5000",
    }
    assert found["earned_value_minor"]["planned"] == 450_000
    assert found["earned_value_minor"]["cpi"] == "0.5625"
    assert found["flags"] == []


def test_parts_hold_the_whole(firm: Application, client: TestClient) -> None:
    """A phase has what its tasks have, bookings on a demand count for its task, and every list adds up to the whole."""
    found = report(client)
    assert [(one["task_id"], one["depth"], one["forecast"]["at_completion"]["minutes"]) for one in found["by_task"]] == [
        ("alpha-phase", 0, 4_800),
        ("alpha-build", 1, 4_800),
    ]
    for name, ids in (("by_demand", ["alpha-lead", None]), ("by_person", ["ann"]), ("by_grade", [None])):
        assert [one["id"] for one in found[name]] == ids
        assert sum(one["forecast"]["at_completion"]["cost_minor"] for one in found[name]) == 401_040


def test_budgets_of_parts_and_their_flags(firm: Application, client: TestClient) -> None:
    """A phase's budget counts all below it; passed, it is flagged with its figures; a second one for the same is refused."""
    created(client, "budgets", project_id="alpha", task_id="alpha-phase", minutes=4_799)
    created(client, "budgets", project_id="alpha", demand_id="alpha-lead", amount_minor=400_000)
    found = report(client)
    assert [(one["task_id"], one["demand_id"], one["at_completion"]) for one in found["budgets"][2:]] == [
        (None, "alpha-lead", 400_000),
        ("alpha-phase", None, 4_800),
    ]
    (flag,) = found["flags"]
    assert flag["kind"] == "over_budget"
    assert flag["figures"]["target"] == "task alpha-phase"
    again = client.post("/v1/budgets", json={"project_id": "alpha", "task_id": "alpha-phase", "minutes": 1})
    assert (again.status_code, again.json()["code"]) == (409, "budget.taken")
    other = created(client, "projects", name="Beta")["id"]
    elsewhere = client.post("/v1/budgets", json={"project_id": other, "task_id": "alpha-phase", "minutes": 1})
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["code"]) == (422, "budget.target_elsewhere")


def test_flags_by_their_rules(firm: Application, client: TestClient) -> None:
    """Looked at later the task is late; with more demand it is under-staffed; a margin below the wanted one is said to who reads costs."""
    created(client, "budgets", project_id="alpha", target_margin="0.6")
    effort = [{"week": make.monday(2).isoformat(), "minutes": 60}]
    created(client, "demands", project_id="alpha", name="Tester", effort=effort)
    found = report(client, on=make.monday(2).isoformat())
    flags = {flag["kind"]: flag["figures"] for flag in found["flags"]}
    assert flags["late"] == {"late_task_ids": ["alpha-build"], "booked_minutes_after_end": 0}
    assert flags["under_staffed"]["missing_minutes"] == 60
    assert flags["margin_below_target"]["target"] == "0.6"


def test_whoever_may_not_read_costs_sees_hours_and_prices(firm: Application) -> None:
    """No cost, no margin, no flag of it; nothing in the answer depends on what somebody costs."""
    manager = as_(firm, "project_manager")
    assert manager.post("/v1/budgets", json={"project_id": "alpha", "target_margin": "0.99"}).status_code == 201
    found = report(manager)
    assert found["forecast"]["actual"]["bill_minor"] == 400_000
    assert (found["forecast"]["actual"]["cost_minor"], found["margin_minor"], kinds(found["flags"])) == (None, None, [])
    with firm.store.begin(LOCAL) as tx:
        person = tx.people.get("ann")
        tx.people.save(make.make_person(terms=(make.make_term(cost_rate=Decimal("77.77")),), version=person.version))
    assert json.dumps(report(manager)) == json.dumps(found)
    assert manager.get("/v1/reports/project-flags", params={"on": ON}).json()["items"] == []
    assert as_(firm, "finance").get("/v1/reports/project-flags", params={"on": ON}).json()["items"][0]["project_id"] == "alpha"


def test_only_who_may_sees_a_report(firm: Application, client: TestClient) -> None:
    """A member does not, not even of a project they are booked on; of another's project a manager does not know."""
    created(client, "projects", name="Beta", external_id="beta")
    beta = client.get("/v1/projects", params={"external_id": "beta"}).json()["items"][0]["id"]
    assert as_(firm, "member").get("/v1/projects/alpha/budget").status_code == 403
    assert as_(firm, "project_manager").get(f"/v1/projects/{beta}/budget").status_code == 404


def test_flags_of_the_firm_page_by_page(firm: Application, client: TestClient) -> None:
    """Every project is looked at once, whatever the size of a page; a filter leaves others out."""
    with firm.store.begin(LOCAL) as tx:
        for name in ("beta", "gamma", "delta"):
            tx.projects.add(make.make_project(name))
            if name != "delta":
                tx.demands.add(make.make_demand(project=name, requires={SkillId("sap"): 1}))
    for params, wanted in (({}, ["beta", "gamma"]), ({"flag": "late"}, []), ({"flag": "under_staffed"}, ["beta", "gamma"])):
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = client.get("/v1/reports/project-flags", params={"on": ON, "limit": 1, **params, **cursor})
            assert page.status_code == 200, page.text
            found += [one["project_id"] for one in page.json()["items"]]
            if page.json()["next_cursor"] is None:
                break
            cursor = {"cursor": page.json()["next_cursor"]}
        assert found == wanted


def test_a_report_of_what_was_known(firm: Application, client: TestClient) -> None:
    """As of an instant before an entry was approved, it does not count."""
    before = report(client)
    with firm.store.read(LOCAL) as view:
        known = view.projects.history("alpha")[-1].recorded_from + timedelta(microseconds=1)
    with firm.store.begin(LOCAL) as tx:
        _log(tx, 9, HOUR)
    assert report(client, on=make.monday(3).isoformat())["forecast"]["actual"]["minutes"] == 2_460
    assert report(client, as_of=known.isoformat())["forecast"] == before["forecast"]


def test_approved_expenses_count_beside_time(firm: Application, client: TestClient) -> None:
    """119.00 with 19 % tax and a markup of 10 %: 110.00 are charged, 100.00 were paid; what nobody approved does not count."""
    with firm.store.begin(LOCAL) as tx:
        category = make.make_expense_category()
        tx.area("expense_categories").add(category)
        for name, state in (("yes", LineState.APPROVED), ("no", LineState.SUBMITTED)):
            expense = make.make_expense(id=ExpenseId(name), state=state, task_id=TaskId("alpha-build"), is_billable=True)
            tx.area("expenses").add(expense.completed(category, home="EUR"))
    found = report(client)
    assert (found["expenses"]["bill_minor"], found["expenses"]["cost_minor"]) == (11_000, 10_000)
    actual = found["forecast"]["actual"]
    assert (actual["minutes"], actual["bill_minor"], actual["cost_minor"]) == (2_400, 411_000, 210_520)
    assert found["by_task"][0]["forecast"]["actual"]["bill_minor"] == 411_000
    assert found["budgets"][1]["actual"] == 411_000
