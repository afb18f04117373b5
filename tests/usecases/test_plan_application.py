"""Applying a plan: bookings are made, and only of what still holds."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.work import Booking, BookingState, ProjectState
from scheduler.usecases.plan_application import ApplyTerms, PlanApplication, apply_plan
from scheduler.usecases.records import change_record, create_record, delete_record
from tests import factories as make
from tests.stored_plans import PLANNED_AT, planned, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store

NOW = PLANNED_AT
LATER = NOW + timedelta(hours=1)
LEAD, BETA = "alpha-lead", "beta-lead"
HALVES = (Decimal(1), Decimal("0.5"))


def applied(store: Store, plan: Plan, **changes: Any) -> PlanApplication:
    version = changes.pop("expected_version", plan.version)
    terms = ApplyTerms(**{"confirmed": True, **changes})
    return apply_plan(store, actor=LOCAL, plan_id=plan.id, expected_version=version, now=LATER, terms=terms)


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def bookings(store: Store) -> list[Booking]:
    with store.read(LOCAL) as view:
        return sorted(view.bookings.all(), key=lambda booking: (booking.person_id, booking.period.start))


def spans(store: Store) -> list[tuple[str, str, str]]:
    """Person, first week and week after the last, as numbers of weeks of the horizon."""
    weeks = {make.monday(n): n for n in range(-10, 30)}
    return [(b.person_id, str(weeks[b.period.start]), str(weeks[b.period.end])) for b in bookings(store) if b.period.end]


def test_new_runs_become_bookings(firm: Store) -> None:
    """Each run is a booking of its weeks, share and shift, that names the plan; the plan says when and by whom."""
    plan = planned(firm, run(), run("bob", BETA, 1, 2, 5_000))
    done = applied(firm, plan)
    first, second = bookings(firm)
    assert (first.person_id, first.demand_id, first.project_id, first.period) == ("ann", LEAD, "alpha", make.weeks(0, 3))
    assert (second.share, second.period, second.shift_weeks) == (Decimal("0.5"), make.weeks(1, 2), 0)
    assert {booking.state for booking in (first, second)} == {BookingState.CONFIRMED}
    assert {booking.plan_id for booking in (first, second)} == {plan.id}
    assert (done.plan.applied_at, done.plan.applied_by, done.plan.version) == (LATER, LOCAL.id, 2)
    assert {booking.id for booking in done.added} == {first.id, second.id}


def test_the_audit_says_which_plan_made_a_booking(firm: Store) -> None:
    """The bookings and the plan's own step stand in one record, found by the plan; a dry run leaves none."""
    plan = planned(firm, run())
    applied(firm, plan, dry_run=True)
    done = applied(firm, plan)
    with firm.read(LOCAL) as view:
        found = view.audit.page(PageRequest(filters={"plan_id": plan.id})).items
    together = [one for one in found if one.position == found[-1].position]
    assert [(one.area, one.kind) for one in together] == [("bookings", "created"), ("plans", "changed")]
    assert together[0].row_id == done.added[0].id
    assert together[1].after is not None
    assert together[1].after["applied_by"] == "local"
    assert {one.kind for one in found if one.area == "plan_problems"} == {"created"}


def test_tentative_when_asked(firm: Store) -> None:
    """Not confirmed means tentative."""
    applied(firm, planned(firm, run()), confirmed=False)
    assert [booking.state for booking in bookings(firm)] == [BookingState.TENTATIVE]


def test_planning_again_from_the_applied_plan_keeps_it(firm: Store) -> None:
    """What was applied is the plan in force: the same runs again change nothing at all."""
    applied(firm, planned(firm, run()))
    before = bookings(firm)
    done = applied(firm, planned(firm, run()))
    assert (done.added, done.changed, done.deleted) == ((), (), ())
    assert bookings(firm) == before


def test_a_changed_run_changes_its_booking_and_a_dropped_one_goes(firm: Store) -> None:
    """The booking goes on under its id; nobody is booked for what the plan has no run of."""
    applied(firm, planned(firm, run(), run("bob", BETA)))
    kept_id = bookings(firm)[0].id
    done = applied(firm, planned(firm, run("ann", LEAD, 1, 3)))
    assert [booking.person_id for booking in done.deleted] == ["bob"]
    assert spans(firm) == [("ann", "1", "4")]
    assert bookings(firm)[0].id == kept_id


def test_weeks_outside_the_horizon_stay(firm: Store) -> None:
    """A plan decides about its own weeks: what comes before and after stays, as one booking where it promises the same."""
    effort = make.make_effort(dict.fromkeys(range(-4, 12), 600))
    with firm.begin(LOCAL, now=NOW) as tx:
        for demand in (LEAD, BETA):
            tx.demands.save(replace(tx.demands.get(demand), effort=effort))
        for person, demand in (("ann", LEAD), ("bob", BETA)):
            booking = make.make_booking(person, demand=demand, project=demand.split("-")[0], period=make.weeks(-4, 11))
            tx.bookings.add(replace(booking, external_id=f"ext-{person}"))
    applied(firm, planned(firm, run("ann", LEAD, 0, 5)))
    assert spans(firm) == [("ann", "-4", "6"), ("ann", "8", "12"), ("bob", "-4", "0"), ("bob", "8", "12")]
    assert [booking.external_id for booking in bookings(firm)] == ["ext-ann", None, "ext-bob", None]


def test_another_share_splits_at_the_edge_of_the_horizon(firm: Store) -> None:
    """What was promised before the horizon keeps its share."""
    with firm.begin(LOCAL, now=NOW) as tx:
        tx.demands.save(replace(tx.demands.get(LEAD), effort=make.make_effort(dict.fromkeys(range(-2, 4), 600))))
        tx.bookings.add(make.make_booking(period=make.weeks(-2, 3)))
    applied(firm, planned(firm, run(share_e4=5_000)))
    assert spans(firm) == [("ann", "-2", "0"), ("ann", "0", "4")]
    assert [booking.share for booking in bookings(firm)] == [Decimal(1), Decimal("0.5")]


def test_locked_bookings_stay_as_they_are(firm: Store) -> None:
    """A locked booking is in every plan, and no plan writes it."""
    locked = create_record(firm, actor=LOCAL, value=make.make_booking(state=BookingState.LOCKED), now=NOW)
    applied(firm, planned(firm, run(), run("bob", BETA)))
    assert bookings(firm)[0] == locked


def test_dry_run_says_and_does_nothing(firm: Store) -> None:
    """The changes are listed, the database is as before, and the plan can still be applied."""
    plan = planned(firm, run())
    tried = applied(firm, plan, dry_run=True)
    assert tried.dry_run
    assert [booking.person_id for booking in tried.added] == ["ann"]
    assert bookings(firm) == []
    applied(firm, plan)
    assert len(bookings(firm)) == 1


MOVES: dict[str, tuple[Callable[[Store], object], str, str]] = {
    "skills": (lambda s: _edit(s, "people", "ann", skills=()), "people", "changed"),
    "term": (
        lambda s: _edit(s, "people", "ann", terms=(make.make_term(cost_rate=Decimal(77), weekly_minutes=(480,) * 4 + (0,) * 3),)),
        "people",
        "changed",
    ),
    "demand": (lambda s: _edit(s, "demands", LEAD, effort=make.make_effort({0: 60})), "demands", "changed"),
    "project": (lambda s: _edit(s, "projects", "alpha", all_or_nothing=True), "projects", "changed"),
    "calendar": (lambda s: _edit(s, "calendars", "plain", closures=(make.make_closure(),)), "calendars", "changed"),
    "absence added": (lambda s: create_record(s, actor=LOCAL, value=make.make_absence(), now=LATER), "absences", "added"),
    "absence passed on": (lambda s: _edit(s, "absences", "absence-ann-2027-03-22", person_id="bob"), "absences", "changed"),
    "absence deleted": (
        lambda s: delete_record(s, actor=LOCAL, area="absences", record_id="absence-ann-2027-03-22", version=1, now=LATER),
        "absences",
        "deleted",
    ),
    "booking of the person": (
        lambda s: create_record(s, actor=LOCAL, value=make.make_booking(demand=None, project="beta"), now=LATER),
        "bookings",
        "added",
    ),
    "booking of the demand": (
        lambda s: create_record(s, actor=LOCAL, value=make.make_booking("bob"), now=LATER),
        "bookings",
        "added",
    ),
}


def _edit(store: Store, area: str, record_id: str, **changes: Any) -> None:
    with store.begin(LOCAL, now=LATER) as tx:
        tx.area(area).save(replace(tx.area(area).get(record_id), **changes))


@pytest.mark.parametrize("move", MOVES)
def test_s22_a_touched_row_has_changed(firm: Store, move: str) -> None:
    """Whatever the changes rest on and is not as it was: nothing is applied, and the row is named with what changed."""
    create_record(firm, actor=LOCAL, value=make.make_absence(first=make.monday(3)), now=NOW)
    plan = planned(firm, run())
    act, area, change = MOVES[move]
    act(firm)
    before = bookings(firm)
    error = refusal(lambda: applied(firm, plan))
    assert (error.kind, error.code) == (ErrorKind.STALE, "plan.changed")
    assert [(row["area"], row["change"]) for row in error.facts["rows"]] == [(area, change)]
    assert "77" not in str(error.facts)
    assert bookings(firm) == before
    with firm.read(LOCAL) as view:
        assert view.plans.get(plan.id) == plan


def test_s22_the_difference_is_shown(firm: Store) -> None:
    """What was and what is, for fields that tell no cost."""
    plan = planned(firm, run())
    _edit(firm, "demands", LEAD, effort=make.make_effort({0: 60}), max_people=1)
    row = refusal(lambda: applied(firm, plan)).facts["rows"][0]
    assert row["name"] == "Lead"
    assert row["fields"]["max_people"] == {"was": 2, "now": 1}
    assert row["fields"]["effort"]["now"] == [{"week": "2027-03-01", "minutes": 60}]


def test_s22_rows_that_the_changes_do_not_touch_may_change(firm: Store) -> None:
    """Somebody else's absence, another demand, a new skill and a kept run are no hindrance."""
    applied(firm, planned(firm, run()))
    plan = planned(firm, run(), run("bob", BETA))
    _edit(firm, "people", "ann", team="Other")
    _edit(firm, "demands", LEAD, grade="Senior")
    create_record(firm, actor=LOCAL, value=make.make_absence(), now=LATER)
    create_record(firm, actor=LOCAL, value=make.make_skill("java"), now=LATER)
    applied(firm, plan)
    assert [booking.person_id for booking in bookings(firm)] == ["ann", "bob"]


def test_s22_a_plan_that_still_holds_is_applied_when_asked(firm: Store) -> None:
    """A change that breaks no rule is no hindrance for whoever asks for the plan to be checked again."""
    plan = planned(firm, run(), run("bob", BETA))
    _edit(firm, "people", "ann", team="Other")
    create_record(firm, actor=LOCAL, value=make.make_booking("bob", demand=BETA, project="beta"), now=LATER)
    applied(firm, plan, revalidate_if_changed=True)
    assert spans(firm) == [("ann", "0", "4"), ("bob", "0", "4")]


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda s: create_record(s, actor=LOCAL, value=make.make_absence(days=28), now=LATER), "ann"),
        (lambda s: _edit(s, "projects", "alpha", state=ProjectState.LOST), "Lead"),
        (lambda s: create_record(s, actor=LOCAL, value=make.make_booking("bob"), now=LATER), LEAD),
    ],
    ids=["away", "lost", "taken"],
)
def test_s22_a_plan_that_does_not_hold_is_refused_all_the_same(firm: Store, act: Callable[[Store], object], word: str) -> None:
    """The refusal has the rules that it would break beside the rows that changed; nothing is written."""
    plan = planned(firm, run())
    act(firm)
    before = bookings(firm)
    error = refusal(lambda: applied(firm, plan, revalidate_if_changed=True))
    assert (error.kind, error.code) == (ErrorKind.STALE, "plan.changed")
    assert any(word in broken for broken in error.facts["broken"])
    assert bookings(firm) == before


def test_s22_bookings_made_since_are_not_written_over(firm: Store) -> None:
    """Another booking beside the plan's stays; the plan's own pair, booked otherwise by hand, is a refusal."""
    plan = planned(firm, run(share_e4=5_000))
    other = create_record(firm, actor=LOCAL, value=make.make_booking("bob", share=Decimal("0.5")), now=LATER)
    applied(firm, plan, revalidate_if_changed=True)
    assert [booking.person_id for booking in bookings(firm)] == ["ann", "bob"]
    assert bookings(firm)[1] == other
    again = planned(firm, run(share_e4=5_000, last=1), run("bob", share_e4=5_000), read_at=LATER + timedelta(seconds=1))
    by_hand = change_record(firm, actor=LOCAL, value=replace(bookings(firm)[0], period=make.weeks(1, 3)), now=LATER)
    assert refusal(lambda: applied(firm, again, revalidate_if_changed=True)).code == "plan.changed"
    assert by_hand in bookings(firm)


def test_s23_a_plan_is_applied_once(firm: Store) -> None:
    """The second time is a conflict, with the old version and with the new one."""
    plan = planned(firm, run())
    done = applied(firm, plan)
    for version in (plan.version, done.plan.version):
        error = refusal(lambda version=version: applied(firm, plan, expected_version=version))  # type: ignore[misc]
        assert (error.kind, error.code) == (ErrorKind.CONFLICT, "plan.already_applied")
    assert len(bookings(firm)) == 1


@pytest.mark.parametrize("same", [True, False], ids=["one plan", "two plans"])
def test_s23_two_applications_at_once(firm: Store, *, same: bool) -> None:
    """Of two at the same time exactly one has an effect, the other is a conflict."""
    plans = [planned(firm, run()), planned(firm, run("bob"))]
    gate = threading.Barrier(2)

    def act(number: int) -> object:
        gate.wait()
        try:
            return applied(firm, plans[0 if same else number])
        except DomainError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(act, range(2)))
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert [(error.kind, error.code) for error in refused] == [(ErrorKind.CONFLICT, "plan.already_applied" if same else "plan.superseded")]
    assert len(bookings(firm)) == 1


def test_a_stale_version_of_the_plan(firm: Store) -> None:
    """Whoever saw another version is told."""
    plan = planned(firm, run())
    assert refusal(lambda: applied(firm, plan, expected_version=7)).kind is ErrorKind.STALE


@pytest.mark.parametrize("state", [PlanState.QUEUED, PlanState.FAILED, PlanState.CANCELLED])
def test_only_a_plan_that_succeeded_is_applied(firm: Store, state: PlanState) -> None:
    """Another one is a conflict that says the state."""
    plan = planned(firm, run())
    with firm.begin(LOCAL, now=NOW) as tx:
        plan = tx.plans.save(replace(plan, state=state))
    error = refusal(lambda: applied(firm, plan))
    assert (error.kind, error.code, error.facts["state"]) == (ErrorKind.CONFLICT, "plan.not_applicable", state.value)


def test_as_of_shows_the_bookings_before(firm: Store) -> None:
    """What was booked before the plan can still be read."""
    applied(firm, planned(firm, run()))
    with firm.read(LOCAL, as_of=LATER - timedelta(seconds=1)) as view:
        assert view.bookings.all() == ()
    assert bookings(firm)[0].period == DateInterval(make.monday(0), make.monday(4))
