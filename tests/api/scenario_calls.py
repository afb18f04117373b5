"""Scenarios over HTTP, as their tests ask for them, and the live rows that none of it may touch."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.scenarios import ONE_OF
from scheduler.domain.staffing.work import ProjectState
from scheduler.store.areas import AREAS
from scheduler.store.tables import METADATA, TWINS
from tests.api.access_firm import load_two_people
from tests.factories import MONDAY, make_demand, make_project

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

ASKED = {"horizon_start": MONDAY.isoformat(), "weeks": 8, "limits": {"time_limit_s": 10}}
WAIT = {"Prefer": "wait=60"}
HIRE: dict[str, Any] = {
    "kind": "hire",
    "count": 1,
    "ids": ["#gopher"],
    "profile": {
        "name": "Java expert",
        "skills": [{"skill_id": "java", "level": 4}],
        "terms": [
            {
                "period": {"start": "2027-01-04"},
                "employment": "employee",
                "calendar_id": "plain",
                "weekly_minutes": [480, 480, 480, 480, 480, 0, 0],
            }
        ],
    },
}


def make_firm_with_a_deal(application: Application) -> None:
    """Two people for two demands, of which one asks for what nobody has; and a deal that may be won."""
    load_two_people(application)
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make_project("beta", state=ProjectState.TENTATIVE, probability=Decimal("0.5")))
        tx.demands.add(make_demand(project="beta", requires={"sap": 1}))


def live_hash(application: Application) -> str:
    """Every live row with all its versions, of every table that scenarios are not."""
    names = {"firm_settings", "clients", "calendars", "calendar_closures", "person_days", "booking_loads"}
    for area in ONE_OF:
        names |= {AREAS[area].table.name, *(child.table.name for child in AREAS[area].children)}
    tables = [METADATA.tables[name] for name in sorted(names)]
    tables += [TWINS[table.name] for table in tables if table.name in TWINS]
    digest = hashlib.sha256()
    with application.store.read(LOCAL) as view:
        for table in tables:
            rows = view.connection.execute(select(table).order_by(*table.primary_key)).all()
            digest.update(repr((table.name, [tuple(row) for row in rows])).encode())
    return digest.hexdigest()


def make_scenario(client: TestClient, *changes: Any, name: str = "What if", base_id: str | None = None) -> dict[str, Any]:
    answer = client.post("/v1/scenarios", json={"name": name, "base_id": base_id, "changes": list(changes)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def planned(client: TestClient, scenario_id: str | None = None) -> dict[str, Any]:
    answer = client.post("/v1/plans", json={**ASKED, "scenario_id": scenario_id}, headers=WAIT)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert (found["state"], found["failure"]) == ("succeeded", None)
    return found


def patch(client: TestClient, scenario: dict[str, Any], **fields: Any) -> Response:
    return client.patch(f"/v1/scenarios/{scenario['id']}", json=fields, headers={"If-Match": f'"{scenario["version"]}"'})


def apply(client: TestClient, scenario: dict[str, Any], *, dry_run: bool = False, **body: Any) -> Response:
    headers = {"If-Match": f'"{scenario["version"]}"'}
    return client.post(f"/v1/scenarios/{scenario['id']}/apply", params={"dry_run": dry_run}, json=body, headers=headers)


def told(answer: Response) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(fault["pointer"], fault["code"]) for fault in body.get("errors", ())]


def filled(plan: dict[str, Any]) -> dict[str, int]:
    return {f"{one['project']['name']} {one['demand']['name']}": one["filled_minutes"] for one in plan["plan"]["demands"]}
