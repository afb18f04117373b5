"""Applying a plan of the bookings in force unless it moves too much, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.rebalancing import MoveLimit
from scheduler.domain.staffing.work import Booking, BookingState
from scheduler.jobs.rebalance import Rebalance, RebalanceOutcome, settle
from scheduler.planning.request import ChangePolicy
from scheduler.queries.plans import get_plan
from scheduler.store import Store
from scheduler.usecases.records import change_record
from tests import factories as make
from tests.jobs.firms import booked_ann_and_idle_bob, load
from tests.stored_plans import planned, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.staffing.plans import Plan

STRICT = MoveLimit(max_moved=Decimal("0.05"))
GENEROUS = MoveLimit(max_moved=Decimal(1))
RUNNING, LATER = "alpha-running", "alpha-later"
KEEPS = (run("ann", RUNNING, 0, 2), run("ann", LATER, 4, 6))


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """Ann's bookings, and Bob with nothing to do."""
    opened = Store(migrated_url)
    load(opened, booked_ann_and_idle_bob())
    yield opened
    opened.close()


def bookings(store: Store) -> dict[tuple[str, str | None], Booking]:
    with store.read(LOCAL) as view:
        return {(booking.person_id, booking.demand_id): booking for booking in view.bookings.all()}


def plan_of(store: Store, *runs: object) -> Plan:
    return planned(store, *runs, policy=ChangePolicy(frozen_weeks=1))  # type: ignore[arg-type]


def settled(store: Store, plan: Plan, limit: MoveLimit, *, dry_run: bool = False) -> Rebalance:
    return settle(store, actor=LOCAL, plan=plan, limit=limit, now=datetime.now(UTC), dry_run=dry_run)


def test_s30_a_rebalance_that_moves_too_much_stops_and_asks(store: Store) -> None:
    """
    Half of the bookings would move, of the only person told: nothing is applied, and the plan is kept.

    With a higher limit it is applied: what has moved is tentative, what has not is as it was; what stays so is not applied again.
    """
    before = bookings(store)
    plan = plan_of(store, run("ann", RUNNING, 0, 2), run("bob", LATER, 4, 6))
    review = settled(store, plan, STRICT)
    assert review.outcome is RebalanceOutcome.REVIEW
    assert [(move.was.demand_id, move.now) for move in review.upheaval.moves] == [(LATER, None)]
    assert (review.upheaval.in_force, sorted(review.upheaval.notified_people)) == (2, ["ann"])
    assert [(booking.person_id, booking.demand_id) for booking in review.added] == [("bob", LATER)]
    assert bookings(store) == before
    assert get_plan(store, actor=LOCAL, plan_id=plan.id) == plan
    assert settled(store, plan, GENEROUS, dry_run=True).outcome is RebalanceOutcome.WITHIN_LIMIT
    assert bookings(store) == before
    done = settled(store, plan, GENEROUS)
    after = bookings(store)
    assert (done.outcome, done.plan.applied_at is None) == (RebalanceOutcome.APPLIED, False)
    assert {booking.id for booking in done.added} == {after["bob", LATER].id}
    assert after.keys() == {("ann", RUNNING), ("bob", LATER)}
    assert after["ann", RUNNING] == before["ann", RUNNING]
    assert after["bob", LATER].state is BookingState.TENTATIVE


def test_s30_few_moves_of_people_told_are_too_many(store: Store) -> None:
    """One booking in forty is little, but it is that of the only person who has been told what they do next."""
    many = [make.make_demand(f"far{n}", effort={5: 30}) for n in range(38)]
    with store.begin(LOCAL) as tx:
        for demand in many:
            tx.demands.add(demand)
            tx.bookings.add(make.make_booking("bob", demand=demand.id, period=make.weeks(5, 5)))
    kept = [run("bob", demand.id, 5, 5) for demand in many]
    done = settled(store, plan_of(store, run("ann", RUNNING, 0, 2), *kept), STRICT)
    assert (done.upheaval.in_force, len(done.upheaval.moves), float(done.upheaval.notified_share)) == (40, 1, 1.0)
    assert done.outcome is RebalanceOutcome.REVIEW


def test_s30_new_work_for_somebody_unbooked_moves_nothing(store: Store) -> None:
    """A demand that nobody was booked on is filled within any limit."""
    with store.begin(LOCAL) as tx:
        tx.demands.add(make.make_demand("fresh"))
    done = settled(store, plan_of(store, *KEEPS, run("bob", "alpha-fresh", 1, 3)), MoveLimit(max_moved=Decimal(0)))
    assert (done.outcome, done.upheaval.moves, len(done.added)) == (RebalanceOutcome.APPLIED, (), 1)
    assert len(bookings(store)) == 3


def test_a_plan_that_changes_nothing_is_not_applied(store: Store) -> None:
    """The bookings in force are the best there is: it says so and leaves plan and bookings alone."""
    plan = plan_of(store, *KEEPS)
    assert settled(store, plan, STRICT).outcome is RebalanceOutcome.NOTHING_TO_CHANGE
    assert get_plan(store, actor=LOCAL, plan_id=plan.id) == plan


def test_s22_what_has_changed_since_the_plan_was_computed_stops_it(store: Store) -> None:
    """Somebody edits a booking that the plan moves while it is computed: refused, nothing is applied."""
    plan = plan_of(store, run("ann", RUNNING, 0, 2), run("bob", LATER, 4, 6))
    booking = bookings(store)["ann", LATER]
    change_record(store, actor=LOCAL, value=replace(booking, state=BookingState.LOCKED), now=datetime.now(UTC))
    before = bookings(store)
    with pytest.raises(DomainError) as caught:
        settled(store, plan, GENEROUS)
    assert caught.value.code == "plan.changed"
    assert bookings(store) == before
