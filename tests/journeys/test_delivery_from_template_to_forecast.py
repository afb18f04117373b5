"""A project over HTTP, as one story: from a template to demand, plan, bookings, a prefilled week, two leads' approvals, budget and forecast."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, ProjectId
from scheduler.domain.ground.permissions import Role
from scheduler.usecases.users import create_user
from tests.logins import bearer, logged_in, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "http://127.0.0.1:8000"
TODAY = datetime.now(UTC).date()
START = TODAY + timedelta(days=7 - TODAY.weekday())
SECOND = START + timedelta(weeks=1)
PATIENCE_S = 120
HOUR = 60
ESTIMATE_MIN = 40 * HOUR
"""Over ten working days: four hours a day."""
TERM = {"employment": "employee", "weekly_minutes": [480, 480, 480, 480, 480, 0, 0], "cost_rate": "60"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody's requests."""

    client: TestClient

    def get(self, path: str, **params: str) -> Any:
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, *, version: int | None = None, wait: bool = False) -> Any:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = self.client.post(path, json=body, headers=headers | ({"Prefer": "wait=60"} if wait else {}))
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def new(self, area: str, **body: Any) -> str:
        return str(self.post(f"/v1/{area}", body)["id"])

    def sheet(self, person: str) -> Any:
        return self.get(f"/v1/people/{person}/timesheet", day=START.isoformat())

    def decide(self, step: str, person: str) -> Any:
        sheet = {"person_id": person, "day": START.isoformat(), "seen": self.sheet(person)["seen"]}
        return self.post(f"/v1/approvals/{step}", {"sheets": [sheet]})


@dataclass(frozen=True, slots=True)
class Firm:
    """The program, an admin, and what was made on the way."""

    application: Application
    admin: Caller

    def as_user(self, role: Role, **limits: Any) -> Caller:
        user = create_user(self.application.store, actor=LOCAL, user=make_user(role=role, **limits), now=datetime.now(UTC))
        return Caller(TestClient(create_app(self.application), base_url=BASE, headers=bearer(self.application, user)))


@pytest.fixture
def firm(prepared_url: str, tmp_path: Path) -> Iterator[Firm]:
    """An empty installation that does its jobs itself."""
    application = Application(Settings(database_url=prepared_url, data_dir=tmp_path, solve_max_seconds=PATIENCE_S, solve_max_workers=1))
    with TestClient(create_app(application), base_url=BASE, headers=logged_in(application)) as client:
        yield Firm(application, Caller(client))


@pytest.mark.slow
def test_a_project_from_its_template_to_its_forecast(firm: Firm) -> None:
    """
    By hand: Ann works four hours a day on the rollout, at 100 an hour and 60 of cost, and an hour a day on the other project.

    After her first week, 20 hours are actual: 2,000 billed and 1,200 of cost. 20 are booked, at 100 until Wednesday, then at 150 by a new
    rate: 8 x 100 + 12 x 150 = 2,600. So 4,600 at completion of a budget of 4,000: over budget in money, not in hours.
    """
    admin = firm.admin
    skill, calendar = admin.new("skills", name="SAP"), admin.new("calendars", name="Plain")
    terms = [{**TERM, "period": {"start": "2020-01-01"}, "calendar_id": calendar}]
    ann = admin.new("people", name="Ann", terms=terms, skills=[{"skill_id": skill, "level": 4}])
    rate = admin.new("bill_rates", rate="100")
    rollout = _from_template(admin, skill, calendar)
    other = admin.new("projects", name="Other")
    days = {"start": START.isoformat(), "end": (START + timedelta(weeks=2)).isoformat()}
    admin.new("bookings", person_id=ann, project_id=other, weekly_minutes=5 * HOUR, period=days, state="confirmed")
    _plan(admin, ann, rollout)
    _log_and_approve(firm, ann, rollout, other)
    before = _budget(admin, rollout)
    assert (before["actual"], before["booked"], before["at_completion"]) == ((1_200, 200_000), (1_200, 200_000), (2_400, 400_000))
    _new_rate(admin, rate)
    after = _budget(admin, rollout)
    assert (after["actual"], after["booked"], after["at_completion"]) == ((1_200, 200_000), (1_200, 260_000), (2_400, 460_000))
    assert (after["cost_minor"], after["flags"]) == (240_000, ["over_budget amount"])


def _from_template(admin: Caller, skill: str, calendar: str) -> str:
    """Ten working days of building; the demand that follows asks for its estimate, and a second time for nothing more."""
    part = {"key": "build", "name": "Build", "start_day": 0, "length_days": 10, "estimate_minutes": ESTIMATE_MIN, "requires": {skill: 3}}
    template = admin.new("project-templates", name="Rollout", parts=[part])
    body = {
        "project": {"name": "Rollout at Acme", "budget_minutes": ESTIMATE_MIN, "budget_minor": 400_000},
        "first_day": START.isoformat(),
        "calendar_id": calendar,
    }
    project = admin.post(f"/v1/project-templates/{template}/projects", body)
    assert project["template_version"] == 1
    for _ in range(2):
        admin.post(f"/v1/projects/{project['id']}/demands/from-tasks", {"calendar_id": calendar})
    (demand,) = admin.get("/v1/demands", project_id=project["id"])["items"]
    assert [week["minutes"] for week in demand["effort"]] == [1_200, 1_200]
    return str(project["id"])


def _plan(admin: Caller, ann: str, rollout: str) -> None:
    """The plan gives Ann the demand; applied, it is a booking."""
    asked = admin.post("/v1/plans", {"horizon_start": START.isoformat(), "weeks": 4, "limits": {"time_limit_s": PATIENCE_S}}, wait=True)
    until = time.monotonic() + PATIENCE_S
    while (plan := admin.get(f"/v1/plans/{asked['id']}"))["state"] in {"queued", "running"}:
        assert time.monotonic() < until, "it does not end"
        time.sleep(0.1)
    assert plan["plan"]["proof"]["status"] == "optimal"
    admin.post(f"/v1/plans/{plan['id']}/apply", {"state": "confirmed"}, version=plan["version"])
    (booking,) = admin.get("/v1/bookings", project_id=rollout)["items"]
    assert (booking["person_id"], booking["state"]) == (ann, "confirmed")


def _log_and_approve(firm: Firm, ann: str, rollout: str, other: str) -> None:
    """The bookings are the week's drafts, twice no more; handed in, each lead decides about their own project's, and nobody else's."""
    member = firm.as_user(Role.MEMBER, person_id=PersonId(ann))
    lea = firm.as_user(Role.PROJECT_MANAGER, project_ids=frozenset({ProjectId(rollout)}))
    leo = firm.as_user(Role.PROJECT_MANAGER, project_ids=frozenset({ProjectId(other)}))
    for _ in range(2):
        member.post(f"/v1/people/{ann}/time-week/prefill", {"week": START.isoformat()})
    week = member.get(f"/v1/people/{ann}/time-week", week=START.isoformat())
    assert sum(row["minutes"] for row in week["rows"]) == 25 * HOUR
    assert _budget(firm.admin, rollout)["actual"] == (0, 0), "drafts are nobody's actuals"
    member.decide("submit", ann)
    assert {line["project_id"] for line in lea.sheet(ann)["lines"]} == {rollout}
    lea.decide("approve", ann)
    assert member.sheet(ann)["state"] == "partly_approved"
    assert [line["project_id"] for line in leo.get("/v1/approvals/inbox")["items"]] == [other] * 5
    leo.decide("approve", ann)
    assert member.sheet(ann)["state"] == "approved"


def _new_rate(admin: Caller, rate: str) -> None:
    """From the second Wednesday on an hour costs 150; what was approved stays at what it was."""
    wednesday = SECOND + timedelta(days=2)
    body = {"valid_until": (wednesday - timedelta(days=1)).isoformat()}
    assert admin.client.patch(f"/v1/bill_rates/{rate}", json=body, headers={"If-Match": '"1"'}).status_code == 200
    admin.new("bill_rates", rate="150", valid_from=wednesday.isoformat())


def _budget(admin: Caller, project: str) -> dict[str, Any]:
    """Minutes and value of what is actual, booked and both, as of the second Monday; costs and what is flagged."""
    found = admin.get(f"/v1/projects/{project}/budget", on=SECOND.isoformat())
    figures = {name: (one["minutes"], one["bill_minor"]) for name, one in found["forecast"].items()}
    flags = [f"{flag['kind']} {flag['figures'].get('measure', '')}".strip() for flag in found["flags"]]
    return {**figures, "cost_minor": found["forecast"]["at_completion"]["cost_minor"], "flags": flags}
