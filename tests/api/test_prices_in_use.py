"""Approved time keeps its price and its cost: over HTTP, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ClientId, DemandId, ExchangeRateId
from tests import factories as make
from tests.api.access_firm import somebody

if TYPE_CHECKING:
    from scheduler.application import Application

DAY = date(2026, 3, 4)
TERM = {"employment": "employee", "calendar_id": "plain", "weekly_minutes": [480] * 5 + [0] * 2, "grade": "senior"}
REFUSED: dict[str, dict[str, Any]] = {
    "demands/alpha-lead": {"bill_rate": "150"},
    "projects/alpha": {"client_id": "zenith"},
    "contracts/contract-alpha": {"blended_rate": "90"},
    "contracts/contract-beta": {"markup": "0.3"},
    "exchange-rates/then": {"rate": "0.8"},
    "people/ann": {"terms": [{**TERM, "period": {"start": "2020-01-01", "end": None}, "cost_rate": "71.5"}]},
}
AREAS = {"exchange-rates": "exchange_rates"}


@pytest.fixture
def firm(application: Application) -> Application:
    """Ann's approved time on Alpha, at 100 an hour, and on Beta, at cost in dollars."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person(terms=(make.make_term(grade="senior", cost_rate=Decimal("63.5")),)))
        for name in ("acme", "zenith"):
            tx.clients.add(make.make_client(name))
        tx.area("tax_codes").add(make.make_tax_code())
        tx.area("legal_entities").add(make.make_legal_entity())
        tx.bill_rates.add(make.make_bill_rate(100))
        tx.bill_rates.add(make.make_bill_rate(130, client_id=ClientId("zenith")))
        for name in ("alpha", "beta"):
            tx.projects.add(make.make_project(name, client_id=ClientId("acme")))
            tx.area("time_entries").add(make.make_time_entry(project=name, id=f"on-{name}", day=DAY, state=LineState.APPROVED))
        tx.demands.add(make.make_demand(bill_rate=Decimal(100)))
        of_demand = make.make_time_entry(id="of-lead", day=DAY, demand_id=DemandId("alpha-lead"), state=LineState.APPROVED)
        tx.area("time_entries").add(of_demand)
        tx.area("contracts").add(make.make_contract())
        tx.area("contracts").add(make.make_contract("beta", ContractKind.COST_PLUS, markup=Decimal("0.2"), currency="USD"))
        rate = ExchangeRate(id=ExchangeRateId("then"), currency="USD", day=date(2026, 3, 2), rate=Decimal("0.9"), source="ECB")
        tx.area("exchange_rates").add(rate)
    return application


def client_of(application: Application, role: str = "admin") -> TestClient:
    headers = somebody(application, role).headers
    return TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=headers, raise_server_exceptions=False)


def changed(client: TestClient, address: str, **sent: Any) -> Any:
    return client.patch(f"/v1/{address}", json=sent, headers={"If-Match": client.get(f"/v1/{address}").headers["ETag"]})


@pytest.mark.parametrize("address", sorted(REFUSED))
def test_what_approved_time_is_priced_by_is_not_changed(firm: Application, address: str) -> None:
    """The answer names what was changed, and the days; nothing was written, and another name goes through."""
    client = client_of(firm)
    before = client.get(f"/v1/{address}").json()
    answer = changed(client, address, **REFUSED[address])
    area, _, row_id = address.partition("/")
    told = answer.json()
    assert (answer.status_code, told["code"], told["area"], told["id"]) == (409, "price.in_use", AREAS.get(area, area), row_id), told
    assert (told["day"], told["last_day"]) == ("2026-03-04", "2026-03-04")
    assert client.get(f"/v1/{address}").json() == before
    free = {"source": "Bank"} if area == "exchange-rates" else {"name": "Renamed"}
    assert changed(client, address, **free).status_code == 200


def test_a_raise_from_a_later_day_goes_through(firm: Application) -> None:
    """And so does the same person, sent again as they are."""
    client = client_of(firm)
    terms = client.get("/v1/people/ann").json()["terms"]
    assert changed(client, "people/ann", terms=terms).status_code == 200
    later = {**TERM, "period": {"start": "2026-03-05", "end": None}, "cost_rate": "71.5"}
    ended = {**terms[0], "period": {"start": "2020-01-01", "end": "2026-03-05"}}
    assert changed(client, "people/ann", terms=[ended, later]).status_code == 200
    answer = changed(client, "people/ann", terms=[{**ended, "period": {"start": "2020-01-01", "end": "2026-03-04"}}])
    assert (answer.status_code, answer.json()["code"]) == (409, "price.in_use")


def test_p01_refusals_tell_no_cost(firm: Application) -> None:
    """A planner who may not see costs moves no approved day under other terms, and learns nothing from that."""
    admin, planner = client_of(firm), client_of(firm, "resource_manager")
    first = {**TERM, "period": {"start": "2020-01-01", "end": "2026-03-04"}, "cost_rate": "63.5"}
    assert changed(admin, "people/ann", terms=[first, {**first, "period": {"start": "2026-03-04", "end": None}}]).status_code == 200
    shown = planner.get("/v1/people/ann").json()["terms"]
    moved = [
        {**shown[0], "period": {"start": "2020-01-01", "end": "2026-03-05"}},
        {**shown[1], "period": {"start": "2026-03-05", "end": None}},
    ]
    moved = [{name: value for name, value in term.items() if name != "cost_rate"} for term in moved]
    answer = changed(planner, "people/ann", terms=moved)
    assert (answer.status_code, answer.json()["code"]) == (409, "price.in_use")
    assert "63.5" not in answer.text
