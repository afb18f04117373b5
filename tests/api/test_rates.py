"""Rates explained over HTTP, and what bookings are worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ActivityTypeId, ClientId, ProjectId
from tests import factories as make
from tests.api.access_firm import Who, make_firm_of_two, somebody

if TYPE_CHECKING:
    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
ASKED = {"person_id": "ann", "project_id": "alpha", "day": "2027-03-01"}


@pytest.fixture
def firm(application: Application) -> None:
    """Ann works on Alpha, which has a rate of 120, for Acme; there are others that lose against it, and some that are none of its business."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        scopes: tuple[dict[str, Any], ...] = (
            {},
            {"client_id": ClientId("acme"), "activity_type_id": ActivityTypeId("travel")},
            {"client_id": ClientId("globex")},
            {"grade": "senior"},
            {"currency": "USD"},
            {"project_id": ProjectId("alpha"), "activity_type_id": ActivityTypeId("travel")},
            {"activity_type_id": ActivityTypeId("travel"), "valid_until": date(2026, 12, 31)},
        )
        for number, more in enumerate(scopes):
            tx.bill_rates.add(make.make_bill_rate(70 + number, rate_id=f"r{number}", **more))


def client_of(application: Application, who: Who) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)


def explained(application: Application, role: str = "finance", **changes: Any) -> dict[str, Any]:
    answer = client_of(application, somebody(application, role)).get("/v1/rates/explain", params={**ASKED, **changes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def lost(found: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    return [(one["row_id"], one["lost_by"]) for one in found["considered"] if one["rule"] == "bill_rate"]


def test_a_rate_is_explained_with_what_lost(application: Application, firm: None) -> None:
    """The project's rate counts; each other says why it does not, and rates of another client are not about this hour."""
    found = explained(application)
    assert (found["rate"], found["currency"], found["missing"]) == ("120", "EUR", None)
    assert found["trail"] == [
        {
            "rule": "bill_rate",
            "row_kind": "bill_rate",
            "row_id": "rate-alpha",
            "row_version": 1,
            "figures": {"rate": "120", "currency": "EUR", "project_id": "alpha"},
        }
    ]
    assert lost(found) == [
        ("rate-alpha", None),
        ("r0", "less_specific"),
        ("r3", "grade"),
        ("r5", "activity_type_id"),
        ("r1", "activity_type_id"),
        ("r6", "activity_type_id"),
        ("r4", "currency"),
    ]
    assert [(one["rule"], one["lost_by"]) for one in found["considered"][:3]] == [
        ("contract.markup", "absent"),
        ("contract.blended_rate", "absent"),
        ("demand.bill_rate", "absent"),
    ]
    travelled = explained(application, activity_type_id="travel")
    assert (travelled["rate"], lost(travelled)[0], dict(lost(travelled))["r6"]) == ("75", ("r5", None), "validity")


def test_the_demands_own_rate_and_the_contracts_come_first(application: Application, firm: None) -> None:
    """Everything below loses by the rule that comes before it."""
    found = explained(application, demand_id="alpha-lead")
    assert (found["rate"], found["trail"][0]["rule"]) == ("100", "demand.bill_rate")
    assert dict(lost(found))["rate-alpha"] == "demand.bill_rate"
    _new_terms(application, blended_rate=Decimal("123.4567"))
    found = explained(application, demand_id="alpha-lead")
    assert (found["rate"], [one["lost_by"] for one in found["considered"][:3]]) == ("123.4567", ["absent", None, "contract.blended_rate"])


def test_an_hour_without_a_price_says_so(application: Application, firm: None) -> None:
    """A contract in a currency without rates: why, and nothing that counts; the demand's rate is in the firm's currency and does not fit."""
    _new_terms(application, currency="CHF")
    found = explained(application, demand_id="alpha-lead")
    assert (found["rate"], found["trail"]) == (None, [])
    assert "CHF" in found["missing"]
    assert {one["lost_by"] for one in found["considered"]} == {"absent", "currency", "grade", "activity_type_id"}


def test_a01_prices_and_costs_are_for_whoever_may_see_them(application: Application, firm: None) -> None:
    """A project manager sees the rates of their projects beside the one that counts; costs do not follow from a cost-plus price."""
    assert lost(explained(application, "project_manager")) == [("rate-alpha", None), ("r5", "activity_type_id")]
    member = client_of(application, somebody(application, "member")).get("/v1/rates/explain", params=ASKED)
    assert member.status_code == 403
    lead = client_of(application, somebody(application, "project_manager"))
    for changes, status in (({"project_id": "beta"}, 404), ({"person_id": "bob"}, 404), ({"demand_id": "beta-lead"}, 404)):
        assert lead.get("/v1/rates/explain", params={**ASKED, **changes}).status_code == status
    finance = client_of(application, somebody(application, "finance"))
    elsewhere = finance.get("/v1/rates/explain", params={**ASKED, "demand_id": "beta-lead"})
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["code"]) == (422, "reference.not_found")
    _new_terms(application, kind=ContractKind.COST_PLUS, markup=Decimal("0.5"))
    assert client_of(application, somebody(application, "project_manager")).get("/v1/rates/explain", params=ASKED).status_code == 403
    assert explained(application)["rate"] == "107.0087", "71.3391 x 1.5 = 107.00865, half up"


def test_the_forecast_of_revenue(application: Application, firm: None) -> None:
    """Half time in March on each project at 100 an hour, Ann at 71.3391 of cost; costs for finance alone, projects as far as they are seen."""
    days = {"start": "2027-03-01", "end": "2027-05-01"}
    finance = client_of(application, somebody(application, "finance")).get("/v1/reports/revenue-forecast", params=days).json()
    assert finance["currency"] == "EUR"
    first = finance["months"][0]
    assert (first["project_id"], first["month"], first["minutes"], first["revenue_minor"]) == ("alpha", "2027-03", 4_800, 800_000)
    assert (first["cost_minor"], first["margin_minor"]) == (570_713, 800_000 - 570_713)
    lead = client_of(application, somebody(application, "project_manager")).get("/v1/reports/revenue-forecast", params=days).json()
    assert [(one["project_id"], one["revenue_minor"], one["cost_minor"]) for one in lead["months"]] == [("alpha", 800_000, None)]
    wrong = client_of(application, somebody(application, "finance")).get(
        "/v1/reports/revenue-forecast", params={**days, "end": "2027-03-01"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "interval.empty")


@pytest.mark.parametrize(
    ("currency", "code"),
    [
        ("JPY", None),
        ("KWD", None),
        ("BTC", "currency.unknown"),
        ("eur", "currency.unknown"),
        ("XXX", "currency.unknown"),
        ("HRK", "currency.unknown"),
    ],
)
def test_m08_currencies_of_rates(application: Application, firm: None, currency: str, code: str | None) -> None:
    """Those in use, in capital letters, whatever their decimals; for bill rates and exchange rates alike."""
    finance = client_of(application, somebody(application, "finance"))
    bodies = {
        "/v1/bill_rates": {"rate": "1", "currency": currency},
        "/v1/exchange-rates": {"currency": currency, "day": "2027-03-01", "rate": "0.0061234567", "source": "ECB"},
    }
    for address, body in bodies.items():
        answer = finance.post(address, json=body)
        errors = [(error["pointer"], error["code"]) for error in answer.json().get("errors", ())]
        assert errors == ([] if code is None else [("/currency", code)]), address
        assert answer.status_code == (201 if code is None else 422)


def test_exchange_rates_are_listed_by_currency_and_day(application: Application, firm: None) -> None:
    """From the first to before the last day; whoever plans reads them, finance writes them."""
    finance, lead = (client_of(application, somebody(application, name)) for name in ("finance", "project_manager"))
    for day in ("2027-03-01", "2027-03-02", "2027-03-03"):
        body = {"currency": "CHF", "day": day, "rate": "1.04", "source": "SNB"}
        assert finance.post("/v1/exchange-rates", json=body).status_code == 201
        assert lead.post("/v1/exchange-rates", json=body).status_code == 403
    found = lead.get("/v1/exchange-rates", params={"currency": "CHF", "from": "2027-03-02", "until": "2027-03-03"}).json()["items"]
    assert [(one["day"], one["rate"]) for one in found] == [("2027-03-02", "1.04")]
    again = finance.post("/v1/exchange-rates", json={"currency": "CHF", "day": "2027-03-01", "rate": "1", "source": "me"})
    assert (again.status_code, again.json()["code"]) == (409, "exchange_rate.taken")


def _new_terms(application: Application, **terms: Any) -> None:
    """Other terms of Alpha's contract, which says nothing of rates."""
    with application.store.begin(LOCAL) as tx:
        contract = tx.area("contracts").get("contract-alpha")
        tx.area("contracts").save(replace(contract, **terms))
