"""Change sets on both databases: made, approved, rejected, undone, expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.jobs import JobState
from scheduler.domain.staffing.change_sets import ChangeSetState
from scheduler.domain.staffing.rebalance_policies import Unasked
from scheduler.domain.staffing.work import BookingState
from scheduler.jobs import plan_rows
from scheduler.jobs.decisions import Approval, approve_groups, reject_groups, undo_groups
from scheduler.jobs.make_change_set import make_change_set
from scheduler.usecases.jobs import cancel_job
from scheduler.usecases.plans import cancel_plan
from scheduler.usecases.rebalance_runs import run_policy
from scheduler.usecases.records import change_record, create_record
from tests import factories as make
from tests.jobs.change_set_firm import RUN_AT, add_policy, change_set, contents, ran
from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.stored_plans import run

if TYPE_CHECKING:
    from scheduler.domain.ground.jobs import Job
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]

ALPHA, BETA, GAMMA = "alpha-lead", "beta-lead", "gamma-lead"
LATER = RUN_AT + timedelta(hours=1)


@pytest.fixture
def store(lasting_store: Store) -> Store:
    """Ann is booked on Alpha, Bob and Cat on nothing; Beta and Gamma are open."""
    jobs: list[Job] = []
    lasting_store.wire(lambda _connection, job, _run_id: jobs.append(job))
    values: list[Any] = [make.make_skill(), make.make_calendar(), *(make.make_person(name) for name in ("ann", "bob", "cat"))]
    values += [make.make_project(name) for name in ("alpha", "beta", "gamma")]
    values += [make.make_demand(project=name) for name in ("alpha", "beta", "gamma")]
    values.append(make.make_booking("ann", external_id="erp-7", state=BookingState.CONFIRMED))
    for value in values:
        create_record(lasting_store, actor=LOCAL, value=value, now=RUN_AT - timedelta(days=1))
    return lasting_store


KEPT = (run("ann", ALPHA), run("bob", BETA), run("cat", GAMMA))
"""Two groups: Bob on Beta, Cat on Gamma."""
MOVED = (run("bob", ALPHA), run("cat", GAMMA))
"""Two groups: Bob in Ann's place, Cat on Gamma."""


def approve(store: Store, found: ChangeSet, *groups: int, **options: Any) -> ChangeSet:
    approval = Approval(groups=groups or None, **options)
    return approve_groups(store, actor=LOCAL, change_set_id=found.id, expected_version=found.version, approval=approval, now=LATER).found


def undo(store: Store, found: ChangeSet, *groups: int) -> ChangeSet:
    return undo_groups(store, actor=LOCAL, change_set_id=found.id, expected_version=found.version, groups=groups or None, now=LATER).found


def states(found: ChangeSet) -> list[str]:
    return [group.state.value for group in found.groups]


def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


def booked(store: Store) -> set[tuple[str, str | None]]:
    with store.read(LOCAL) as view:
        return {(one.person_id, one.demand_id) for one in view.bookings.all()}


def test_a_group_is_approved_alone_and_undone_exactly(store: Store) -> None:
    """Reasons and worth of each group; one is applied and put back row for row, the other stays open."""
    add_policy(store)
    found = ran(store, *MOVED)
    assert (found.state, states(found)) == (ChangeSetState.READY, ["open", "open"])
    assert [[change["kind"] for change in group.changes] for group in found.groups] == [["dropped", "new"], ["new"]]
    assert found.groups[1].reasons == ({"code": "fills", "demand_id": GAMMA, "minutes": 4_800},)
    assert found.groups[1].worth_x60 == 4_800 * 10_000
    before = contents(store)
    done = approve(store, found, 1)
    assert (done.state, states(done)) == (ChangeSetState.READY, ["applied", "open"])
    assert booked(store) == {("bob", ALPHA)}
    undone = undo(store, done)
    assert states(undone) == ["undone", "open"]
    assert contents(store) == before
    assert states(approve(store, undone)) == ["undone", "applied"]
    assert booked(store) == {("ann", ALPHA), ("cat", GAMMA)}


def test_all_at_once_then_each_back_in_another_order(store: Store) -> None:
    add_policy(store)
    before = contents(store)
    done = approve(store, ran(store, *KEPT))
    assert done.state is ChangeSetState.DECIDED
    assert undo(store, undo(store, done, 1), 2).state is ChangeSetState.DECIDED
    assert contents(store) == before


def test_undo_puts_back_what_an_absence_had_broken(store: Store) -> None:
    """Ann falls ill after the booking: flag, excess and minutes are again what they were; nobody's leave is asked for them."""
    create_record(store, actor=LOCAL, value=make.make_absence("ann", first=make.monday(1), days=7), now=RUN_AT)
    add_policy(store)
    before = contents(store)
    assert any(row["over_capacity"] for row in before["bookings"])
    found = ran(store, *MOVED)
    assert {"code": "mends", "person_id": "ann", "demand_id": ALPHA, "why": "absent"} in found.groups[0].reasons
    undo(store, approve(store, found, 1))
    assert contents(store) == before


def test_undo_is_refused_once_the_bookings_moved_or_the_time_is_taken(store: Store) -> None:
    add_policy(store)
    done = approve(store, ran(store, *MOVED), 1)
    with store.read(LOCAL) as view:
        (booking,) = view.bookings.all()
    change_record(store, actor=LOCAL, value=replace(booking, state=BookingState.CONFIRMED), now=LATER)
    assert refused(lambda: undo(store, done)).code == "change_set.undo_moved"
    back = replace(booking, version=booking.version + 1)
    change_record(store, actor=LOCAL, value=replace(back, state=booking.state), now=LATER)
    assert refused(lambda: undo(store, done)).code == "change_set.undo_moved"


def test_undo_is_refused_where_it_would_overbook(store: Store) -> None:
    add_policy(store)
    done = approve(store, ran(store, *MOVED), 1)
    full = make.make_booking("ann", demand=None, project="beta", weekly_minutes=2_400)
    create_record(store, actor=LOCAL, value=full, now=LATER)
    before = contents(store)
    error = refused(lambda: undo(store, done))
    assert (error.code, error.facts["days"][0]["person_id"]) == ("change_set.undo_moved", "ann")
    assert contents(store) == before


def test_a_group_expires_when_what_it_rests_on_moves_and_the_other_does_not(store: Store) -> None:
    add_policy(store)
    found = ran(store, *KEPT)
    absence = make.make_absence("bob", first=make.monday(0), days=5)
    create_record(store, actor=LOCAL, value=absence, now=RUN_AT)
    error = refused(lambda: approve(store, found))
    assert (error.code, [row["area"] for row in error.facts["rows"]]) == ("change_set.expired", ["absences"])
    assert booked(store) == {("ann", ALPHA)}
    assert states(approve(store, found, 2)) == ["open", "applied"]


def test_decisions_that_make_no_sense_are_refused(store: Store) -> None:
    """Unknown and decided groups, a stale version, an empty choice, a set with nothing to undo; nothing is changed."""
    add_policy(store)
    found = ran(store, *KEPT)
    assert refused(lambda: approve(store, found, 9)).code == "input.invalid"
    assert refused(lambda: undo(store, found)).code == "change_set.not_open"
    rejected = reject_groups(store, actor=LOCAL, change_set_id=found.id, expected_version=found.version, groups=(1,), now=LATER).found
    assert refused(lambda: approve(store, rejected, 1)).code == "change_set.not_open"
    assert refused(lambda: approve(store, found)).code == "version.stale"
    assert refused(lambda: approve(store, rejected, 1, 2)).code == "change_set.not_open"
    assert booked(store) == {("ann", ALPHA)}


def test_nothing_changed_is_an_empty_set_also_on_another_day(store: Store) -> None:
    """After a run, whatever was decided of it, the next one is empty until somebody changes a row; ``anew`` plans all the same."""
    add_policy(store)
    first = ran(store, *KEPT)
    for number, decide in enumerate((None, lambda: approve(store, first, 1), lambda: undo(store, change_set(store, first.id)))):
        if decide is not None:
            decide()
        again = ran(store, now=RUN_AT + timedelta(days=9 * number + 1))
        assert (again.state, again.groups, again.plan_id, again.base_plan_id) == (ChangeSetState.EMPTY, (), None, first.plan_id)
    assert run_policy(store, actor=LOCAL, policy_id="nightly", now=LATER, anew=True).state is ChangeSetState.QUEUED


def test_a_change_of_somebody_elses_is_planned_for(store: Store) -> None:
    add_policy(store)
    first = ran(store, *KEPT)
    done = approve(store, first, 1)
    with store.read(LOCAL) as view:
        (new,) = (one for one in view.bookings.all() if one.person_id == "bob")
    change_record(store, actor=LOCAL, value=replace(new, state=BookingState.CONFIRMED), now=LATER)
    second = ran(store, *KEPT)
    assert (second.state, len(second.groups)) == (ChangeSetState.READY, 1)
    assert change_set(store, done.id).state is ChangeSetState.SUPERSEDED
    assert refused(lambda: approve(store, change_set(store, done.id))).code == "change_set.not_open"
    assert states(second) == ["open"]


@pytest.mark.parametrize(
    ("unasked", "applied"),
    [
        (Unasked.NONE, ["open", "open"]),
        (Unasked.OPEN_DEMAND, ["open", "applied"]),
        (Unasked.TENTATIVE, ["open", "applied"]),
        (Unasked.ALL, ["applied", "applied"]),
    ],
)
def test_what_needs_nobodys_leave_is_applied(store: Store, unasked: Unasked, applied: list[str]) -> None:
    """Ann's booking is confirmed: only a policy that may change everything gives her work to Bob."""
    add_policy(store, unasked=unasked)
    assert states(ran(store, *MOVED)) == applied


def test_a_dry_run_applies_nothing_and_can_not_be_decided(store: Store) -> None:
    add_policy(store, unasked=Unasked.ALL)
    before = contents(store)
    found = ran(store, *MOVED, dry_run=True)
    assert states(found) == ["open", "open"]
    assert contents(store) == before
    assert refused(lambda: approve(store, found)).code == "change_set.not_open"
    assert ran(store, *MOVED).state is not ChangeSetState.EMPTY


def test_j01_making_a_set_twice_has_one_effect(store: Store) -> None:
    """A worker that dies after any step does all of it again: the set, and what is applied of it, is there once."""
    add_policy(store, unasked=Unasked.OPEN_DEMAND)
    found = ran(store, *KEPT)
    before = contents(store)
    assert found.plan_id is not None
    make_change_set(store, plan_id=found.plan_id)
    assert change_set(store, found.id) == found
    assert contents(store) == before


def test_one_run_at_a_time_and_one_for_each_due_time(store: Store) -> None:
    add_policy(store)
    first = run_policy(store, actor=LOCAL, policy_id="nightly", now=RUN_AT, due_at=RUN_AT)
    assert run_policy(store, actor=LOCAL, policy_id="nightly", now=LATER, due_at=RUN_AT).id == first.id
    error = refused(lambda: run_policy(store, actor=LOCAL, policy_id="nightly", now=LATER))
    assert (error.code, error.facts) == ("rebalance.running", {"change_set_id": first.id})


@pytest.mark.parametrize("door", ["plan", "job"])
def test_a_plan_that_is_cancelled_while_it_waits_fails_the_set(store: Store, door: str) -> None:
    """Nobody will ever do its job: the policy is not taken for running, and the next run is another one."""
    add_policy(store)
    found = run_policy(store, actor=LOCAL, policy_id="nightly", now=RUN_AT)
    if door == "plan":
        cancel_plan(store, actor=LOCAL, plan_id=str(found.plan_id), now=RUN_AT)
    else:
        with store.read(LOCAL) as view:
            (job,) = view.jobs.in_state(JobState.QUEUED)
        cancel_job(store, actor=LOCAL, job_id=job.id, now=RUN_AT)
    ended = change_set(store, found.id)
    assert (ended.state, ended.failure_code, ended.finished_at) == (ChangeSetState.FAILED, "change_set.no_plan", RUN_AT)
    assert run_policy(store, actor=LOCAL, policy_id="nightly", now=LATER).state is ChangeSetState.QUEUED


def test_a_plan_that_failed_fails_the_set(store: Store) -> None:
    add_policy(store)
    found = run_policy(store, actor=LOCAL, policy_id="nightly", now=RUN_AT)
    assert found.plan_id is not None
    plan_rows.fail(store, plan_id=found.plan_id, code="memory_limit", detail="Too large.")
    make_change_set(store, plan_id=found.plan_id)
    ended = change_set(store, found.id)
    assert (ended.state, ended.failure_code) == (ChangeSetState.FAILED, "memory_limit")


def test_worth_below_the_threshold_is_left_out(store: Store) -> None:
    """Beta and Gamma bring 8,000 each: above that nothing is left, and how many were dropped is said."""
    add_policy(store, min_worth=Decimal("8000.01"))
    found = ran(store, *KEPT)
    assert (found.state, found.dropped_count, found.gain_x60) == (ChangeSetState.EMPTY, 2, 0)
