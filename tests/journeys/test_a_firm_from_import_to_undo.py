"""A small firm over HTTP, as one story: imported, planned, explained, asked what if, put in force, rebalanced in the night, and put back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

import scheduler.sample_firm
from api.app import create_app
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.jobs.policy_clock import run_due
from tests.api.scenario_calls import live_hash
from tests.logins import logged_in

if TYPE_CHECKING:
    from collections.abc import Iterator

MAP = (Path(scheduler.sample_firm.__file__).parent / "map.toml").read_bytes()
TODAY = datetime.now(UTC).date()
START = TODAY + timedelta(days=7 - TODAY.weekday())
"""Next Monday, from which both the planner and the night plan."""
WEEKS = 6
BEGIN, END = START + timedelta(weeks=1), START + timedelta(weeks=3)
"""The work's first and last week."""
TABLES = {
    "skills": "id,name\nsap,SAP\njava,Java\n",
    "calendars": "id,name\nplain,Plain\n",
    "people": "id,name,team\nann,Ann,North\nbob,Bob,North\ncy,Cy,South\n",
    "terms": "person,start,end,employment,calendar,weekly_hours,workdays,cost_rate\n"
    "ann,2020-01-01,,employee,plain,40,Mon-Fri,60\nbob,2020-01-01,,employee,plain,40,Mon-Fri,55\n"
    "cy,2020-01-01,,contractor,plain,40,Mon-Fri,80\n",
    "person_skills": "person,skill,level\nann,sap,4\nbob,java,2\ncy,sap,3\n",
    "projects": "id,name,state,contract\nroll-out,Roll-out,won,time_and_materials\n",
    "demands": "id,project,name,requires,bill_rate,first_week,last_week,weekly_hours\n"
    f"lead,roll-out,Lead,sap: 3,120,{BEGIN},{END},30\nbuild,roll-out,Build,java: 3,110,{BEGIN},{END},30\n",
}
PATIENCE_S = 120
"""For a search on a busy machine; each of these ends when it has proven its plan."""
EFFORT_MIN = 3 * 30 * 60


@dataclass(frozen=True, slots=True)
class Firm:
    """The program, and an admin's requests to it."""

    application: Application
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

    def id_of(self, area: str, name: str) -> str:
        (found,) = [one["id"] for one in self.get(f"/v1/{area}")["items"] if one["external_id"] == name]
        return str(found)

    def bookings(self) -> list[dict[str, Any]]:
        """Those in force, but for how often each was changed."""
        return [{name: value for name, value in one.items() if name != "version"} for one in self.get("/v1/bookings")["items"]]

    def who(self) -> dict[str, str]:
        """Who is booked on which demand."""
        names = {one["id"]: one["name"] for area in ("people", "demands") for one in self.get(f"/v1/{area}")["items"]}
        return {names[one["demand_id"]]: names[one["person_id"]] for one in self.get("/v1/bookings")["items"]}

    def ended(self, path: str) -> Any:
        """What is there once its job is done."""
        until = time.monotonic() + PATIENCE_S
        while (found := self.get(path))["state"] in {"queued", "running"}:
            assert time.monotonic() < until, "it does not end"
            time.sleep(0.1)
        return found

    def planned(self, scenario_id: str | None = None) -> Any:
        asked = {"horizon_start": START.isoformat(), "weeks": WEEKS, "scenario_id": scenario_id, "limits": {"time_limit_s": PATIENCE_S}}
        asked_for = self.post("/v1/plans", asked, wait=True)
        plan = self.ended(f"/v1/plans/{asked_for['id']}")
        assert (plan["state"], plan["plan"]["proof"]["status"]) == ("succeeded", "optimal"), plan["failure"]
        return plan


@pytest.fixture
def firm(prepared_url: str, tmp_path: Path) -> Iterator[Firm]:
    """An empty installation that does its jobs itself."""
    application = Application(Settings(database_url=prepared_url, data_dir=tmp_path, solve_max_seconds=PATIENCE_S, solve_max_workers=1))
    headers = logged_in(application)
    with TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield Firm(application, client)


@pytest.mark.slow
def test_a_firm_from_import_to_undo(firm: Firm) -> None:
    """Each step rests on the one before, and what each says it did is what is there afterwards."""
    _import(firm)
    plan = _plan_and_apply(firm)
    _read_why(firm, plan)
    _fix_it_in_a_scenario(firm)
    _a_night_after_a_change(firm)


def _import(firm: Firm) -> None:
    """The tables become the firm; a second time nothing changes."""
    files = [("map", ("map.toml", MAP)), *[("files", (f"{name}.csv", text.encode())) for name, text in TABLES.items()]]
    first, again = (firm.client.post("/v1/imports", files=files) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.text
    before = live_hash(firm.application)
    assert {one["name"] for one in firm.get("/v1/people")["items"]} == {"Ann", "Bob", "Cy"}
    assert firm.client.post("/v1/imports", files=files).status_code == 201
    assert live_hash(firm.application) == before


def _plan_and_apply(firm: Firm) -> Any:
    """Ann leads; nobody knows enough Java to build, so that stays open."""
    plan = firm.planned()
    fills = {one["demand"]["name"]: (one["filled_minutes"], one["open_minutes"]) for one in plan["plan"]["demands"]}
    assert fills == {"Lead": (EFFORT_MIN, 0), "Build": (0, EFFORT_MIN)}
    assert firm.bookings() == [], "a plan books nobody"
    done = firm.post(f"/v1/plans/{plan['id']}/apply", {"state": "confirmed"}, version=plan["version"])
    assert len(done["added"]) == 1
    assert firm.who() == {"Lead": "Ann"}
    return plan


def _read_why(firm: Firm, plan: Any) -> None:
    """The plan says why, what would fill it at the least, and what keeps Bob from it."""
    build = firm.id_of("demands", "build")
    (still_open,) = [one for one in plan["plan"]["demands"] if one["open_minutes"]]
    assert (still_open["demand"]["id"], bool(still_open["reason"]["sentence"])) == (build, True)
    said = firm.get(f"/v1/plans/{plan['id']}/explanations", demand_id=build)
    assert not said["is_filled"]
    assert any("Java" in one["sentence"] and one["gain_minor"] > 0 for one in said["relaxations"])
    barred = firm.get(f"/v1/plans/{plan['id']}/explanations", demand_id=build, person_id=firm.id_of("people", "bob"))
    assert [bar["rule"] for bar in barred["bars"]] == ["requires"]


def _fix_it_in_a_scenario(firm: Firm) -> None:
    """Bob learns Java: seen beside the firm as it is, with no live row touched; then it is the firm, in one step."""
    bob, java = firm.id_of("people", "bob"), firm.id_of("skills", "java")
    before = live_hash(firm.application)
    change = {"kind": "raise_skill", "person_id": bob, "skill_id": java, "level": 3}
    scenario = firm.post("/v1/scenarios", {"name": "Bob learns Java", "changes": [change]})
    as_it_is, learnt = firm.planned(), firm.planned(scenario["id"])
    side = firm.get("/v1/scenarios/compare", scenario_ids=scenario["id"])
    columns = side["columns"]
    assert [one["plan_id"] for one in columns] == [as_it_is["id"], learnt["id"]]
    figures = [one["key_figures"] for one in columns]
    assert figures == [one["plan"]["key_figures"] for one in (as_it_is, learnt)]
    assert [one["totals"]["coverage"] for one in columns] == [0.5, 1.0]
    bench = [one["bench_minutes"] for one in columns]
    assert bench[0] - bench[1] == EFFORT_MIN
    assert columns[1]["worth_low_minor"] == columns[1]["worth_high_minor"] > 0
    build = next(one for one in side["demands"] if one["demand"]["name"] == "Build")
    assert [fill["filled_minutes"] for fill in build["fills"]] == [0, EFFORT_MIN]
    assert live_hash(firm.application) == before
    body = {"plan_id": learnt["id"], "state": "confirmed"}
    done = firm.post(f"/v1/scenarios/{scenario['id']}/apply", body, version=scenario["version"])
    assert sorted((row["area"], row["change"]) for row in done["rows"]) == [("bookings", "added"), ("people", "changed")]
    assert firm.who() == {"Lead": "Ann", "Build": "Bob"}


def _a_night_after_a_change(firm: Firm) -> None:
    """Ann is ill for the whole work: the night proposes Cy, who leads once that is approved; undone, all is as it was."""
    policy = firm.post("/v1/rebalance-policies", {"name": "Nightly", "cron": "30 2 * * *", "weeks": WEEKS, "frozen_weeks": 0})
    assert _night(firm, policy, 1)["groups"] == [], "nothing is better than what is in force"
    sick = {"start": BEGIN.isoformat(), "end": (END + timedelta(weeks=1)).isoformat()}
    firm.post("/v1/absences", {"person_id": firm.id_of("people", "ann"), "period": sick, "kind": "sickness"})
    before = firm.bookings()
    found = _night(firm, policy, 2)
    assert (found["state"], found["proof"]["status"]) == ("ready", "optimal")
    assert {one["code"] for one in found["broken"]} >= {"broken.absent"}
    (group,) = found["groups"]
    assert {reason["code"] for reason in group["reasons"]} >= {"mends"}
    assert {one["person"]["name"] for one in group["changes"]} == {"Ann", "Cy"}
    assert group["worth_x60"] == found["gain_x60"] > 0
    assert firm.bookings() == before, "the night changes nothing unasked"
    approved = firm.post(f"/v1/change-sets/{found['id']}/approve", {"groups": [group["number"]]}, version=found["version"])
    assert firm.who() == {"Lead": "Cy", "Build": "Bob"}
    firm.post(f"/v1/change-sets/{found['id']}/undo", {}, version=approved["version"])
    assert firm.bookings() == before


def _night(firm: Firm, policy: Any, days: int) -> Any:
    """What came of the policy in the night in so many days, whose job this process does."""
    due = datetime.combine(TODAY + timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=3)
    (run,) = run_due(firm.application.store, now=due)
    found = firm.ended(f"/v1/change-sets/{run.id}")
    assert found["policy_id"] == policy["id"]
    return found
