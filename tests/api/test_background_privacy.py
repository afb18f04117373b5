"""What works in the background or compares plans tells no cost either: change sets, scenarios, jobs, events, messages to webhooks."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.webhooks import EventType, Webhook
from tests.api.access_firm import somebody
from tests.api.test_cost_privacy import GRANTED, WITHOUT_COST, client_of, integers, told
from tests.api.test_rebalance import NEXT, created, decide, ran, weeks
from tests.factories import make_booking, make_calendar, make_client, make_firm, make_person, make_project, make_skill, make_term

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

RATES = {"ann": Decimal("31.3391"), "bob": Decimal("43.9177")}
LEAST = "4.37"
AMOUNTS = ("worth", "gain", "objective", "bound", "estimate", "dropped", "min_worth")
PLAN = {"horizon_start": NEXT.isoformat(), "weeks": 6, "limits": {"time_limit_s": 10}}
HIRE = {"kind": "hire", "count": 1, "profile": {"name": "Dan", "skills": [{"skill_id": "sap", "level": 3}]}}


def make_a_booked_firm(application: Application) -> None:
    """Ann is booked on one of two demands, and Bob is free for the other; what they cost decides what that is worth."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make_firm())
        tx.calendars.add(make_calendar())
        tx.skills.add(make_skill())
        tx.clients.add(make_client("acme"))
        for name, rate in RATES.items():
            tx.people.add(make_person(name, terms=(make_term(cost_rate=rate),)))
        tx.projects.add(make_project())
        for name in ("one", "two"):
            tx.demands.add(weeks(name))
        first = weeks("one").effort[0].week
        period = make_booking().period.__class__(first, weeks("one").effort[-1].week)
        tx.bookings.add(make_booking("ann", demand="one", period=period))


def amounts(value: Any, name: str = "") -> set[int]:
    """Whole numbers of an answer that stand under a name of an amount which costs are part of."""
    if isinstance(value, dict):
        return {one for key, said in value.items() for one in amounts(said, key)}
    if isinstance(value, list):
        return {one for said in value for one in amounts(said, name)}
    return set(integers([value])) if any(word in name for word in AMOUNTS) else set()


def nightly(application: Application, admin: TestClient) -> tuple[str, list[str], list[dict[str, Any]]]:
    """A night of the firm, planned, compared, approved in part and undone by an admin: its change set, what to ask for, and what was said."""
    with application.store.begin(LOCAL) as tx:
        events = (EventType.PLAN_FINISHED, EventType.BOOKING_CHANGED)
        webhook = Webhook(id=new_id(), url="https://a.example", events=events, actor_id=LOCAL.id, is_active=True, created_at=tx.now)
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    policy = created(admin, min_worth=LEAST)
    found = ran(admin, policy)
    assert found["state"] == "ready", found
    approved = decide(admin, found, "approve", groups=[found["groups"][0]["number"]]).json()
    undone = decide(admin, approved, "undo")
    assert undone.status_code == 200, undone.text
    scenario = admin.post("/v1/scenarios", json={"name": "Another", "changes": [HIRE]}).json()["id"]
    plans = [admin.post("/v1/plans", json={**PLAN, "scenario_id": one}, headers={"Prefer": "wait=60"}).json() for one in (None, scenario)]
    assert [one["state"] for one in plans] == ["succeeded"] * 2, plans
    jobs = admin.get("/v1/jobs").json()["items"]
    paths = [
        *(f"/v1/{area}" for area in ("rebalance-policies", "change-sets", "scenarios", "plans", "jobs", "webhooks", "metrics", "audit")),
        f"/v1/rebalance-policies/{policy['id']}",
        f"/v1/change-sets/{found['id']}",
        f"/v1/scenarios/{scenario}",
        f"/v1/scenarios/compare?scenario_ids={scenario}",
        f"/v1/webhooks/{webhook.id}/deliveries",
        *(f"/v1/jobs/{one['id']}" for one in jobs),
        *(f"/v1/plans/{one['id']}{part}" for one in plans for part in ("", "/events", "/diff", "/problem", "/plan")),
    ]
    compared = admin.get(f"/v1/scenarios/compare?scenario_ids={scenario}").json()
    return found["id"], paths, [found, approved, undone.json(), *plans, compared]


def test_p01_what_runs_in_the_background_tells_no_worth(application: Application, working_client: TestClient) -> None:
    """
    Worth and gain of change sets, the threshold of a policy, intervals of comparisons, objective and bound of their plans.

    They are found in what an admin is told, and in nothing that any role without costs can read or bring about, nor in a message that is sent.
    """
    make_a_booked_firm(application)
    set_id, paths, said = nightly(application, working_client)
    numbers = {abs(one) for one in amounts(said) if abs(one) >= 1_000}
    secrets = {str(one) for one in numbers} | {LEAST, *(format(rate, "f") for rate in RATES.values())}
    assert len(secrets) > 8
    assert len(told("".join(working_client.get(path).text for path in paths), secrets)) > 8, "an admin is told them"
    deliveries = next(path for path in paths if path.endswith("/deliveries"))
    messages = working_client.get(deliveries).json()["items"]
    assert {one["event_type"] for one in messages} == {"plan.finished", "booking.changed"}
    assert told(json.dumps(messages), secrets) == set()
    assert {key for one in messages for key in one["payload"]["data"]} <= {"plan_id", "state", "booking_ids"}
    for role in WITHOUT_COST:
        who = somebody(application, role, extra=GRANTED if role == "resource_manager" else frozenset())
        client = client_of(application, who)
        answers = {path: client.get(path) for path in paths}
        if role == "resource_manager":
            version = answers[f"/v1/change-sets/{set_id}"].json()["version"]
            reads = {path for path, answer in answers.items() if answer.status_code == 200}
            assert {path for path in paths if path.startswith(("/v1/change-sets/", "/v1/scenarios/compare"))} <= reads
            answers["stale"] = client.post(f"/v1/change-sets/{set_id}/approve", json={}, headers={"If-Match": '"1"'})
            answers["approve"] = client.post(f"/v1/change-sets/{set_id}/approve", json={}, headers={"If-Match": f'"{version}"'})
            answers["undo"] = decide(client, answers["approve"].json(), "undo")
            assert [answers[name].status_code for name in ("stale", "approve", "undo")] == [412, 200, 200], answers["approve"].text
        found = {path: told(answer.text + str(answer.headers), secrets) for path, answer in answers.items()}
        assert {path: secret for path, secret in found.items() if secret} == {}, role
