"""Planned margin by group and month: what whom it shows, and that nobody's cost follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.permissions import COST_AGGREGATE, COST_READ, PRICE_READ, Role
from scheduler.queries.margins import planned_margins
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.api.access_firm import Who
from tests.api.test_cost_privacy import told
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
TEAMS = {"North": "abcdef", "South": "ghijk", "West": "xyz"}
FOUNDED = datetime(2027, 1, 11, 9, tzinfo=UTC)
RATES = {name: Decimal(41_000 + 997 * number**2) / 1000 for number, name in enumerate("abcdefghijkxyz")}
"""No two alike, and no two differences."""
ASKED = {"from": "2027-03", "months": "2"}


@pytest.fixture
def firm(application: Application) -> None:
    """Two teams large enough and one too small; everybody is booked for 10 hours a week of March, at 100 an hour."""
    with application.store.begin(LOCAL, now=FOUNDED) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.projects.add(make.make_project())
        tx.bill_rates.add(make.make_bill_rate(100))
        for team, names in TEAMS.items():
            for name in names:
                terms = (make.make_term(cost_rate=RATES[name]),)
                tx.people.add(replace(make.make_person(name, team=team), terms=terms))
                tx.bookings.add(make.make_booking(name, demand=None, weekly_minutes=600))


def someone(application: Application, role: Role = Role.RESOURCE_MANAGER, **more: Any) -> Who:
    user = make_user(role=role, **{"extra": frozenset({COST_AGGREGATE}), **more})
    user = create_user(application.store, actor=LOCAL, user=user, now=datetime.now(UTC))
    return Who(user=user, headers=bearer(application, user))


def client_of(application: Application, who: Who, headers: dict[str, str] | None = None) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, headers=headers or who.headers, raise_server_exceptions=False)


def margins(client: TestClient, **params: str) -> dict[str | None, dict[str, Any]]:
    """The first month, by group."""
    answer = client.get("/v1/reports/margin", params={**ASKED, **params})
    assert answer.status_code == 200, answer.text
    return {group["team"]: group["months"][0] for group in answer.json()["groups"]}


def mean(names: str) -> Decimal:
    return sum((RATES[name] for name in names), Decimal(0)) / len(names)


@pytest.mark.usefixtures("firm")
def test_finance_sees_what_everybody_costs_together(application: Application) -> None:
    """Own rates for whoever may read them, of small teams too; margin is revenue less cost; a month without work is all zeros."""
    found = client_of(application, someone(application, Role.FINANCE, extra=frozenset())).get("/v1/reports/margin", params=ASKED).json()
    assert (found["kind"], found["currency"], found["cost_basis"]) == ("planned", "EUR", "own_rates")
    assert [group["team"] for group in found["groups"]] == [None, "North", "South", "West"]
    west, empty = found["groups"][3]["months"]
    cost = round(sum(RATES[name] for name in "xyz") * 40 * 100)
    assert west == {
        "month": "2027-03",
        "minutes": 7_200,
        "unpriced_minutes": 0,
        "revenue_minor": 1_200_000,
        "cost_minor": cost,
        "margin_minor": 1_200_000 - cost,
        "suppressed": None,
        "rate_fixed_on": None,
        "rate_people": None,
    }
    assert {name: empty[name] for name in ("month", "minutes", "revenue_minor", "cost_minor", "margin_minor")} == {
        "month": "2027-04",
        "minutes": 0,
        "revenue_minor": 0,
        "cost_minor": 0,
        "margin_minor": 0,
    }


@pytest.mark.usefixtures("firm")
def test_a14_a_planner_sees_means_of_five_and_nothing_of_three(application: Application) -> None:
    """Hours at the group's mean; West is too small, and the firm less North would be South and West, eight people, so both have one."""
    found = margins(client_of(application, someone(application)))
    assert found["North"]["cost_minor"] == round(mean("abcdef") * 240 * 100)
    assert found["North"]["margin_minor"] == found["North"]["revenue_minor"] - found["North"]["cost_minor"]
    assert (found["North"]["rate_fixed_on"], found["North"]["rate_people"]) == ("2027-01-11", 6)
    assert found[None]["cost_minor"] == round(mean("abcdefghijkxyz") * 560 * 100)
    assert found["South"]["cost_minor"] is None, "the firm less North less South would be West's three"
    for team in ("South", "West"):
        shown = {name: found[team][name] for name in ("cost_minor", "margin_minor", "suppressed", "rate_people")}
        assert shown == {"cost_minor": None, "margin_minor": None, "suppressed": "aggregate.too_small", "rate_people": None}
    assert found["West"]["revenue_minor"] == 1_200_000


@pytest.mark.usefixtures("firm")
def test_a14_a_planner_cannot_steer_what_the_mean_is_taken_of(application: Application) -> None:
    """Moving people, bookings, hours and periods changes the hours alone: the rate stays what it was, today and on the days after."""
    who = someone(application)
    client = client_of(application, who)
    before = margins(client)

    def rates(found: dict[str | None, dict[str, Any]]) -> dict[str | None, float]:
        return {team: month["cost_minor"] / month["minutes"] for team, month in found.items() if month["cost_minor"]}

    moved = client.patch("/v1/people/a", json={"team": "South"}, headers={"If-Match": '"1"'})
    assert moved.status_code == 200, moved.text
    term = client.get("/v1/people/b").json()["terms"][0]
    halved = client.patch("/v1/people/b", json={"terms": [{**term, "weekly_minutes": [60] * 5 + [0, 0]}]}, headers={"If-Match": '"1"'})
    assert halved.status_code == 200, halved.text
    assert client.delete("/v1/bookings/booking-c-alpha", headers={"If-Match": '"1"'}).status_code == 204
    assert client.post("/v1/people/d/deactivate", json={"leaves": "2027-01-15"}).status_code == 200
    assert client.post("/v1/people", json={"name": "Nobody", "team": "North"}).status_code == 201
    after = margins(client)
    assert after["North"]["minutes"] < before["North"]["minutes"]
    assert rates(after) == pytest.approx(rates(before), abs=1e-3)
    later = planned_margins(
        application.store, actor=who.actor, first=date(2027, 3, 1), months=1, now=datetime.now(UTC) + timedelta(days=300)
    )
    assert {group.team: month.rate and month.rate.people for group in later.groups for month in group.months} == {
        None: 14,
        "North": 6,
        "South": None,
        "West": None,
    }


@pytest.mark.usefixtures("firm")
def test_a_rate_is_fixed_anew_on_the_day_after_everybody_has_another(application: Application) -> None:
    """A pay round shows from the next day on, in the months that are not over; what was fixed before stays for those before."""
    who = someone(application)
    at = datetime(2027, 3, 10, 15, tzinfo=UTC)
    with application.store.begin(LOCAL, now=at) as tx:
        for person in tx.people.all():
            tx.people.save(replace(person, terms=(make.make_term(cost_rate=RATES[person.id] + 40),)))

    def fixed(now: datetime) -> list[str]:
        found = planned_margins(application.store, actor=who.actor, first=date(2027, 2, 1), months=3, now=now)
        return [str(month.rate and month.rate.fixed_on) for month in found.groups[0].months]

    assert fixed(at + timedelta(hours=8)) == ["2027-01-11"] * 3
    assert fixed(at + timedelta(hours=11)) == ["2027-01-11", "2027-03-11", "2027-03-11"]


@pytest.mark.usefixtures("firm")
def test_p01_no_cost_rate_is_in_an_aggregate(application: Application) -> None:
    """Neither a rate nor a sum or difference of two of them; finance's answer holds West's exact cost, the planner's does not."""
    rates = {int(rate * 1000) for rate in RATES.values()}
    secrets = {str(one) for one in rates} | {str(abs(one - other)) for one in rates for other in rates if one != other}
    secrets |= {str(one + other) for one in rates for other in rates} | {str(round(rate * 40 * 100)) for rate in RATES.values()}
    exact = {str(round(sum(RATES[name] for name in names) * 40 * 100)) for names in (*TEAMS.values(), "".join(TEAMS.values()))}
    text = client_of(application, someone(application)).get("/v1/reports/margin", params=ASKED).text
    assert told(text, secrets) == set()
    whole = client_of(application, someone(application, Role.ADMIN)).get("/v1/reports/margin", params=ASKED).text
    assert told(whole, exact) == exact


@pytest.mark.usefixtures("firm")
def test_who_sees_the_report(application: Application) -> None:
    """Nobody without a right to costs; a planner of a team their team alone; without prices no revenue and no margin; scopes count."""
    assert client_of(application, someone(application, extra=frozenset())).get("/v1/reports/margin").status_code == 403
    team = margins(client_of(application, someone(application, team="North")))
    assert {name: month["rate_people"] for name, month in team.items()} == {"North": 6}
    member = margins(client_of(application, someone(application, Role.MEMBER, person_id=PersonId("a"))))["North"]
    assert (member["revenue_minor"], member["margin_minor"], member["suppressed"]) == (None, None, None)
    assert member["cost_minor"] > 0
    admin = someone(application, Role.ADMIN)
    for scopes, basis in (({COST_AGGREGATE, PRICE_READ}, "group_rate"), ({COST_READ}, "own_rates")):
        narrow = client_of(application, admin, bearer(application, admin.user, scopes=scopes))
        assert narrow.get("/v1/reports/margin").json()["cost_basis"] == basis
    assert client_of(application, admin, bearer(application, admin.user, scopes={PRICE_READ})).get("/v1/reports/margin").status_code == 403


def test_h26_only_whole_months_and_no_filter(client: TestClient) -> None:
    """Months by name and number; no days, no people, no groups; an empty firm has an empty report, at the ends of time too."""
    for params in ({"from": "2027-3"}, {"from": "2027-03-05"}, {"from": "2027-13"}, {"months": "0"}, {"months": "13"}, {"from": "9999-01"}):
        assert client.get("/v1/reports/margin", params=params).status_code == 422, params
    for params in ({"team": "North"}, {"person_id": "a"}, {"as_of": "2027-01-01T00:00:00Z"}, {"until": "2027-04"}, {"group_by": "grade"}):
        assert client.get("/v1/reports/margin", params=params).status_code == 422, params
    for first in ("1970-01", "2199-12"):
        answer = client.get("/v1/reports/margin", params={"from": first, "months": "12"})
        assert (answer.status_code, [group["team"] for group in answer.json()["groups"]]) == (200, [None])
        assert len(answer.json()["groups"][0]["months"]) == 12
