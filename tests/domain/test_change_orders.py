"""Change orders: what they make of a project's value, budgets and demand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ActorId, ChangeOrderId, DemandId, ProjectId
from scheduler.domain.staffing.change_orders import (
    STEPS,
    ChangeOrder,
    DemandChange,
    OrderState,
    WeekDelta,
    check_value_stays,
    figures_of,
    ordered,
    ordered_demands,
)
from tests.factories import MONDAY, make_demand, make_effort, make_project, monday

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ME = ActorId("me")


def make_order(**changes: object) -> ChangeOrder:
    return ChangeOrder(**{"id": ChangeOrderId("order"), "project_id": ProjectId("alpha"), "name": "More", "number": 1, **changes})  # type: ignore[arg-type]


def with_effort(deltas: dict[int, int], **changes: object) -> ChangeOrder:
    effort = tuple(WeekDelta(week=monday(week), minutes=minutes) for week, minutes in deltas.items())
    change = {"demand_id": DemandId("alpha-lead"), "base_version": 1, "effort": effort, **changes}
    return make_order(demands=(DemandChange(**change),))  # type: ignore[arg-type]


@given(original=st.integers(0, 10**9), deltas=st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_a_contract_is_worth_what_was_agreed_and_every_approved_order(original: int, deltas: list[int]) -> None:
    """After any orders, some of them refused because they would leave less than nothing: the original and the approved added up."""
    project = make_project(contract_value_minor=original, budget_minutes=original, budget_minor=original)
    approved = 0
    for delta in deltas:
        order = make_order(value_delta_minor=delta, budget_delta_minor=delta, budget_delta_minutes=delta)
        try:
            project = ordered(project, order)
        except DomainError as error:
            assert error.code == "change_order.below_zero"
            assert original + approved + delta < 0
        else:
            approved += delta
        figures = figures_of(project)
        assert figures.value_minor == figures.budget_minutes == figures.budget_minor == original + approved


def test_there_must_be_something_to_change() -> None:
    """A delta of a value that the project does not have is refused with its place; one of nothing asks for nothing."""
    with pytest.raises(DomainError) as refused:
        ordered(make_project(budget_minutes=600), make_order(value_delta_minor=1, budget_delta_minutes=-601))
    assert [(one.pointer, one.code) for one in refused.value.faults] == [
        ("/value_delta_minor", "change_order.nothing_there"),
        ("/budget_delta_minutes", "change_order.below_zero"),
    ]
    assert ordered(make_project(), make_order()) == make_project()


def test_weeks_of_a_demand_go_up_and_down() -> None:
    """Week by week; a week that comes to nothing goes, and a new one comes in; less than nothing is refused."""
    demand = replace(make_demand(effort={0: 600, 1: 600}), version=1)
    found = list(ordered_demands(with_effort({0: -600, 1: 60, 3: 120}), {demand.id: demand}, next_id=lambda: DemandId("new")))
    assert [one.effort for one in found] == [make_effort({1: 660, 3: 120})]
    with pytest.raises(DomainError) as refused:
        list(ordered_demands(with_effort({1: -601}), {demand.id: demand}, next_id=lambda: DemandId("new")))
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/demands/0/effort/0/minutes", "change_order.below_zero")]


def test_an_order_for_a_demand_that_has_changed_is_outdated() -> None:
    """What was agreed was about another demand: nothing is applied, and the place is named."""
    demand = replace(make_demand(), version=2)
    for demands in ({demand.id: demand}, {}):
        with pytest.raises(DomainError) as refused:
            list(ordered_demands(with_effort({0: 60}), demands, next_id=lambda: DemandId("new")))
        assert [(one.pointer, one.code) for one in refused.value.faults] == [("/demands/0/demand_id", "change_order.outdated")]


def test_a_new_demand_has_a_name_and_effort() -> None:
    """It is made with both; without a name, with nothing in a week, or as more than effort of one that there is, it is refused."""
    (new,) = ordered_demands(with_effort({0: 60}, demand_id=None, name="Tester"), {}, next_id=lambda: DemandId("new"))
    assert (new.id, new.name, new.effort, new.version) == ("new", "Tester", make_effort({0: 60}), 0)
    for wrong, code in (
        ({"demand_id": None}, "field.missing"),
        ({"demand_id": None, "name": "X", "effort": (WeekDelta(week=MONDAY, minutes=-1),)}, "number.out_of_range"),
        ({"name": "X"}, "change_order.effort_only"),
    ):
        with pytest.raises(DomainError) as refused:
            with_effort({0: 60}, **wrong)
        assert [one.code for one in refused.value.faults] == [code]


def test_states_never_leave_their_table() -> None:
    """From every state to every state: the step is taken where the table has it, else refused, and nothing has changed."""
    for before in OrderState:
        for after in OrderState:
            order = make_order(state=before)
            if after in STEPS[before]:
                assert order.decided(after, by=ME, at=NOW).state is after
            elif before is not OrderState.DRAFT:
                with pytest.raises(DomainError) as refused:
                    order.decided(after, by=ME, at=NOW)
                assert refused.value.code == "change_order.decided"


def test_values_are_changed_by_orders_alone_once_there_is_one() -> None:
    """With an approved order, by hand no more; all else of the project, and projects without one, are free."""
    before, approved = make_project(contract_value_minor=100), make_order(state=OrderState.APPROVED)
    after = replace(before, contract_value_minor=200)
    check_value_stays(before, after, [make_order(), make_order(state=OrderState.REJECTED)])
    check_value_stays(before, replace(before, name="Other"), [approved])
    with pytest.raises(DomainError) as refused:
        check_value_stays(before, after, [approved])
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/contract_value_minor", "project.value_by_orders")]


def test_a_week_begins_on_a_monday_and_is_listed_once() -> None:
    """Other days and second mentions are refused."""
    with pytest.raises(DomainError):
        WeekDelta(week=MONDAY + timedelta(days=1), minutes=1)
    with pytest.raises(DomainError) as twice:
        DemandChange(demand_id=DemandId("d"), effort=(WeekDelta(week=MONDAY, minutes=1),) * 2)
    assert [one.code for one in twice.value.faults] == ["week.duplicate"]
