"""Asking for plans over HTTP with the real worker and the real solver, on both databases."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.schemas.plan_view import PlanView
from scheduler.application import Application
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.work import BookingState
from scheduler.store.tables.work import DEMANDS
from solver_models.staffing import formats, verify
from tests.api.access_firm import load_two_people, somebody
from tests.factories import MONDAY, make_booking, make_demand, make_project
from tests.logins import logged_in

if TYPE_CHECKING:
    from httpx2 import Response

ASKED = {"horizon_start": MONDAY.isoformat(), "weeks": 8, "limits": {"time_limit_s": 10}}
WAIT = {"Prefer": "wait=60"}


@pytest.fixture
def firm(application: Application) -> None:
    """Two people and a project that wants two."""
    load_two_people(application)


def planned(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/plans", json={**ASKED, **changes}, headers=WAIT)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def first_fault(answer: Response) -> tuple[int, str, str]:
    fault = answer.json()["errors"][0]
    return answer.status_code, fault["pointer"], fault["code"]


@pytest.mark.usefixtures("firm")
def test_a_plan_from_the_question_to_the_files(working_client: TestClient) -> None:
    """A plan is asked for, waited for, read, listed and taken away as two files that the independent checker accepts."""
    plan = planned(working_client)
    assert (plan["state"], plan["nothing_to_plan"], plan["failure"]) == ("succeeded", False, None)
    PlanView.model_validate(plan["plan"])
    assert [(a["demand"]["name"], a["total_minutes"]) for a in plan["plan"]["assignments"]] == [("Lead", 4800)]
    reasons = {d["demand"]["name"]: d["reason"] for d in plan["plan"]["demands"]}
    assert reasons["Lead"] is None
    assert reasons["Expert"]["kind"] == "nobody_qualified"
    assert plan["plan"]["proof"]["status"] == "optimal"
    assert plan["plan"]["valuation"]
    address = f"/v1/plans/{plan['id']}"
    read = working_client.get(address)
    assert (read.json(), read.headers["ETag"]) == (plan, f'"{plan["version"]}"')
    listed = working_client.get("/v1/plans", params={"state": "succeeded"}).json()["items"]
    assert [(one["id"], one["plan"]) for one in listed] == [(plan["id"], None)]
    problem = formats.read_problem(working_client.get(f"{address}/problem").content)
    answer = formats.read_plan(working_client.get(f"{address}/plan").content, problem)
    report = verify.verify(problem, answer)
    assert report.feasible
    assert report.objective_matches
    assert Decimal(plan["plan"]["proof"]["objective_minor"]) * 60 == report.objective_x60


@pytest.mark.usefixtures("firm")
def test_a_plan_is_asked_for_at_once_and_watched(working_client: TestClient) -> None:
    """Without a wish to wait the answer is 202 with the address; events tell the progress and the end."""
    answer = working_client.post("/v1/plans", json=ASKED)
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    address = answer.headers["Location"].removeprefix("http://127.0.0.1:8000")
    with working_client.stream("GET", f"{address}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        events = [block for block in "".join(stream.iter_text()).split("\n\n") if block and not block.startswith(":")]
    kinds = [block.splitlines()[0] for block in events]
    assert kinds[-1] == "event: ended"
    assert json.loads(events[-1].partition("data: ")[2])["state"] == "succeeded"
    assert all(kind == "event: progress" for kind in kinds[:-1])
    for block in events[:-1]:
        assert set(json.loads(block.partition("data: ")[2])) == {"state", "seconds", "objective_minor", "bound_minor", "gap"}
    assert working_client.get(address).json()["plan"]["assignments"]


def test_s01_nothing_to_plan(working_client: TestClient) -> None:
    """An empty firm gets an empty plan that says so and does not boast of being the best."""
    plan = planned(working_client)
    assert (plan["state"], plan["nothing_to_plan"]) == ("succeeded", True)
    assert plan["plan"]["assignments"] == []
    assert plan["plan"]["summary"].startswith("Nothing to plan")
    assert plan["plan"]["proof"]["status"] != "optimal"


@pytest.mark.usefixtures("firm")
def test_s02_far_too_much_to_plan(application: Application, client: TestClient) -> None:
    """So many rows that no plan is within reach are refused at once, with what they would take."""
    many = 200_000
    numbers = {
        "sqlite": f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) SELECT i FROM n",
        "postgresql": f"SELECT generate_series(1, {many}) AS i",
    }
    with application.store.begin(LOCAL) as tx:
        columns = [column for column in DEMANDS.c if column.name not in {"id", "name_key", "external_id"}]
        names = ", ".join(column.name for column in columns)
        tx.connection.exec_driver_sql(
            f"INSERT INTO demands (id, name_key, {names}) SELECT 'd' || i, 'd' || i, {names}"
            f" FROM demands, ({numbers[tx.connection.dialect.name]}) AS numbers WHERE demands.id = 'alpha-lead'"
        )
    answer = client.post("/v1/plans", json={**ASKED, "weeks": 260})
    assert (answer.status_code, answer.json()["code"]) == (422, "problem.too_large")
    assert "200,002 demands" in answer.json()["detail"]
    assert "MB" in answer.json()["detail"]
    assert client.get("/v1/plans").json()["items"] == []


@pytest.mark.usefixtures("firm")
def test_s02_amounts_beyond_the_solver(application: Application, working_client: TestClient) -> None:
    """Rows that keep their rules and together are out of the solver's range fail the plan by name, before a solver is started."""
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make_project("dear", priority=Decimal(10_000_000)))
        tx.demands.add(make_demand(project="dear", bill_rate=Decimal(9_000_000)))
    plan = planned(working_client)
    assert (plan["state"], plan["failure"]["code"]) == ("failed", "problem.out_of_range")
    assert "value_rate" in plan["failure"]["detail"]


def test_s04_horizons_and_efforts_that_make_no_sense(client: TestClient) -> None:
    """Zero, negative, endless and misplaced weeks are refused at their place."""
    for changes, pointer in (
        ({"weeks": 0}, "/weeks"),
        ({"weeks": -1}, "/weeks"),
        ({"weeks": 10**6}, "/weeks"),
        ({"weeks": "8"}, "/weeks"),
        ({"horizon_start": "2027-03-02"}, "/horizon_start"),
        ({"horizon_start": "2027-02-30"}, "/horizon_start"),
    ):
        assert first_fault(client.post("/v1/plans", json={**ASKED, **changes}))[:2] == (422, pointer)
    for minutes in (0, -60, 10**12, 1.5):
        body = {"project_id": "p", "name": "Lead", "effort": [{"week": "2027-03-01", "minutes": minutes}]}
        assert first_fault(client.post("/v1/demands", json=body))[:2] == (422, "/effort/0/minutes")
    raw = b'{"project_id": "p", "name": "Lead", "effort": [{"week": "2027-03-01", "minutes": NaN}]}'
    answer = client.post("/v1/demands", content=raw, headers={"Content-Type": "application/json"})
    assert first_fault(answer) == (422, "/effort/0/minutes", "number.not_finite")


def test_s17_limits_out_of_range(client: TestClient) -> None:
    """A time limit, a gap or a number of workers outside its range is refused, and the message says the range."""
    for name, value in (
        ("time_limit_s", 0),
        ("time_limit_s", -1),
        ("time_limit_s", 10**9),
        ("time_limit_s", "NaN"),
        ("gap", -0.1),
        ("gap", 1.1),
        ("workers", -1),
        ("workers", 0),
        ("workers", 5000),
        ("seed", -1),
        ("seed", 2**40),
    ):
        answer = client.post("/v1/plans", json={**ASKED, "limits": {name: value}})
        status, pointer, code = first_fault(answer)
        assert (status, pointer) == (422, f"/limits/{name}")
        assert code in {"number.out_of_range", "number.not_finite"}
    raw = json.dumps({**ASKED, "limits": {"time_limit_s": float("nan")}}).encode()
    answer = client.post("/v1/plans", content=raw, headers={"Content-Type": "application/json"})
    assert first_fault(answer) == (422, "/limits/time_limit_s", "number.not_finite")
    assert client.get("/v1/plans").json()["items"] == []


@pytest.mark.usefixtures("firm")
def test_s09_bookings_beyond_capacity_are_listed(application: Application, working_client: TestClient) -> None:
    """Bookings that stay and together exceed what somebody has are told in business words; the rest is planned around them."""
    with application.store.begin(LOCAL) as tx:
        tx.allow_excess("agreed with both leads")
        for name in ("left", "right"):
            tx.demands.add(make_demand(name, effort=dict.fromkeys(range(4), 2_400)))
            tx.bookings.add(make_booking(demand=f"alpha-{name}"))
        tx.demands.add(make_demand("later", effort=dict.fromkeys(range(4, 8), 1_200)))
    plan = planned(working_client, policy={"frozen_weeks": 4})
    assert (plan["state"], plan["plan"]["proof"]["status"]) == ("succeeded", "optimal")
    assert {a["demand"]["name"] for a in plan["plan"]["assignments"] if a["person"]["name"] == "Ann"} >= {"Left", "Right"}
    assert any("Ann" in conflict["sentence"] for conflict in plan["plan"]["conflicts"])
    assert [a["total_minutes"] for a in plan["plan"]["assignments"] if a["demand"]["name"] == "Later"] == [4_800]


@pytest.mark.usefixtures("firm")
def test_s10_locked_bookings_that_contradict_each_other(application: Application, working_client: TestClient) -> None:
    """Infeasible is a finding, not an error: every conflict in business words, and the plan without the pins in conflict beside it."""
    full = dict.fromkeys(range(4), 2_400)
    with application.store.begin(LOCAL) as tx:
        tx.allow_excess("agreed with both leads")
        for name in ("left", "right"):
            tx.demands.add(make_demand(name, effort=full))
            tx.bookings.add(make_booking(demand=f"alpha-{name}", state=BookingState.LOCKED))
    plan = planned(working_client)
    assert plan["state"] == "succeeded"
    assert plan["plan"]["proof"]["status"] == "infeasible"
    assert plan["plan"]["assignments"] is None
    assert any("Ann" in conflict["sentence"] for conflict in plan["plan"]["conflicts"])
    assert len(plan["alternative"]["dropped"]) == 1
    assert plan["alternative"]["plan"]["assignments"]


@pytest.mark.usefixtures("firm")
def test_unknown_projects_are_refused(client: TestClient) -> None:
    """Every project that does not exist is named by its place."""
    answer = client.post("/v1/plans", json={**ASKED, "project_ids": ["alpha", "nothing"]})
    assert first_fault(answer)[0::2] == (422, "reference.not_found")


@pytest.mark.usefixtures("firm")
def test_a_queued_plan_is_cancelled(client: TestClient) -> None:
    """A plan that nobody has begun stops at once, and only once; it has no file to take away."""
    plan = client.post("/v1/plans", json=ASKED).json()
    address = f"/v1/plans/{plan['id']}"
    assert client.get(f"{address}/problem").json()["code"] == "plan.no_result"
    assert client.get(f"{address}/plan").json()["code"] == "plan.no_result"
    answer = client.post(f"{address}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    again = client.post(f"{address}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "plan.illegal_transition")
    events = client.get(f"{address}/events").text
    assert '"state": "cancelled"' in events or '"state":"cancelled"' in events


@pytest.mark.usefixtures("firm")
def test_h38_a_plan_is_asked_for_once(client: TestClient) -> None:
    """The same wish under the same key is one plan and one job."""
    answers = [client.post("/v1/plans", json=ASKED, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(client.get("/v1/plans").json()["items"]) == 1


@pytest.mark.usefixtures("firm")
def test_h38_waiting_again_gets_the_finished_plan(working_client: TestClient) -> None:
    """Who waited and lost the answer asks again, waits again, and gets the same plan with its result."""
    key = {"Idempotency-Key": "lost"}
    first = working_client.post("/v1/plans", json=ASKED, headers=WAIT | key)
    again = working_client.post("/v1/plans", json=ASKED, headers=WAIT | key)
    assert (first.status_code, first.json()["state"], first.headers.get("Idempotent-Replay")) == (200, "succeeded", None)
    assert (again.status_code, again.json()) == (200, first.json())
    for name in ("ETag", "Location", "Preference-Applied"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Idempotent-Replay"] == "true"
    without = working_client.post("/v1/plans", json=ASKED, headers=key)
    assert (without.status_code, without.headers["Idempotent-Replay"]) == (202, "true")
    assert len(working_client.get("/v1/plans").json()["items"]) == 1


def test_plans_that_do_not_exist(client: TestClient) -> None:
    """Every operation on an unknown plan is the same 404."""
    for method, address in (("GET", ""), ("GET", "/problem"), ("GET", "/plan"), ("GET", "/events"), ("POST", "/cancel")):
        answer = client.request(method, f"/v1/plans/nothing{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "record.not_found"), address


@pytest.mark.usefixtures("firm")
def test_a_preference_that_cannot_be_read_is_none(client: TestClient) -> None:
    """Prefer is a wish: one that makes no sense is answered as if it were not there."""
    for prefer in ("wait=abc", "wait", "respond-async", "wait=-1", ";;;", "wait=0"):
        assert client.post("/v1/plans", json=ASKED, headers={"Prefer": prefer}).status_code == 202
    assert client.post("/v1/plans", json=ASKED, headers={"Prefer": "handling=strict, wait=1"}).status_code == 202


def misbehaving(application: Application, fault: str, *options: str, memory_mb: int = 4096) -> TestClient:
    """The same installation with a solver that has a planted fault."""
    script = Path(__file__).parent.parent / "jobs" / "bad_solver.py"
    settings = application.settings.model_copy(update={"solve_memory_mb": memory_mb})
    faulty = Application(settings, solver_command=(sys.executable, str(script), fault, *options))
    headers = logged_in(faulty)
    return TestClient(create_app(faulty), base_url="http://127.0.0.1:8000", headers=headers, raise_server_exceptions=False)


@pytest.mark.usefixtures("firm")
def test_s12_an_answer_that_fails_the_check(application: Application) -> None:
    """A plan that breaks rules is never shown or given away; its problem is kept."""
    runs = [{"person": "bob", "demand": "alpha-expert", "share": "1", "first": 0, "last": 3}]
    answer = {"format": "staffing-plan/1", "status": "feasible", "assignments": runs, "objective_x60": 1, "bound_x60": 1, "proof": "search"}
    with misbehaving(application, "answer", json.dumps(answer)) as client:
        plan = planned(client)
        assert (plan["state"], plan["failure"]["code"], plan["plan"]) == ("failed", "solver.rejected", None)
        address = f"/v1/plans/{plan['id']}"
        assert client.get(f"{address}/plan").status_code == 404
        assert client.get(f"{address}/problem").status_code == 200
        refused = client.post(f"{address}/apply", json={"state": "confirmed"}, headers={"If-Match": f'"{plan["version"]}"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "plan.not_applicable")


@pytest.mark.usefixtures("firm")
def test_s19_memory_beyond_the_cap(application: Application) -> None:
    """A solver that takes more memory than it may is ended; the plan says so, with the size, and is not tried again."""
    with misbehaving(application, "memory", memory_mb=256) as client:
        plan = planned(client)
        assert (plan["state"], plan["attempts"], plan["failure"]["code"]) == ("failed", 1, "memory_limit")
        assert "256 MB" in plan["failure"]["detail"]
        assert client.get("/v1/readiness").status_code == 200


@pytest.mark.usefixtures("firm")
def test_a_plan_of_a_narrower_scope_with_its_key_figures(application: Application, working_client: TestClient) -> None:
    """Who and what is in scope is planned and nothing else; the figures of the plan hold, and a planner sees no margin of it."""
    narrow = planned(working_client, skill_ids=["java"])["plan"]
    assert [one["demand"]["name"] for one in narrow["demands"]] == ["Expert"]
    scope = {"demand_states": ["open"], "project_states": ["won"], "policy": {"priorities": [{"project_id": "alpha", "priority": "2.5"}]}}
    found = planned(working_client, **scope)
    plan = found["plan"]
    value = next(said["facts"] for said in plan["valuation"] if said["code"] == "value.chosen")
    assert (value["priority"], value["value_rate_minor"]) == ("2.5", 25_000)
    figures = plan["key_figures"]
    assert (figures["coverage"], figures["value_coverage"], figures["churn"]["new_minutes"]) == (0.5, 0.5, 4_800)
    money = figures["money"]
    assert (money["revenue_minor"], money["cost_minor"], money["margin_minor"]) == (800_000, 400_000, 400_000)
    planner = TestClient(
        create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, "resource_manager").headers
    )
    seen = planner.get(f"/v1/plans/{found['id']}").json()["plan"]["key_figures"]
    assert (seen["money"]["revenue_minor"], seen["money"]["cost_minor"], seen["money"]["margin_after_bench_minor"]) == (800_000, None, None)


@pytest.mark.usefixtures("firm")
def test_scopes_that_name_nobody_are_refused_at_once(client: TestClient) -> None:
    """All that is unknown is named by its place; so are states and priorities that there are not."""
    unknown = {"teams": ["Nowhere"], "locations": ["Atlantis"], "skill_ids": ["cobol"], "project_ids": ["none"]}
    answer = client.post("/v1/plans", json={**ASKED, **unknown})
    assert {(one["pointer"], one["code"]) for one in answer.json()["errors"]} == {(f"/{name}/0", "reference.not_found") for name in unknown}
    for body in (
        {"project_states": ["lost"]},
        {"demand_states": ["gone"]},
        {"policy": {"priorities": [{"project_id": "alpha", "priority": "0"}]}},
    ):
        assert client.post("/v1/plans", json={**ASKED, **body}).status_code == 422, body
