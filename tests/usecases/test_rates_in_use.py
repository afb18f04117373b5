"""The price of approved time stays, whatever becomes of bill rates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ClientId, DemandId, ProjectId, ScenarioId, TimeEntryId
from scheduler.domain.staffing.scenarios import Change, Scenario
from scheduler.domain.staffing.work import ContractKind
from scheduler.usecases.records import change_record, create_record, delete_record
from scheduler.usecases.scenario_application import ScenarioTerms, apply_scenario
from scheduler.usecases.scenarios import create_scenario
from tests import factories as make
from tests.integrations.firm_files import NOW, faults_of, run, standard_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.store import Store

DAY = date(2026, 3, 4)


@pytest.fixture
def rate(store: Store) -> BillRate:
    """Ann's approved time of a Wednesday on Alpha, and unapproved time of the day after, at one rate for all."""
    with store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person(terms=(make.make_term(grade="senior"),)))
        tx.clients.add(make.make_client("acme"))
        tx.projects.add(make.make_project(client_id=ClientId("acme")))
        tx.projects.add(make.make_project("beta"))
        entries = tx.area("time_entries")
        entries.add(make.make_time_entry(day=DAY, state=LineState.APPROVED))
        entries.add(make.make_time_entry(day=DAY + timedelta(days=1)))
        entries.add(make.make_time_entry(day=DAY + timedelta(days=9), is_billable=False, state=LineState.APPROVED))
        return tx.bill_rates.add(make.make_bill_rate(100, external_id="R1"))


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def changed(store: Store, before: BillRate, /, **changes: Any) -> BillRate:
    return change_record(store, actor=LOCAL, value=replace(before, **changes), now=NOW)


def deleted(store: Store, rate: BillRate) -> None:
    delete_record(store, actor=LOCAL, area="bill_rates", record_id=rate.id, version=rate.version, now=NOW)


def added(store: Store, rate: int, **more: Any) -> BillRate:
    return create_record(store, actor=LOCAL, value=make.make_bill_rate(rate, **more), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": Decimal("100.01")},
        {"valid_until": DAY - timedelta(days=1)},
        {"valid_from": DAY + timedelta(days=1)},
        {"grade": "junior"},
        {"project_id": ProjectId("beta")},
        {"currency": "USD"},
    ],
    ids=str,
)
def test_a_rate_that_prices_approved_time_stays_as_it_is(store: Store, rate: BillRate, changes: dict[str, Any]) -> None:
    """Its figure, its validity and what it is for: the refusal names the day and what to do."""
    error = refusal(lambda: changed(store, rate, **changes))
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "rate.in_use")
    assert error.facts == {"day": "2026-03-04", "last_day": "2026-03-04", "bill_rate": rate.id}
    assert "2026-03-04" in error.detail
    assert "R1" in error.detail
    with store.read(LOCAL) as view:
        assert view.bill_rates.get(rate.id) == rate


def test_a_rate_that_prices_approved_time_is_not_deleted(store: Store, rate: BillRate) -> None:
    """Without it that time would have no price."""
    assert refusal(lambda: deleted(store, rate)).code == "rate.in_use"


def test_the_advice_works(store: Store, rate: BillRate) -> None:
    """The rate ends on the last approved day, and another holds from the day after; both may change where nothing is approved."""
    ended = changed(store, rate, valid_until=DAY)
    after = added(store, 120, valid_from=DAY + timedelta(days=1))
    changed(store, changed(store, after, rate=Decimal(130)), valid_until=DAY + timedelta(days=300))
    deleted(store, replace(after, version=3))
    changed(store, ended, valid_until=None)


def test_what_changes_no_price_is_free(store: Store, rate: BillRate) -> None:
    """A name, the firm's currency said, a scope that holds all the same; and rates of work that is not approved or not billable."""
    same = changed(store, rate, external_id="R2")
    same = changed(store, same, currency="EUR")
    same = changed(store, same, client_id=ClientId("acme"), grade="senior")
    other = added(store, 90, project_id="beta")
    changed(store, other, rate=Decimal(95))
    assert changed(store, same, valid_from=DAY, valid_until=DAY).version == 5


def test_a_more_specific_rate_may_not_come_before_one_in_use(store: Store, rate: BillRate) -> None:
    """A new rate for approved time would change its price too; from the day after, or at the same price, it may come."""
    assert refusal(lambda: added(store, 110, grade="senior")).code == "rate.in_use"
    added(store, 110, grade="senior", valid_from=DAY + timedelta(days=1))
    added(store, 100, rate_id="same", project_id="alpha")
    changed(store, rate, rate=Decimal(70))


def test_time_without_a_price_may_get_one(store: Store, rate: BillRate) -> None:
    """Approved time of days before any rate has none until one is added for them."""
    with store.begin(LOCAL) as tx:
        tx.projects.add(make.make_project("gamma"))
        tx.area("time_entries").add(
            make.make_time_entry(project="gamma", id=TimeEntryId("early"), day=date(2025, 5, 5), state=LineState.APPROVED)
        )
        tx.bill_rates.save(replace(rate, valid_from=date(2026, 1, 1)))
    assert added(store, 60, valid_until=date(2025, 12, 31)).version == 1


def test_demands_and_contracts_that_have_their_own_price_leave_rates_free(store: Store, rate: BillRate) -> None:
    """Time on a demand with its own rate and on a fixed price is priced by no bill rate."""
    with store.begin(LOCAL) as tx:
        entries = tx.area("time_entries")
        tx.demands.add(make.make_demand(effort={0: 600}, bill_rate=Decimal(150)))
        tx.projects.save(replace(tx.projects.get("beta"), contract=ContractKind.FIXED_PRICE, contract_value_minor=100_000))
        entries.save(replace(entries.get(f"time-ann-{DAY}"), demand_id=DemandId("alpha-lead")))
        entries.add(make.make_time_entry(project="beta", id=TimeEntryId("fixed"), day=DAY, state=LineState.APPROVED))
    deleted(store, changed(store, rate, rate=Decimal(1)))


def test_imports_keep_approved_prices_too(store: Store, rate: BillRate) -> None:
    """The row by which the price would differ is named; ending one rate and beginning another after the last approved day goes through."""
    mapping, header = standard_map("bill_rates"), "id,rate,valid_from,valid_until\n"
    cut = {"bill_rates.csv": f"{header}R9,80,2027-01-01,\nR1,100,,2026-03-03\n"}
    assert faults_of(store, cut, mapping) == [("bill_rates.csv, row 3, column rate", "rate.in_use")]
    swapped = {"bill_rates.csv": f"{header}R1,100,2026-03-05,\nR2,90,,2026-03-04\n"}
    assert faults_of(store, swapped, mapping) == [("bill_rates.csv, row 2, column rate", "rate.in_use")]
    split = {"bill_rates.csv": f"{header}R1,100,,2026-03-04\nR2,90,2026-03-05,\n"}
    report = run(store, split, mapping)
    assert (report.created, report.changed) == (1, 1)
    moved = {"bill_rates.csv": f"{header}R1,100,2026-03-04,2026-03-04\nR3,100,,2026-03-03\n"}
    assert run(store, moved, mapping).changed == 1


def test_scenarios_keep_approved_prices_too(store: Store, rate: BillRate) -> None:
    """What-if is free; applied, it is refused."""
    change = Change(kind="change_bill_rate", body={"id": rate.id, "fields": {"rate": "1"}})
    what_if = Scenario(id=ScenarioId("cheap"), name="Cheap", changes=(change,))
    made = create_scenario(store, actor=LOCAL, scenario=what_if, now=NOW)
    terms = ScenarioTerms()
    error = refusal(lambda: apply_scenario(store, actor=LOCAL, scenario_id=made.id, expected_version=made.version, now=NOW, terms=terms))
    assert error.code == "rate.in_use"
