"""What a plan says that it brings is what finance forecasts from its bookings once it is applied, to the minor unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.parties import Address, LegalEntity
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ClientId, ContractId, ExchangeRateId, LegalEntityId, PersonId, ProjectId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import COST_READ, PRICE_READ, Role
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.plan_privacy import view_without_cost
from scheduler.domain.staffing.work import ProjectState
from scheduler.queries.revenue_forecast import revenue_forecast
from scheduler.usecases.plan_application import ApplyTerms, apply_plan
from tests import factories as make
from tests.logins import make_user
from tests.stored_plans import PLANNED_AT, planned, run

if TYPE_CHECKING:
    from scheduler.queries.revenue_forecast import ProjectMonth
    from scheduler.store import Store

HORIZON = DateInterval(make.monday(0), make.monday(8))
TURN = date(2027, 3, 10)
"""A Wednesday."""
PROJECTS = ("card", "own", "blended", "dollars", "deal")


def contract(project: str, **terms: Any) -> Contract:
    given: dict[str, Any] = {
        "id": ContractId(f"c-{project}"),
        "project_id": ProjectId(project),
        "name": project,
        "kind": ContractKind.TIME_AND_MATERIALS,
        "currency": "EUR",
        "legal_entity_id": LegalEntityId("we"),
        "starts_on": make.MONDAY,
    }
    return Contract(**{**given, **terms})


DOLLARS = tuple(
    ExchangeRate(id=ExchangeRateId(f"{day}"), currency="USD", day=day, rate=Decimal(worth), source="ECB")
    for day, worth in ((date(2027, 2, 1), "0.9173"), (date(2027, 3, 30), "0.9311"))
)


@pytest.fixture
def firm(store: Store) -> Store:
    """
    A rate and somebody's grade and cost change in the middle of a week; a client has a rate; a demand has its own; contracts have a blended
    rate, or are in dollars; a deal may be lost. Days off make the days of weeks uneven.
    """
    terms = (
        make.make_term(period=DateInterval(date(2020, 1, 1), TURN), grade="junior", cost_rate=Decimal("41.6667")),
        make.make_term(period=DateInterval(TURN), grade="senior", cost_rate=Decimal("57.3333")),
    )
    rates = (
        make.make_bill_rate("80.01", grade="junior"),
        make.make_bill_rate("101.99", grade="senior", valid_until=date(2027, 3, 17)),
        make.make_bill_rate("107.77", grade="senior", valid_from=date(2027, 3, 18)),
        make.make_bill_rate("66.67", client_id="acme"),
        make.make_bill_rate("133.33", person_id="bob", client_id="acme"),
        make.make_bill_rate("91.13", currency="USD"),
        make.make_bill_rate("70"),
    )
    with store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        for skill in (make.make_skill(), make.make_skill("java")):
            tx.skills.add(skill)
        tx.people.add(make.make_person(terms=terms))
        tx.people.add(make.make_person("bob"))
        tx.absences.add(make.make_absence(first=make.monday(1) + timedelta(days=3), days=1))
        tx.absences.add(make.make_absence("bob", first=make.monday(2), days=1, part=DayPart.HALF))
        tx.clients.add(make.make_client("acme"))
        tx.area("legal_entities").add(LegalEntity(id=LegalEntityId("we"), name="We", address=Address(country="DE")))
        for project in PROJECTS:
            more: dict[str, Any] = {"client_id": ClientId("acme")} if project == "card" else {}
            if project == "deal":
                more = {"state": ProjectState.TENTATIVE, "probability": Decimal("0.37")}
            tx.projects.add(make.make_project(project, **more))
            own = Decimal("99.99") if project in {"own", "dollars"} else None
            effort = {0: 401, 1: 397, 2: 403, 3: 389, 4: 411}
            sharing: dict[str, Any] = {"shares": (Decimal(1), Decimal("0.5")), "max_people": 2, "min_run_weeks": 1}
            tx.demands.add(make.make_demand(project=project, effort=effort, bill_rate=own, **sharing))
        tx.area("contracts").add(contract("blended", blended_rate=Decimal("123.4567")))
        tx.area("contracts").add(contract("dollars", currency="USD"))
        for one in DOLLARS:
            tx.area("exchange_rates").add(one)
        for rate in rates:
            tx.bill_rates.add(rate)
    return store


RUNS = (
    *(run("ann", f"{project}-lead", 0, 4) for project in ("card", "own", "blended", "dollars")),
    run("ann", "deal-lead", 1, 3, 5_000),
    run("bob", "deal-lead", 0, 4, 5_000),
)


def figures(store: Store, *runs: Any) -> tuple[dict[str, Any], tuple[ProjectMonth, ...]]:
    """What a plan says of its money, and the forecast once it is applied."""
    plan = planned(store, *runs)
    assert plan.result is not None
    before = revenue_forecast(store, actor=LOCAL, days=HORIZON)
    assert before.months == ()
    terms = ApplyTerms(confirmed=False)
    apply_plan(store, actor=LOCAL, plan_id=plan.id, expected_version=plan.version, now=PLANNED_AT + timedelta(hours=1), terms=terms)
    return plan.result["view"]["key_figures"]["money"], revenue_forecast(store, actor=LOCAL, days=HORIZON).months


def test_the_plans_money_is_the_forecast_of_its_bookings(firm: Store) -> None:
    """Revenue, what is expected of it, cost and margin: with every way in which an hour has a price."""
    money, months = figures(firm, *RUNS)
    assert {month.project_id for month in months} == set(PROJECTS)
    assert {month.month for month in months} == {date(2027, 3, 1), date(2027, 4, 1)}
    sums = {
        name: sum(getattr(month, name) for month in months) for name in ("revenue_minor", "expected_minor", "cost_minor", "margin_minor")
    }
    assert (sums["revenue_minor"], sums["expected_minor"]) == (money["revenue_minor"], money["expected_revenue_minor"])
    assert (sums["cost_minor"], sums["margin_minor"]) == (money["cost_minor"], money["margin_minor"])
    assert money["unpriced_minutes"] == 0
    assert money["revenue_minor"] > money["expected_revenue_minor"] > 0


def test_a_rate_that_changes_in_the_middle_of_a_week_by_hand(firm: Store) -> None:
    """
    Ann alone on the card's demand in the weeks of 8 and 15 March: 397 minutes less the Thursday off (317), then 403.

    317 minutes lie on the four days that she is there as 79 + 79 + 79 + 80, Tuesday and before as a junior; her client's rate of 66.67
    counts for no grade, so the grades' rates do: two days at 80.01 (158 min, 210.693 EUR), two at 101.99, and of the next week (80 + 81 +
    80 + 81 + 81) three days at 101.99 and two, from Thursday the 18th on, at 107.77 (162 min, 290.979 EUR). At 101.99 are 159 + 241 = 400
    min: 679.9333 EUR. One line each: 210.69 + 679.93 + 290.98 = 1,181.60 EUR.
    """
    _, months = figures(firm, run("ann", "card-lead", 1, 2))
    assert [(month.minutes, month.revenue_minor) for month in months] == [(720, 118_160)]


def test_lines_are_rounded_in_the_currency_of_the_contract(firm: Store) -> None:
    """400 minutes or so at 91.13 dollars, a line for March and one for April, each converted at the last rate known of its month."""
    _, months = figures(firm, run("bob", "dollars-lead", 0, 4))
    for month in months:
        exact = Fraction(month.minutes * 9_113, 60)
        assert (month.currency, month.billed_minor) == ("USD", int(exact + Fraction(1, 2)))
        worth = Fraction("0.9311")
        assert month.revenue_minor == int((month.billed_minor or 0) * worth + Fraction(1, 2))
    assert [month.month for month in months] == [date(2027, 3, 1), date(2027, 4, 1)]


def test_a_tentative_projects_chance_counts_once_and_apart(firm: Store) -> None:
    """The revenue is as if it were won; what is expected is each line by the chance."""
    _, months = figures(firm, run("bob", "deal-lead", 0, 4))
    for month in months:
        assert month.revenue_minor == int(Fraction(month.minutes * 7_000, 60) + Fraction(1, 2))
        assert month.expected_minor == int((month.revenue_minor or 0) * Fraction("0.37") + Fraction(1, 2))


def test_a_missing_rate_is_in_no_amount(firm: Store) -> None:
    """Hours in a currency without a bill rate or an exchange rate are counted apart, in the plan and in the forecast."""
    with firm.begin(LOCAL) as tx:
        tx.area("contracts").save(replace(tx.area("contracts").get("c-dollars"), currency="CHF"))
    money, months = figures(firm, run("bob", "own-lead", 0, 3))
    assert money["unpriced_minutes"] == sum(month.unpriced_minutes or 0 for month in months) == 0
    with firm.begin(LOCAL) as tx:
        tx.bookings.add(make.make_booking("bob", demand="dollars-lead", project="dollars"))
    (month,) = (
        one for one in revenue_forecast(firm, actor=LOCAL, days=HORIZON).months if one.project_id == "dollars" and one.month.month == 3
    )
    assert (month.unpriced_minutes, month.revenue_minor) == (month.minutes, 0)


def test_costs_do_not_follow_from_the_prices_of_cost_plus_contracts(firm: Store) -> None:
    """Whoever may see prices and not costs is shown no revenue of them, neither by plans nor by the forecast; finance is."""
    with firm.begin(LOCAL) as tx:
        tx.area("contracts").add(contract("card", kind=ContractKind.COST_PLUS, markup=Decimal("0.25")))
    plan = planned(firm, run("bob", "card-lead", 0, 3))
    assert plan.result is not None
    view = plan.result["view"]
    money = view["key_figures"]["money"]
    minutes = sum(one["total_minutes"] for one in view["assignments"])
    assert money["revenue_minor"] == int(Fraction(minutes * 6_250, 60) + Fraction(1, 2))
    shown = view_without_cost(view)["key_figures"]["money"]
    assert (money["bills_costs"], shown["bills_costs"]) == (True, True)
    assert {name for name, amount in shown.items() if amount is not None} == {"bills_costs"}
    terms = ApplyTerms(confirmed=True)
    apply_plan(firm, actor=LOCAL, plan_id=plan.id, expected_version=plan.version, now=PLANNED_AT + timedelta(hours=1), terms=terms)
    (theirs,) = revenue_forecast(firm, actor=make_user(role=Role.RESOURCE_MANAGER).actor(credential_id="x"), days=HORIZON).months
    (ours,) = revenue_forecast(firm, actor=make_user(role=Role.FINANCE).actor(credential_id="x"), days=HORIZON).months
    assert (theirs.revenue_minor, theirs.unpriced_minutes, theirs.cost_minor) == (0, minutes, None)
    assert (ours.revenue_minor, ours.unpriced_minutes) == (money["revenue_minor"], 0)


def test_whoever_may_see_neither_prices_nor_projects_sees_none(firm: Store) -> None:
    """Amounts need the right to see prices, costs that to see costs; a project manager sees their projects alone, a member nothing."""
    figures(firm, *RUNS)
    lead = make_user(role=Role.PROJECT_MANAGER, person_id=PersonId("ann"), project_ids=frozenset({ProjectId("own")}))
    months = revenue_forecast(firm, actor=lead.actor(credential_id="x"), days=HORIZON).months
    assert {(one.project_id, one.cost_minor, one.margin_minor) for one in months} == {("own", None, None)}
    blind = replace(lead.actor(credential_id="x"), scopes=frozenset({"projects:read", "budgets:read"}))
    assert not blind.may(PRICE_READ)
    assert not blind.may(COST_READ)
    assert {
        (one.revenue_minor, one.billed_minor, one.expected_minor) for one in revenue_forecast(firm, actor=blind, days=HORIZON).months
    } == {(None, None, None)}
    with pytest.raises(DomainError, match=r"access\.denied"):
        revenue_forecast(firm, actor=make_user(role=Role.MEMBER).actor(credential_id="x"), days=HORIZON)


def test_the_forecast_of_a_part_of_a_month_is_that_of_its_days(firm: Store) -> None:
    """Days outside of what is asked for do not count; minutes of all stretches add up."""
    figures(firm, *RUNS)

    def minutes(first: date, last: date) -> int:
        return sum(one.minutes for one in revenue_forecast(firm, actor=LOCAL, days=DateInterval(first, last)).months)

    cut = date(2027, 3, 10)
    assert minutes(HORIZON.start, cut) + minutes(cut, make.monday(8)) == minutes(HORIZON.start, make.monday(8)) > 0
