"""Undo restores exactly what was there: for random plans, approvals of any part, in any order, and after somebody else's changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.change_sets import ChangeSetState, GroupState
from scheduler.domain.staffing.work import BookingState
from scheduler.jobs.decisions import Approval, approve_groups, undo_groups
from scheduler.usecases.records import change_record
from tests import factories as make
from tests.jobs.change_set_firm import RUN_AT, change_set, contents, make_policy, ran
from tests.lasting_stores import empty, lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.stored_plans import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]
PEOPLE, PROJECTS = ("ann", "bob", "cat", "dan"), ("alpha", "beta", "gamma")
LATER = RUN_AT + timedelta(hours=1)
WHO = st.permutations((*PEOPLE, None, None)).map(lambda found: tuple(found[: len(PROJECTS)]))
"""Who is on each project's demand: nobody twice."""
STATES = st.tuples(*(st.sampled_from((BookingState.TENTATIVE, BookingState.CONFIRMED)) for _ in PROJECTS))


def make_firm(store: Store, booked: Sequence[str | None], states: Sequence[BookingState]) -> None:
    empty(store)
    store.wire(lambda *_: None)
    with store.begin(LOCAL, now=RUN_AT - timedelta(days=1)) as tx:
        tx.skills.add(make.make_skill())
        tx.calendars.add(make.make_calendar())
        for name in PEOPLE:
            tx.people.add(make.make_person(name))
        for name, person, state in zip(PROJECTS, booked, states, strict=True):
            tx.projects.add(make.make_project(name))
            tx.demands.add(make.make_demand(project=name))
            if person is not None:
                tx.bookings.add(make.make_booking(person, demand=f"{name}-lead", project=name, state=state))
        tx.area("rebalance_policies").add(make_policy())


def of_state(found: ChangeSet, state: GroupState) -> list[int]:
    return [group.position for group in found.groups if group.state is state]


def approve(store: Store, found: ChangeSet, groups: Sequence[int]) -> None:
    approval = Approval(groups=groups)
    approve_groups(store, actor=LOCAL, change_set_id=found.id, expected_version=None, approval=approval, now=LATER)


def undo(store: Store, found: ChangeSet, groups: Sequence[int]) -> None:
    undo_groups(store, actor=LOCAL, change_set_id=found.id, expected_version=found.version, groups=groups, now=LATER)


def some(data: st.DataObject, positions: list[int]) -> list[int]:
    return data.draw(st.lists(st.sampled_from(positions), min_size=1, unique=True))


def step(store: Store, set_id: str, data: st.DataObject) -> None:
    """Approve some open groups and, perhaps, undo some that are applied: what is undone alone leaves what it was before."""
    found = change_set(store, set_id)
    before = contents(store)
    groups = some(data, of_state(found, GroupState.OPEN))
    approve(store, found, groups)
    if data.draw(st.booleans()):
        undo(store, change_set(store, set_id), groups)
        assert contents(store) == before


def meddle(store: Store, set_id: str, data: st.DataObject) -> bool:
    """Somebody confirms or loosens a booking that an applied group wrote: its undo is refused as a whole, and writes nothing."""
    found = change_set(store, set_id)
    written = {
        (change["person_id"], change["demand_id"]): group.position
        for group in found.groups
        if group.state is GroupState.APPLIED
        for change in group.changes
    }
    with store.read(LOCAL) as view:
        mine = [one for one in view.bookings.all() if (one.person_id, one.demand_id) in written]
    if not mine:
        return False
    booking = data.draw(st.sampled_from(mine))
    state = BookingState.TENTATIVE if booking.state is BookingState.CONFIRMED else BookingState.CONFIRMED
    change_record(store, actor=LOCAL, value=replace(booking, state=state), now=LATER)
    before = contents(store)
    for groups in ([written[booking.person_id, booking.demand_id]], of_state(found, GroupState.APPLIED)):
        with pytest.raises(DomainError) as refused:
            undo(store, found, groups)
        assert refused.value.code == "change_set.undo_moved"
        assert contents(store) == before
    return True


def check(store: Store, data: st.DataObject, *, booked: Any, states: Any, planned: Any) -> None:
    make_firm(store, booked, states)
    start = contents(store)
    runs = [run(person, f"{project}-lead") for project, person in zip(PROJECTS, planned, strict=True) if person is not None]
    found = ran(store, *runs)
    if found.state is not ChangeSetState.READY:
        return
    while of_state(change_set(store, found.id), GroupState.OPEN):
        step(store, found.id, data)
    if data.draw(st.booleans()) and meddle(store, found.id, data):
        return
    while applied := of_state(change_set(store, found.id), GroupState.APPLIED):
        undo(store, change_set(store, found.id), some(data, applied))
    assert contents(store) == start


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), booked=WHO, states=STATES, planned=WHO)
def test_undo_restores_exactly_what_was_there(
    lasting_sqlite_store: Store, data: st.DataObject, booked: Any, states: Any, planned: Any
) -> None:
    """Whatever was approved in whatever parts, and undone in whatever order; a foreign change in between refuses and writes nothing."""
    check(lasting_sqlite_store, data, booked=booked, states=states, planned=planned)


@pytest.mark.postgresql
@settings(max_examples=2, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), states=STATES)
def test_undo_restores_on_postgresql_too(lasting_postgres_store: Store, data: st.DataObject, states: Any) -> None:
    """One firm in which everybody changes places."""
    check(lasting_postgres_store, data, booked=("ann", "bob", None), states=states, planned=("bob", "ann", "cat"))
