"""The price and the cost of approved time stay, whatever becomes of what they follow from beside bill rates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from scheduler.domain.billing.contracts import ContractKind as Kind
from scheduler.domain.billing.contracts import Retainer
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ClientId, DemandId, ExchangeRateId, ProjectId, ScenarioId, TaskId, TimeEntryId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.scenarios import Change, Scenario
from scheduler.domain.staffing.work import ContractKind
from scheduler.store.approved_hours import ApprovedWork
from scheduler.usecases.contracts import change_contract, create_contract
from scheduler.usecases.departures import deactivate_person
from scheduler.usecases.records import change_record, create_record, delete_record
from scheduler.usecases.scenario_application import ScenarioTerms, apply_scenario
from scheduler.usecases.scenarios import create_scenario
from scheduler.usecases.task_demands import derive_demands
from tests import factories as make
from tests.integrations.firm_files import NOW, faults_of, run, standard_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.staffing.work import Demand
    from scheduler.store import Store, Transaction

DAY = date(2026, 3, 4)
NEXT = DAY + timedelta(days=1)
BLIND = replace(LOCAL, role=Role.RESOURCE_MANAGER)
SENIOR = make.make_term(grade="senior")


@pytest.fixture
def firm(store: Store) -> Store:
    """
    Approved time of a Wednesday: Ann's on Alpha, which is Acme's, and on its demand, and Bob's that is not billable; and time of the day
    after, that nobody has approved.
    """
    with store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar(external_id="plain"))
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person(terms=(SENIOR,), external_id="ann"))
        tx.people.add(make.make_person("bob"))
        tx.clients.add(make.make_client("acme"))
        tx.clients.add(make.make_client("zenith"))
        tx.projects.add(make.make_project(client_id=ClientId("acme"), external_id="alpha"))
        tx.projects.add(make.make_project("beta", client_id=ClientId("acme")))
        tx.demands.add(make.make_demand(effort={0: 600}, bill_rate=None, external_id="lead"))
        tx.area("tax_codes").add(make.make_tax_code())
        tx.area("legal_entities").add(make.make_legal_entity())
        tx.bill_rates.add(make.make_bill_rate(100))
        tx.bill_rates.add(make.make_bill_rate(120, rate_id="lead", grade="lead"))
        tx.bill_rates.add(make.make_bill_rate(130, rate_id="zenith", client_id=ClientId("zenith")))
        entries = tx.area("time_entries")
        entries.add(make.make_time_entry(day=DAY, state=LineState.APPROVED))
        entries.add(make.make_time_entry(id=TimeEntryId("lead"), day=DAY, demand_id=DemandId("alpha-lead"), state=LineState.APPROVED))
        entries.add(make.make_time_entry("bob", day=DAY, is_billable=False, state=LineState.APPROVED))
        entries.add(make.make_time_entry(day=NEXT, project="beta"))
    return store


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def refused(store: Store, area: str, row_id: str, **changes: Any) -> DomainError:
    error = refusal(lambda: changed(store, area, row_id, **changes))
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "price.in_use"), error
    assert error.facts == {"day": "2026-03-04", "last_day": "2026-03-04", "area": area, "id": row_id}
    assert "2026-03-04" in error.detail
    return error


def stored(store: Store, area: str, row_id: str) -> Any:
    with store.read(LOCAL) as view:
        return view.area(area).get(row_id)


def changed(store: Store, area: str, row_id: str, actor: Any = LOCAL, **changes: Any) -> Any:
    value = replace(stored(store, area, row_id), **changes)
    change = change_contract if area == "contracts" else change_record
    return change(store, actor=actor, value=value, now=NOW)


def agreed(store: Store, kind: Kind = Kind.TIME_AND_MATERIALS, **more: Any) -> Any:
    return create_contract(store, actor=LOCAL, value=make.make_contract(kind=kind, **more), now=NOW)


def split(*costs: int, at: date = NEXT, **more: Any) -> dict[str, Any]:
    """Terms that end, and others from a day on."""
    periods = (DateInterval(date(2020, 1, 1), at), DateInterval(at))
    return {
        "terms": tuple(
            replace(SENIOR, period=period, cost_rate=Decimal(cost), **(more if number else {}))
            for number, (period, cost) in enumerate(zip(periods, costs, strict=True))
        )
    }


@pytest.mark.parametrize("changes", [{"bill_rate": Decimal(150)}, {"grade": "lead"}], ids=str)
def test_a_demand_keeps_the_price_of_its_time(firm: Store, changes: dict[str, Any]) -> None:
    """Its own rate and its grade; the answer says that they have no dates, and what has."""
    error = refused(firm, "demands", "alpha-lead", **changes)
    assert "lead" in error.detail
    assert "another demand" in error.detail


def test_a_demand_is_free_in_all_else(firm: Store) -> None:
    """Name, effort, a grade or a rate that makes the same price; and its rate, once the approval was taken back."""
    changed(firm, "demands", "alpha-lead", name="Head", effort=make.make_effort({0: 60, 5: 900}))
    changed(firm, "demands", "alpha-lead", grade="principal")
    changed(firm, "demands", "alpha-lead", bill_rate=Decimal(100))
    refused(firm, "demands", "alpha-lead", bill_rate=Decimal(101))
    with firm.begin(LOCAL) as tx:
        entries = tx.area("time_entries")
        entries.save(replace(entries.get("lead"), state=LineState.SUBMITTED))
    changed(firm, "demands", "alpha-lead", bill_rate=Decimal(101), grade="lead")


def test_a_project_stays_whose_it_is(firm: Store) -> None:
    """A client with rates of its own, and another way to earn money; name, state and a client whose rates are the same are free."""
    refused(firm, "projects", "alpha", client_id=ClientId("zenith"))
    refused(firm, "projects", "alpha", contract=ContractKind.INTERNAL)
    refused(firm, "projects", "alpha", contract=ContractKind.FIXED_PRICE, contract_value_minor=100)
    changed(firm, "projects", "alpha", name="Aleph", planned_minutes=60, budget_minor=5, period=DateInterval(DAY))
    changed(firm, "projects", "alpha", client_id=None)
    changed(firm, "projects", "beta", client_id=ClientId("zenith"))


@pytest.mark.parametrize(
    "agreement",
    [
        {"blended_rate": Decimal(90)},
        {"kind": Kind.COST_PLUS, "markup": Decimal("0.2")},
        {"currency": "USD"},
        {"kind": Kind.RETAINER, "retainer": Retainer(fee_minor=1, included_min=60, overage_rate=Decimal(150))},
    ],
    ids=str,
)
def test_a_contract_comes_at_the_prices_of_approved_time(firm: Store, agreement: dict[str, Any]) -> None:
    """Over approved time none with prices of its own comes, nor does one get them; one that bills by the same rates does."""
    error = refusal(lambda: agreed(firm, **agreement))
    assert error.code == "price.in_use"
    assert error.facts["area"] == "contracts"
    agreed(firm)
    changed(firm, "contracts", "contract-alpha", cap_minor=None, name="Renamed", discount=Decimal("0.1"))
    refused(firm, "contracts", "contract-alpha", **agreement)


def test_a_contract_keeps_the_days_of_approved_time(firm: Store) -> None:
    """Time outside a contract is never billed; so it may end on the last approved day, and begin on the first."""
    agreed(firm)
    refused(firm, "contracts", "contract-alpha", starts_on=NEXT)
    refused(firm, "contracts", "contract-alpha", ends_on=DAY - timedelta(days=1))
    changed(firm, "contracts", "contract-alpha", starts_on=DAY, ends_on=DAY)
    changed(firm, "contracts", "contract-alpha", starts_on=date(2026, 1, 1), ends_on=None)


def test_terms_of_contracts_over_approved_time_stay(firm: Store) -> None:
    """Blended rate and overage rate."""
    agreed(firm, blended_rate=Decimal(100))
    refused(firm, "contracts", "contract-alpha", blended_rate=Decimal(101))
    changed(firm, "contracts", "contract-alpha", blended_rate=None)
    retainer = Retainer(fee_minor=1, included_min=60, overage_rate=Decimal(100))
    changed(firm, "contracts", "contract-alpha", kind=Kind.RETAINER, retainer=retainer)
    refused(firm, "contracts", "contract-alpha", retainer=replace(retainer, overage_rate=Decimal(99)))
    changed(firm, "contracts", "contract-alpha", retainer=replace(retainer, overage_rate=None, included_min=120))


@pytest.fixture
def at_cost(firm: Store) -> Store:
    """Alpha billed at cost, in dollars."""
    with firm.begin(LOCAL) as tx:
        tx.area("contracts").add(make.make_contract(kind=Kind.COST_PLUS, markup=Decimal("0.2"), currency="USD"))
        tx.area("exchange_rates").add(
            ExchangeRate(id=ExchangeRateId("then"), currency="USD", day=date(2026, 3, 2), rate=Decimal("0.9"), source="ECB")
        )
    return firm


def exchange(day: date, rate: str, currency: str = "USD") -> ExchangeRate:
    return ExchangeRate(id=ExchangeRateId(f"{currency}-{day}"), currency=currency, day=day, rate=Decimal(rate), source="ECB")


def test_exchange_rates_by_which_costs_are_billed_stay(at_cost: Store) -> None:
    """Changed, deleted, or with another before the day; those of later days and of other currencies are free."""
    error = refused(at_cost, "exchange_rates", "then", rate=Decimal("0.8"))
    assert "a day after that" in error.detail
    refused(at_cost, "exchange_rates", "then", day=NEXT)
    rows = {"actor": LOCAL, "area": "exchange_rates", "record_id": "then", "version": 1, "now": NOW}
    assert refusal(lambda: delete_record(at_cost, **rows)).code == "price.in_use"  # type: ignore[arg-type]
    assert refusal(lambda: create_record(at_cost, actor=LOCAL, value=exchange(DAY, "0.8"), now=NOW)).code == "price.in_use"
    for free in (exchange(NEXT, "0.8"), exchange(DAY, "0.9"), exchange(DAY, "0.1", "CHF"), exchange(date(2026, 1, 1), "0.7")):
        create_record(at_cost, actor=LOCAL, value=free, now=NOW)
    changed(at_cost, "exchange_rates", "then", source="Bank")
    refused(at_cost, "contracts", "contract-alpha", markup=Decimal("0.21"))


def test_exchange_rates_by_which_nothing_is_priced_are_free(firm: Store) -> None:
    """Prices by rates are in the currency of the contract; only costs are converted."""
    made = create_record(firm, actor=LOCAL, value=exchange(DAY, "0.8"), now=NOW)
    changed(firm, "exchange_rates", made.id, rate=Decimal("0.7"))


def test_costs_of_approved_time_stay(firm: Store) -> None:
    """Also of time that is not billable: a raise begins after the last approved day, and a cost that nobody has said may be said."""
    refused(firm, "people", "ann", terms=(replace(SENIOR, cost_rate=Decimal(51)),))
    refused(firm, "people", "bob", terms=(make.make_term(cost_rate=Decimal(51)),))
    refused(firm, "people", "ann", **split(50, 60, at=DAY))
    refused(firm, "people", "ann", terms=())
    changed(firm, "people", "ann", **split(50, 60))
    changed(firm, "people", "ann", **split(50, 70))
    changed(firm, "people", "ann", name="Anna", terms=(replace(SENIOR, period=DateInterval(DAY, NEXT)),))


def test_a_grade_by_which_approved_time_is_priced_stays(firm: Store) -> None:
    """A promotion begins after it; for time that is not billable a grade makes no price."""
    refused(firm, "people", "ann", terms=(replace(SENIOR, grade="lead"),))
    changed(firm, "people", "ann", **split(50, 50, grade="lead"))
    changed(firm, "people", "bob", terms=(make.make_term(grade="lead"),))


@pytest.mark.parametrize("terms", [(), (make.make_term(cost_rate=Decimal(0)),)], ids=["none", "0"])
def test_time_without_a_cost_may_get_one(firm: Store, terms: tuple[Any, ...]) -> None:
    """History comes without costs, and with them later."""
    with firm.begin(LOCAL) as tx:
        tx.people.save(replace(tx.people.get("bob"), terms=terms))
    changed(firm, "people", "bob", terms=(make.make_term(cost_rate=Decimal(40)),))
    refused(firm, "people", "bob", terms=(make.make_term(cost_rate=Decimal(41)),))


@pytest.mark.parametrize("costs", [(50, 50), (50, 60)], ids=str)
def test_refusals_tell_nothing_of_costs(firm: Store, costs: tuple[int, int]) -> None:
    """Whoever may not read costs moves terms of approved days neither where the two cost the same, nor where they do not."""
    with firm.begin(LOCAL) as tx:
        tx.people.save(replace(tx.people.get("ann"), **split(*costs, at=DAY)))
    first, second = (replace(term, cost_rate=None) for term in stored(firm, "people", "ann").terms)
    later = (replace(first, period=DateInterval(date(2020, 1, 1), NEXT)), replace(second, period=DateInterval(NEXT)))
    error = refusal(lambda: changed(firm, "people", "ann", actor=BLIND, terms=later))
    assert error.code == "price.in_use"
    assert not {"50", "60"} & set(error.detail.split())
    parts = (first, replace(second, period=DateInterval(DAY, NEXT)), replace(second, period=DateInterval(NEXT)))
    changed(firm, "people", "ann", actor=BLIND, terms=parts)
    assert [term.cost_rate for term in stored(firm, "people", "ann").terms] == [costs[0], costs[1], costs[1]]


def test_what_changes_no_price_reads_no_time(firm: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does what is new."""

    def never(*_: object) -> None:
        raise AssertionError("time was read")

    monkeypatch.setattr(ApprovedWork, "hours", never)
    changed(firm, "projects", "alpha", name="Aleph", budget_minor=5)
    changed(firm, "demands", "alpha-lead", effort=make.make_effort({0: 60}))
    changed(firm, "people", "ann", name="Anna", team="Blue")
    create_record(firm, actor=LOCAL, value=exchange(DAY, "0.8"), now=NOW)
    create_record(firm, actor=LOCAL, value=make.make_demand("new", bill_rate=Decimal(7)), now=NOW)
    with pytest.raises(AssertionError, match="time was read"):
        changed(firm, "demands", "alpha-lead", bill_rate=Decimal(7))


def test_somebody_who_leaves_keeps_the_terms_of_approved_time(firm: Store) -> None:
    """Access ends at once, whatever is approved: the terms then end after it."""
    deactivate_person(firm, actor=LOCAL, person_id="ann", leaves=date(2026, 3, 1), now=NOW)
    deactivate_person(firm, actor=LOCAL, person_id="bob", leaves=date(2026, 4, 1), now=NOW)
    assert [stored(firm, "people", name).terms[-1].period.end for name in ("ann", "bob")] == [NEXT, date(2026, 4, 1)]


def test_demands_of_tasks_keep_prices_too(firm: Store) -> None:
    """A task that wants another grade does not give its demand's approved time another price."""
    with firm.begin(LOCAL) as tx:
        task = make.make_task(estimate_minutes=600, period=DateInterval(date(2026, 3, 2), date(2026, 3, 7)))
        tx.area("tasks").add(task)
    terms: dict[str, Any] = {"actor": LOCAL, "project_id": "alpha", "calendar_id": None, "dry_run": False, "now": NOW}
    derive_demands(firm, **terms)
    with firm.begin(LOCAL) as tx:
        (demand,) = (one for one in tx.demands.all() if one.task_id == TaskId(task.id))
        entries = tx.area("time_entries")
        entries.add(make.make_time_entry("bob", id=TimeEntryId("task"), day=DAY, demand_id=demand.id, state=LineState.APPROVED))
        tx.area("tasks").save(replace(tx.area("tasks").get(task.id), grade="lead"))
    error = refusal(lambda: derive_demands(firm, **terms))
    assert (error.code, error.facts["id"]) == ("price.in_use", demand.id)


def test_scenarios_keep_them_too(firm: Store) -> None:
    """What-if is free; applied, it is refused."""
    change = Change(kind="change_demand", body={"id": "alpha-lead", "fields": {"bill_rate": "1"}})
    made = create_scenario(firm, actor=LOCAL, scenario=Scenario(id=ScenarioId("cheap"), name="Cheap", changes=(change,)), now=NOW)
    terms = ScenarioTerms()
    error = refusal(lambda: apply_scenario(firm, actor=LOCAL, scenario_id=made.id, expected_version=made.version, now=NOW, terms=terms))
    assert (error.code, error.facts["id"]) == ("price.in_use", "alpha-lead")


TERMS = "person,start,end,employment,calendar,weekly_hours,cost_rate,grade\n"


def test_imports_keep_them_too(firm: Store) -> None:
    """The row is named; unchanged terms are sent again every night, and a raise comes from a day after what is approved."""
    mapping = standard_map("terms")
    raised = {"terms.csv": f"{TERMS}ann,2020-01-01,,employee,plain,40,51,senior\n"}
    assert [code for _, code in faults_of(firm, raised, mapping)] == ["price.in_use"]
    same = {"terms.csv": f"{TERMS}ann,2020-01-01,,employee,plain,40,50,senior\n"}
    assert run(firm, same, mapping).changed == 0
    later = f"{TERMS}ann,2020-01-01,2026-03-31,employee,plain,40,50,senior\nann,2026-04-01,,employee,plain,40,55,lead\n"
    assert run(firm, {"terms.csv": later}, mapping).changed == 1
    dearer = {"demands.csv": "id,project,name,bill_rate\nlead,alpha,Lead,150\n"}
    assert [code for _, code in faults_of(firm, dearer, standard_map("demands"))] == ["price.in_use"]


def test_time_that_files_bring_is_priced_by_what_they_bring(firm: Store) -> None:
    """Costs and approved time of one import belong together; costs that come after it do not touch it."""
    files = {
        "people.csv": "id,name\ncat,Cat\n",
        "terms.csv": f"{TERMS}cat,2020-01-01,,employee,plain,40,51,senior\n",
        "time_entries.csv": "id,person,project,day,hours,state\nt1,cat,alpha,2026-03-04,8,approved\n",
    }
    mapping = standard_map("people", "terms", "time_entries")
    run(firm, files, mapping)
    raised = files | {"terms.csv": f"{TERMS}cat,2020-01-01,,employee,plain,40,52,senior\n"}
    assert [code for _, code in faults_of(firm, raised, mapping)] == ["price.in_use"]
    more = files | {
        "terms.csv": f"{TERMS}cat,2020-01-01,2026-03-04,employee,plain,40,51,senior\ncat,2026-03-05,,employee,plain,40,60,senior\n",
        "time_entries.csv": files["time_entries.csv"] + "t2,cat,alpha,2026-03-05,8,approved\n",
    }
    assert run(firm, more, mapping).created == 1


def test_many_people_get_a_raise_at_once(firm: Store) -> None:
    """More than a database takes conditions in one statement; the first day that would differ is the one that is named."""
    names = [f"p{number:04}" for number in range(1_001)]

    def fill(tx: Transaction) -> None:
        for name in names:
            tx.people.add(make.make_person(name, external_id=name, skills=()))
        entries = tx.area("time_entries")
        entries.add(make.make_time_entry(names[0], day=NEXT, state=LineState.APPROVED))
        entries.add(make.make_time_entry(names[-1], day=DAY, state=LineState.APPROVED))

    with firm.begin(LOCAL) as tx:
        fill(tx)
    rows = "".join(f"{name},2020-01-01,,employee,plain,40,51,\n" for name in names)
    places = faults_of(firm, {"terms.csv": TERMS + rows}, standard_map("terms"))
    assert len(places) == 1
    assert "row 1002" in places[0][0]


def test_projects_that_are_not_reached_are_free(firm: Store) -> None:
    """Time that is not approved may be priced anew."""
    made: Demand = create_record(firm, actor=LOCAL, value=make.make_demand("beta", project="beta", bill_rate=Decimal(1)), now=NOW)
    changed(firm, "demands", made.id, bill_rate=Decimal(2))
    assert stored(firm, "projects", "beta").client_id == "acme"
    changed(firm, "projects", ProjectId("beta"), contract=ContractKind.INTERNAL)


KEEP_PRICES = {
    "usecases/change_orders.py": "effort, budgets and amounts of fixed prices",
    "usecases/deals.py": "states, chances and days",
    "usecases/effort_left.py": "effort",
    "usecases/project_templates.py": "projects that are new",
}
"""What writes rows from which prices follow, and changes nothing of that."""


def test_whoever_writes_what_prices_follow_from_asks() -> None:
    """No use case forgets to."""
    writes = re.compile(r"\b(people|demands|projects|bill_rates|contracts|area\((CONTRACTS|area)\))\.(save|add|add_many|delete)\(")
    package = Path(scheduler.__file__).parent
    files = {str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    writing = {name for name, text in files.items() if writes.search(text) and name.startswith(("usecases", "integrations"))}
    asking = {name for name, text in files.items() if "check_approved_stays(ApprovedWork(tx))" in text}
    assert len(writing & asking) >= 4
    assert writing - asking == KEEP_PRICES.keys()
