"""Creating, reading, listing, changing and deleting records over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.testclient import TestClient

TERM = {
    "period": {"start": "2026-01-01"},
    "employment": "employee",
    "weekly_minutes": [480, 480, 480, 480, 480, 0, 0],
    "cost_rate": "52.25",
    "location": "Berlin",
}

TASK = {
    "name": "Blueprint",
    "kind": "deliverable",
    "due": "2027-03-12",
    "estimate_minutes": 960,
    "checklist": [{"text": "Draft", "is_done": True}, {"text": "Signed", "is_done": False}],
}
CATEGORY = {"name": "travel", "limit_item_minor": 500_00, "receipt_above_minor": 0, "tax_rate": "0.19", "markup": "0.05"}
EXPENSE = {
    "work_date": "2026-03-02",
    "amount_minor": 120_00,
    "currency": "CHF",
    "rate": "1.0634567891",
    "rate_date": "2026-03-02",
    "rate_source": "ECB",
    "is_billable": False,
}
ABSENCE_KIND = {"name": "vacation", "entitlement": 60, "first_year": 2026, "carry_over_until": "03-31", "accrual": "monthly"}


def created(client: TestClient, area: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/{area}", json=fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bodies(client: TestClient) -> dict[str, dict[str, Any]]:
    """A body for each kind, resting on records that exist."""
    skill = created(client, "skills", name="SAP")["id"]
    calendar = created(client, "calendars", name="Berlin", country="DE", subdivision="BE")["id"]
    person = created(client, "people", name="Ann", terms=[TERM | {"calendar_id": calendar}], skills=[{"skill_id": skill, "level": 3}])["id"]
    customer = created(client, "clients", name="Acme")["id"]
    project = created(client, "projects", name="Alpha", client_id=customer)["id"]
    effort = [{"week": "2027-03-01", "minutes": 1200}, {"week": "2027-03-08", "minutes": 1200}]
    demand = created(client, "demands", project_id=project, name="Lead", effort=effort, requires={skill: 2})["id"]
    category = created(client, "expense-categories", **CATEGORY)["id"]
    weeks = {"start": "2027-03-01", "end": "2027-03-15"}
    return {
        "skills": {"name": "Java", "family": "Languages"},
        "calendars": {"name": "Munich", "country": "DE", "subdivision": "BY", "closures": [{"day": "2027-12-24", "part": "half"}]},
        "people": {
            "name": "Bob",
            "team": "North",
            "terms": [TERM | {"calendar_id": calendar}],
            "skills": [{"skill_id": skill, "level": 5}],
        },
        "absences": {"person_id": person, "period": {"start": "2027-03-01", "end": "2027-03-06"}},
        "absence-kinds": ABSENCE_KIND,
        "clients": {"name": "Globex", "external_id": "C-7"},
        "projects": {"name": "Beta", "client_id": customer, "state": "tentative", "probability": "0.29", "shift_weeks": [0, 2]},
        "demands": {"project_id": project, "name": "Expert", "effort": effort, "shares": ["0.5", "1"], "bill_rate": "120.5"},
        "bookings": {"person_id": person, "project_id": project, "demand_id": demand, "share": "1", "period": weeks},
        "tasks": TASK | {"project_id": project, "owner_id": person},
        **more_bodies(project),
        **_money_bodies(project, demand=demand, skill=skill),
        "expense-categories": CATEGORY | {"name": "meals"},
        **_billing_bodies(client, project=project, customer=customer),
        "expenses": EXPENSE | {"person_id": person, "project_id": project, "category_id": category},
        "bill_rates": {"rate": "99.9", "project_id": project, "valid_from": "2027-01-01", "client_id": customer, "currency": "USD"},
        "exchange-rates": {"currency": "KWD", "day": "2027-03-01", "rate": "3.0251234567", "source": "CBK"},
    }


def more_bodies(project: str) -> dict[str, dict[str, Any]]:
    """Of templates, and of what time entries rest on."""
    return {
        "project-templates": {
            "name": "Rollout",
            "parts": [
                {"key": "build", "name": "Build", "kind": "phase", "start_day": 0, "length_days": 20, "checklist": ["Kick-off held"]},
                {"key": "live", "name": "Go-live", "kind": "milestone", "parent_key": "build", "due_day": 19},
            ],
        },
        "activity-types": {"name": "Travel", "is_billable": False},
        "time-policies": {
            "name": "Alpha",
            "project_id": project,
            "valid_from": "2027-01-01",
            "rules": [{"kind": "max_minutes_per_day", "severity": "warn", "figure": 600}, {"kind": "task_required"}],
        },
    }


def _money_bodies(project: str, *, demand: str, skill: str) -> dict[str, dict[str, Any]]:
    return {
        "budgets": {"project_id": project, "demand_id": demand, "minutes": 2400, "amount_minor": 400_000, "alert_percents": [75, 100]},
        "change-orders": {
            "project_id": project,
            "name": "One more module",
            "value_delta_minor": 1_500_000,
            "budget_delta_minutes": -600,
            "demands": [
                {"demand_id": demand, "effort": [{"week": "2027-03-15", "minutes": 1200}]},
                {"name": "Tester", "effort": [{"week": "2027-03-15", "minutes": 600}], "requires": {skill: 2}},
            ],
        },
    }


ADDRESS = {"line1": "Main Street 1", "line2": None, "postcode": "10115", "city": "Berlin", "country": "DE"}
VAT = {
    "name": "VAT",
    "category": "S",
    "rates": [{"valid_from": "2020-01-01", "percent": "19"}, {"valid_from": "2020-07-01", "percent": "16"}],
}
CONTRACT = {"kind": "capped", "currency": "EUR", "cap_minor": 5_000_000, "starts_on": "2027-01-01", "discount": "0.05"}


def _billing_bodies(client: TestClient, *, project: str, customer: str) -> dict[str, dict[str, Any]]:
    """Contracts and what they rest on. A project has one contract: the one for the record of its own kind is of another project."""
    tax = created(client, "tax-codes", **VAT)["id"]
    entity = created(client, "legal-entities", name="Acme Advisers", address=ADDRESS, tax_code_id=tax)["id"]
    contract = created(client, "contracts", project_id=project, name="Alpha", legal_entity_id=entity, **CONTRACT)["id"]
    other = created(client, "projects", name="Gamma", client_id=customer)["id"]
    return {
        "tax-codes": {"name": "Reverse charge", "category": "AE", "exemption_code": "VATEX-EU-AE", "is_active": False},
        "legal-entities": {"name": "Acme Swiss", "address": ADDRESS | {"country": "CH"}, "language": "de", "accounts": {"revenue": "8400"}},
        "client-accounts": {
            "client_id": customer,
            "name": "Acme GmbH",
            "address": ADDRESS,
            "buyer_reference": "04011000-1234512345-06",
            "tax_code_id": tax,
            "grouping": "client",
        },
        "contracts": {
            "project_id": other,
            "name": "Gamma",
            "kind": "retainer",
            "currency": "USD",
            "legal_entity_id": entity,
            "starts_on": "2027-01-15",
            "retainer": {"fee_minor": 500_000, "included_min": 2_400, "unused": "roll_over", "roll_months": 2, "overage_rate": "95.5"},
            "rounding": {"step_min": 15, "mode": "nearest", "minimum_min": 15, "scope": "day"},
            "detail": "task",
        },
        "charges": {"contract_id": contract, "kind": "deposit", "name": "On signing", "due_on": "2027-01-01", "amount_minor": 100_000},
    }


def holds(found: Any, sent: Any) -> bool:
    """Whether everything that was sent is found again; the rest is defaults."""
    if isinstance(sent, dict):
        return all(holds(found[name], value) for name, value in sent.items())
    if isinstance(sent, list):
        return len(found) == len(sent) and all(map(holds, found, sent))
    return bool(found == sent)


def test_every_kind_is_created_read_listed_changed_and_deleted(client: TestClient) -> None:
    """The whole life of one record of each kind, with its versions."""
    for area, body in bodies(client).items():
        answer = client.post(f"/v1/{area}", json=body)
        assert answer.status_code == 201, answer.text
        record = answer.json()
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == f"http://127.0.0.1:8000/v1/{area}/{record['id']}"
        assert holds(record, body)
        address = f"/v1/{area}/{record['id']}"
        read = client.get(address)
        assert (read.json(), read.headers["ETag"]) == (record, '"1"')
        assert record in client.get(f"/v1/{area}").json()["items"]
        changed = client.patch(address, json={"external_id": "changed"}, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert changed.json() == record | {"external_id": "changed", "version": 2}
        assert changed.headers["ETag"] == '"2"'
        assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
        assert client.get(address).status_code == 404


def test_a_rate_is_the_decimal_that_was_sent(client: TestClient) -> None:
    """Rates and fractions pass exactly, as text or as a number."""
    as_text = created(client, "bill_rates", rate="99.9901")
    answer = client.post("/v1/bill_rates", content=b'{"rate": 99.9901, "grade": "Senior"}', headers={"Content-Type": "application/json"})
    assert (as_text["rate"], answer.json()["rate"]) == ("99.9901", "99.9901")


def test_c04_a_change_needs_the_version_and_a_stale_one_gets_the_difference(client: TestClient) -> None:
    """Without If-Match 428; with an old one 412, the current version and what changed since."""
    skill = created(client, "skills", name="SAP", family="ERP")
    address = f"/v1/skills/{skill['id']}"
    assert client.patch(address, json={"name": "S/4"}).json()["code"] == "version.required"
    assert client.delete(address).status_code == 428
    assert client.patch(address, json={"name": "S/4"}, headers={"If-Match": '"1"'}).status_code == 200
    for stale in (
        client.patch(address, json={"family": "x"}, headers={"If-Match": '"1"'}),
        client.delete(address, headers={"If-Match": '"1"'}),
    ):
        assert stale.status_code == 412
        problem = stale.json()
        assert (problem["code"], problem["current_version"]) == ("version.stale", 2)
        assert problem["diff"] == [{"pointer": "/name", "was": "SAP", "is": "S/4"}]
    assert client.get(address).json()["family"] == "ERP"
    for beyond in (2**31 - 1, 2**31, 2**63, 10**17):  # more than a database's integers hold
        tag = {"If-Match": f'"{beyond}"'}
        for answer in (client.patch(address, json={"family": "x"}, headers=tag), client.delete(address, headers=tag)):
            assert (answer.status_code, answer.json()["code"]) == ((412, "version.stale") if beyond < 10**18 else (422, "version.invalid"))


def test_if_match_takes_one_version(client: TestClient) -> None:
    """Whatever does not name the one version that was seen is refused."""
    skill = created(client, "skills", name="SAP")
    for tag in ("*", "1", 'W/"1"', '"1", "2"', '"x"', '"-1"', '"' + "9" * 5000 + '"'):
        answer = client.patch(f"/v1/skills/{skill['id']}", json={"name": "S/4"}, headers={"If-Match": tag})
        assert (answer.status_code, answer.json()["code"]) == (422, "version.invalid"), tag


def test_what_others_refer_to_is_not_deleted(client: TestClient) -> None:
    """Deleting it is refused, and the refusal says what refers to it."""
    bodies(client)
    skill = client.get("/v1/skills").json()["items"][0]
    answer = client.delete(f"/v1/skills/{skill['id']}", headers={"If-Match": f'"{skill["version"]}"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "record.in_use")
    assert set(answer.json()["used_by"]) == {"people", "demands"}


def test_a_reference_to_nothing_is_refused_at_its_place(client: TestClient) -> None:
    """The fault bears the pointer of the reference."""
    answer = client.post("/v1/people", json={"name": "Ann", "skills": [{"skill_id": "nothing", "level": 3}]})
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/skills/0/skill_id", "reference.not_found")]


def test_the_past_can_be_read(client: TestClient) -> None:
    """With as_of a record and a list are as they were recorded then."""
    skill = created(client, "skills", name="SAP")
    address = f"/v1/skills/{skill['id']}"
    client.patch(address, json={"name": "S/4"}, headers={"If-Match": '"1"'})
    first = _recorded_at(client, address)
    assert client.get(address, params={"as_of": first}).json()["name"] == "SAP"
    assert [one["name"] for one in client.get("/v1/skills", params={"as_of": first}).json()["items"]] == ["SAP"]
    assert client.get(address, params={"as_of": "2020-01-01T00:00:00Z"}).status_code == 404
    answer = client.get(address, params={"as_of": "2026-01-01T00:00:00"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time.zone_required")


def _recorded_at(client: TestClient, address: str) -> str:
    """The instant when the first version was recorded."""
    store = client.app.state.application.store  # type: ignore[attr-defined]  # the test client knows only ASGI
    from scheduler.domain.ground.access import LOCAL
    from scheduler.queries.records import record_history

    _, _, area, record_id = address.split("/")
    at: str = record_history(store, actor=LOCAL, area=area, record_id=record_id)[0].recorded_from.isoformat()
    return at


def test_pages_follow_each_other_without_gap(client: TestClient) -> None:
    """Cursors lead through the whole list once, in order, upwards and downwards."""
    names = [f"Skill {number:02}" for number in range(7)]
    for name in reversed(names):
        created(client, "skills", name=name)
    for sort, expected in (("name", names), ("-name", names[::-1])):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"sort": sort, "limit": "3"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/skills", params=params).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == expected


def test_a_cursor_of_nobody_is_refused(client: TestClient) -> None:
    """A cursor that no page returned is named as the fault."""
    for cursor in ("nonsense", "W10", "eyJhIjoxfQ", "\xff", "A" * 1900, ""):
        answer = client.get("/v1/skills", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor.invalid"), cursor
        assert answer.json()["errors"][0]["pointer"] == "?cursor"


def test_h25_sorts_are_allow_listed(client: TestClient) -> None:
    """Any other sort is refused with the list of what is allowed."""
    for sort in ("name;DROP TABLE skills", "(select 1)", "cost_rate", "", "--name", "name_key"):
        answer = client.get("/v1/people", params={"sort": sort})
        assert (answer.status_code, answer.json()["code"]) == (422, "sort.not_allowed"), sort
        assert answer.json()["allowed"] == ["id", "name"]
        assert answer.json()["errors"][0]["pointer"] == "?sort"


def test_h26_filter_values_are_text(client: TestClient) -> None:
    """No character of a filter value means anything but itself."""
    created(client, "skills", name="SAP", family="ERP")
    for value in ("' OR 1=1--", "=n", "%", "_", "\\", '"', "*", "{}"):
        name = created(client, "skills", name=f"odd <{value}>", family=value)["name"]
        for filters in ({"family": value}, {"name": f"<{value}>"}):
            assert [one["name"] for one in client.get("/v1/skills", params=filters).json()["items"]] == [name]


def test_a_mistyped_parameter_is_refused_with_the_nearest_name(client: TestClient) -> None:
    """A filter that would silently do nothing is a fault."""
    answer = client.get("/v1/people", params={"taem": "North"})
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("?taem", "field.unknown")]
    assert "team" in answer.json()["errors"][0]["message"]


def test_the_firm_has_one_set_of_settings(client: TestClient) -> None:
    """The firm is read and changed by version like every record."""
    read = client.get("/v1/firm")
    assert (read.status_code, read.headers["ETag"]) == (200, '"0"')
    changed = client.patch("/v1/firm", json={"name": "Acme", "currency": "CHF"}, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.json()["currency"]) == (200, "CHF")
    stale = client.patch("/v1/firm", json={"name": "Other"}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412, stale.text
