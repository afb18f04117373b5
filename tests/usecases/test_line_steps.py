"""Handing in, deciding, taking back and passing on, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from scheduler.domain.delivery.approval_policies import ApprovalPolicy, SheetPeriod
from scheduler.domain.delivery.approvals import Level
from scheduler.domain.delivery.delegations import Delegation
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind, LineRef, LineStep, WantedLine, WantedLines, WantedSheet
from scheduler.domain.delivery.timesheets import SheetState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import DelegationId, PersonId, UserId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import PageRequest
from scheduler.jobs.escalation import EscalationWatch
from scheduler.queries.timesheets import get_inbox, get_timesheet
from scheduler.store.areas.time import TIME_ENTRY_AREA
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.usecases.approval_policy import change_approval_policy
from scheduler.usecases.line_steps import move_lines
from scheduler.usecases.period_locks import lift_lock, lock_period
from scheduler.usecases.records import create_record
from scheduler.usecases.users import change_user
from tests import factories as make
from tests.approval_firm import NOW, actor, approve, entry_of, log, make_entry, make_firm, ref, reject, step, submit

if TYPE_CHECKING:
    from scheduler.domain.delivery.line_decisions import Approval
    from scheduler.domain.delivery.period_locks import PeriodLock
    from scheduler.queries.timesheets import Timesheet
    from scheduler.store import Store
    from scheduler.usecases.line_steps import Moved

DAY = timedelta(days=1)


@pytest.fixture
def firm(store: Store) -> Store:
    make_firm(store)
    log(store, make_entry("on-alpha"), make_entry("on-beta", project="beta", day=1), make_entry("on-gamma", project="gamma", day=2))
    return store


def refused(call: Any, *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    return caught.value


def kept(store: Store, name: str) -> Approval:
    with store.read(LOCAL) as view:
        return view.line_approvals.find([ref(name)])[ref(name)]


def waits_for(store: Store, name: str) -> Level | None:
    return kept(store, name).waits_for


def sheet(store: Store, who: str, person: str = "ann", **more: Any) -> Timesheet:
    return get_timesheet(store, actor=actor(who), person_id=person, **{"day": make.MONDAY, "now": NOW, **more})


def inbox(store: Store, who: str, **more: Any) -> list[str]:
    found = get_inbox(store, actor=actor(who), **{"page": PageRequest(), "now": NOW, **more})
    return [one.line.ref.id for one in found.lines]


def lend(store: Store, person: str, deputy: str, *, by: str = "root") -> Delegation:
    days = DateInterval(NOW.date(), NOW.date() + 7 * DAY)
    value = Delegation(id=DelegationId(f"{person}-{deputy}"), person_id=PersonId(person), deputy_id=PersonId(deputy), period=days)
    return create_record(store, actor=actor(by), value=value, now=NOW)


def lock(store: Store, before: date, project: str | None = None, *, who: str = "fin") -> PeriodLock:
    return lock_period(store, actor=actor(who), locked_before=before, project_id=project, note=None, now=NOW)


def test_each_lead_sees_and_decides_their_own_lines(firm: Store) -> None:
    """A week on two projects: each lead has one line of it, and it is approved when both have decided."""
    submit(firm, "ann", "on-alpha", "on-beta")
    assert (inbox(firm, "leo"), inbox(firm, "lea"), inbox(firm, "rita")) == (["on-alpha"], ["on-beta"], [])
    seen = sheet(firm, "leo")
    assert [one.line.ref.id for one in seen.lines] == ["on-alpha"]
    approve(firm, "leo", "on-alpha")
    whole = sheet(firm, "ann")
    assert whole.state is SheetState.PARTLY_APPROVED
    assert [(one.level, one.people) for one in whole.waiting] == [(Level.LEAD, ("lea",))]
    assert refused(approve, firm, "leo", "on-beta").code == "reference.not_found"
    approve(firm, "lea", "on-beta")
    assert {entry_of(firm, name).state for name in ("on-alpha", "on-beta")} == {LineState.APPROVED}
    assert kept(firm, "on-alpha").decided_by == "user-leo"


def test_a_project_without_a_lead_waits_for_who_staffs_it(firm: Store) -> None:
    """So does a lead's own work, and a resource manager's own goes to the admins."""
    log(firm, make_entry("of-leo", person="leo"), make_entry("of-rita", person="rita", project="gamma"))
    submit(firm, "ann", "on-gamma")
    submit(firm, "leo", "of-leo")
    submit(firm, "rita", "of-rita")
    assert [waits_for(firm, name) for name in ("on-gamma", "of-leo", "of-rita")] == [
        Level.RESOURCE_MANAGER,
        Level.RESOURCE_MANAGER,
        Level.ADMIN,
    ]
    assert set(inbox(firm, "rita")) == {"on-gamma", "of-leo"}
    assert inbox(firm, "root") == ["of-rita"]
    assert refused(approve, firm, "leo", "of-leo").code == "line.own"
    approve(firm, "rita", "on-gamma", "of-leo")


def test_a_rejected_line_goes_back_with_its_reason_and_can_come_again(firm: Store) -> None:
    """A reason is needed; its person corrects and hands in again, and what was said is gone with the new hand-in."""
    submit(firm, "ann", "on-alpha")
    assert refused(reject, firm, "leo", "on-alpha", reason=" ").faults[0].pointer == "/reason"
    reject(firm, "leo", "on-alpha")
    assert sheet(firm, "ann").state is SheetState.REJECTED
    assert kept(firm, "on-alpha").reason == "Wrong project"
    submit(firm, "ann", "on-alpha")
    assert kept(firm, "on-alpha").reason is None
    assert inbox(firm, "leo") == ["on-alpha"]


def test_only_what_waits_can_be_recalled(firm: Store) -> None:
    """Once decided it is too late, and nobody else's lines are recalled."""
    submit(firm, "ann", "on-alpha", "on-beta")
    assert refused(step, firm, "bob", LineStep.RECALL, "on-alpha").code == "reference.not_found"
    step(firm, "ann", LineStep.RECALL, "on-alpha")
    assert entry_of(firm, "on-alpha").state is LineState.DRAFT
    assert inbox(firm, "leo") == []
    approve(firm, "lea", "on-beta")
    assert refused(step, firm, "ann", LineStep.RECALL, "on-beta").code == "line.illegal_step"


def test_a_deputy_decides_in_the_name_of_the_other(firm: Store) -> None:
    """Within the period, audited as that, and not about their own work."""
    log(firm, make_entry("of-dan", person="dan"))
    submit(firm, "ann", "on-alpha")
    submit(firm, "dan", "of-dan")
    assert inbox(firm, "dan") == []
    lend(firm, "leo", "dan", by="leo")
    assert inbox(firm, "dan") == ["on-alpha"]
    assert inbox(firm, "dan", now=NOW + 7 * DAY) == []
    assert refused(approve, firm, "dan", "of-dan").code == "line.own"
    approve(firm, "dan", "on-alpha")
    assert (kept(firm, "on-alpha").decided_by, kept(firm, "on-alpha").decided_for) == ("user-dan", "leo")
    with firm.read(LOCAL) as view:
        changes = view.audit.page(
            PageRequest(filters={"area": "line_approvals", "row_id": "time_entry:on-alpha", "actor_id": "user-dan"})
        ).items
    assert [one.after is not None and one.after["decided_for"] for one in changes] == ["leo"]


def test_a_delegation_is_given_by_who_may(firm: Store) -> None:
    """A lead lends their own standing, to somebody they see who may decide; nobody takes one, and no member lends any."""
    assert refused(lend, firm, "leo", "dan", by="dan").code in {"access.out_of_scope", "delegation.to_oneself"}
    assert refused(lend, firm, "leo", "rita", by="rita").code == "delegation.to_oneself"
    assert refused(lend, firm, "leo", "bob").faults[0].code == "delegation.deputy_cannot_decide"
    assert refused(lend, firm, "ann", "dan", by="ann").code == "access.denied"


def test_nobody_decides_in_time(firm: Store) -> None:
    """After the days of the policy the next level is asked as well, once each, up to the admins; the lead may still decide."""
    submit(firm, "ann", "on-alpha")
    watch = EscalationWatch(firm)
    assert watch.look(now=NOW + 3 * DAY - timedelta(seconds=1)) == 0
    assert watch.look(now=NOW + 3 * DAY) == 1
    assert watch.look(now=NOW + 3 * DAY) == 0
    assert waits_for(firm, "on-alpha") is Level.RESOURCE_MANAGER
    assert (inbox(firm, "leo"), inbox(firm, "rita"), inbox(firm, "root")) == (["on-alpha"], ["on-alpha"], [])
    assert watch.look(now=NOW + 6 * DAY) == 1
    assert inbox(firm, "root") == ["on-alpha"]
    assert watch.look(now=NOW + 99 * DAY) == 0
    approve(firm, "leo", "on-alpha")


def test_a_line_whose_lead_has_gone_is_passed_on_at_once(firm: Store) -> None:
    """Nothing waits for somebody that there is no more."""
    submit(firm, "ann", "on-alpha")
    with firm.read(LOCAL) as view:
        leo = view.users.get(UserId("user-leo"))
    change_user(firm, actor=LOCAL, user=replace(leo, is_active=False), now=NOW)
    assert EscalationWatch(firm).look(now=NOW) == 1
    assert inbox(firm, "rita") == ["on-alpha"]


def test_a_whole_timesheet_as_far_as_it_is_mine(firm: Store) -> None:
    """Handed in at once, decided by each lead as far as it is theirs, and by nobody who saw another one."""

    def act(who: str, what: LineStep, seen: str) -> list[str]:
        wanted = WantedLines(sheets=(WantedSheet(person_id="ann", day=make.MONDAY + DAY, seen=seen),))
        done = move_lines(firm, actor=actor(who), step=what, wanted=wanted, now=NOW)
        return [line.ref.id for line, _ in done.lines]

    assert act("ann", LineStep.SUBMIT, sheet(firm, "ann").seen) == ["on-alpha", "on-beta", "on-gamma"]
    seen = sheet(firm, "leo").seen
    assert refused(act, "lea", LineStep.APPROVE, seen).code == "version.stale"
    assert act("leo", LineStep.APPROVE, seen) == ["on-alpha"]
    assert refused(act, "leo", LineStep.APPROVE, sheet(firm, "leo").seen).faults[0].code == "part.empty"
    assert refused(act, "bob", LineStep.APPROVE, seen).code == "access.denied"
    assert act("root", LineStep.APPROVE, sheet(firm, "root").seen) == ["on-beta", "on-gamma"]


def test_timesheets_of_a_month(firm: Store) -> None:
    """The firm's policy says how long they are."""
    log(firm, make_entry("later", day=20))
    assert len(sheet(firm, "ann").lines) == 3
    change_approval_policy(firm, actor=actor("root"), policy=ApprovalPolicy(sheet_period=SheetPeriod.MONTH), now=NOW)
    found = sheet(firm, "ann")
    assert (found.days.start, found.days.end, len(found.lines)) == (date(2027, 3, 1), date(2027, 4, 1), 4)


def test_an_approval_is_taken_back(firm: Store) -> None:
    """By who gave it or finance, with a reason; then it waits again. Not by another lead."""
    submit(firm, "ann", "on-alpha")
    approve(firm, "leo", "on-alpha")
    assert refused(step, firm, "fin", LineStep.UNAPPROVE, "on-alpha").faults[0].pointer == "/reason"
    assert refused(step, firm, "rita", LineStep.UNAPPROVE, "on-alpha", reason="Oh").code == "line.not_yours"
    assert refused(step, firm, "ann", LineStep.UNAPPROVE, "on-alpha", reason="Oh").code == "access.denied"
    step(firm, "leo", LineStep.UNAPPROVE, "on-alpha", reason="Too early")
    assert entry_of(firm, "on-alpha").state is LineState.SUBMITTED
    assert inbox(firm, "leo") == ["on-alpha"]
    approve(firm, "leo", "on-alpha")
    step(firm, "fin", LineStep.UNAPPROVE, "on-alpha", reason="Wrong month")


def test_t13_bulk_with_one_that_is_forbidden(firm: Store) -> None:
    """500 at once: with one that is none of the lead's business nothing is done, and nothing is told of it; without it all are."""
    names = [f"entry-{number:03}" for number in range(500)]
    with firm.begin(LOCAL, now=NOW) as tx:
        rows = (TIME_ENTRY_AREA.to_row(make_entry(name, day=number % 5, minutes=1, version=1)) for number, name in enumerate(names))
        tx.connection.execute(insert(TIME_ENTRIES), list(rows))
    submit(firm, "ann", "on-beta")
    submit(firm, "ann", *names)
    error = refused(approve, firm, "leo", *names[:-1], "on-beta")
    missing = refused(approve, firm, "leo", *names[:-1], "no-such")
    assert (error.code, [fault.pointer for fault in error.faults]) == ("reference.not_found", ["/lines/499"])
    assert (error.detail, error.faults, error.facts) == (missing.detail, missing.faults, missing.facts)
    assert entry_of(firm, names[0]).state is LineState.SUBMITTED
    assert len(approve(firm, "leo", *names).lines) == 500
    with firm.read(LOCAL) as view:
        assert {entry.state for entry in view.area("time_entries").many(names)} == {LineState.APPROVED}
    assert refused(approve, firm, "leo", *names, "on-alpha").faults[0].code == "list.too_long"


def test_who_decides_saw_the_version(firm: Store) -> None:
    """A line that has changed since stops all."""
    submit(firm, "ann", "on-alpha")
    wanted = WantedLines(lines=(WantedLine(ref=ref("on-alpha"), version=1),))
    error = refused(move_lines, firm, actor=actor("leo"), step=LineStep.APPROVE, wanted=wanted, now=NOW)
    assert (error.code, error.faults[0].pointer) == ("version.stale", "/lines/0")


def test_a_locked_period_keeps_every_line(firm: Store) -> None:
    """No adding, changing, moving in or out, removing, handing in or deciding; another project, and later days, stay open."""
    submit(firm, "ann", "on-alpha")
    locked = lock(firm, make.MONDAY + DAY)
    area = "time_entries"

    def write(change: Any) -> DomainError:
        def run() -> None:
            with firm.begin(LOCAL, now=NOW) as tx:
                change(tx.area(area))

        return refused(run)

    moved_out = replace(entry_of(firm, "on-alpha"), work_date=make.MONDAY + 9 * DAY)
    moved_in = replace(entry_of(firm, "on-beta"), work_date=make.MONDAY)
    errors = [
        write(lambda rows: rows.add(make_entry("new"))),
        write(lambda rows: rows.save(replace(entry_of(firm, "on-alpha"), minutes=1))),
        write(lambda rows: rows.save(moved_out)),
        write(lambda rows: rows.save(moved_in)),
        write(lambda rows: rows.delete("on-alpha", 2)),
        refused(approve, firm, "leo", "on-alpha"),
        refused(step, firm, "ann", LineStep.RECALL, "on-alpha"),
    ]
    assert {error.code for error in errors} == {"period.locked"}
    assert errors[0].facts["locked_by"] == "user-fin"
    assert [one.is_locked for one in sheet(firm, "ann").lines] == [True, False, False]
    submit(firm, "ann", "on-beta")
    lift_lock(firm, actor=actor("fin"), period_lock_id=locked.id, expected_version=1, reason="A late one", now=NOW)
    approve(firm, "leo", "on-alpha")


def test_a_project_s_period_is_locked_alone(firm: Store) -> None:
    """Of a project: its lines, and no other's; and only by who may."""
    lock(firm, make.MONDAY + 30 * DAY, "alpha")
    assert refused(submit, firm, "ann", "on-alpha").code == "period.locked"
    submit(firm, "ann", "on-beta")
    assert refused(lock, firm, make.MONDAY, who="rita").code == "access.denied"


def test_what_is_kept_of_a_line_goes_with_it(firm: Store) -> None:
    """A line that was given back and then deleted leaves nothing behind that would hold its person or project."""
    submit(firm, "ann", "on-alpha")
    reject(firm, "leo", "on-alpha")
    with firm.begin(LOCAL, now=NOW) as tx:
        tx.area("time_entries").delete("on-alpha", 3)
    with firm.read(LOCAL) as view:
        assert view.line_approvals.find([ref("on-alpha")]) == {}


def test_plan_and_actual_stand_beside_the_lines(firm: Store) -> None:
    """What is booked on a project in the days of the sheet, and what is logged there in any state."""
    create_record(firm, actor=LOCAL, value=make.make_booking(demand=None, weekly_minutes=600), now=NOW)
    submit(firm, "ann", "on-alpha")
    log(firm, make_entry("more", day=3, minutes=45))
    (group,) = get_inbox(firm, actor=actor("leo"), page=PageRequest(), now=NOW).groups
    assert (group.group.project_id, group.planned_min, group.logged_min) == ("alpha", 600, 165)
    change_approval_policy(firm, actor=actor("root"), policy=ApprovalPolicy(sheet_period=SheetPeriod.MONTH), now=NOW)
    (group,) = get_inbox(firm, actor=actor("leo"), page=PageRequest(), now=NOW).groups
    assert group.planned_min == 2_400, "four weeks from the first of March, a Monday"


def test_the_inbox_comes_in_pages(firm: Store) -> None:
    """By day, each line once, also when something is decided in between."""
    names = [f"entry-{number}" for number in range(5)]
    log(firm, *(make_entry(name, day=number) for number, name in enumerate(names)))
    submit(firm, "ann", *names)
    first = get_inbox(firm, actor=actor("leo"), page=PageRequest(limit=2), now=NOW)
    assert [one.line.ref.id for one in first.lines] == names[:2]
    approve(firm, "leo", names[0])
    rest = get_inbox(firm, actor=actor("leo"), page=PageRequest(limit=10, cursor=first.next_cursor), now=NOW)
    assert [one.line.ref.id for one in rest.lines] == names[2:]
    assert rest.next_cursor is None


def test_expenses_take_the_same_way(firm: Store) -> None:
    """Handed in once nothing is missing, decided by the lead, locked with the period; the inbox has them beside time."""
    with firm.begin(LOCAL, now=NOW) as tx:
        category = tx.area("expense_categories").add(make.make_expense_category(receipt_above_minor=0))
        expense = make.make_expense().completed(category, home="EUR")
        tx.area("expenses").add(expense)

    def act(who: str, what: LineStep, version: int) -> Moved:
        wanted = WantedLines(lines=(WantedLine(ref=LineRef(kind=LineKind.EXPENSE, id=expense.id), version=version),))
        return move_lines(firm, actor=actor(who), step=what, wanted=wanted, now=NOW)

    missing = refused(act, "ann", LineStep.SUBMIT, 1)
    assert (missing.code, [fault.pointer for fault in missing.faults]) == ("expense.policy", ["/lines/0/receipts"])
    with firm.begin(LOCAL, now=NOW) as tx:
        tx.area("expense_categories").save(replace(category, receipt_above_minor=None))
    act("ann", LineStep.SUBMIT, 1)
    submit(firm, "ann", "on-alpha")
    assert set(inbox(firm, "leo")) == {"on-alpha", expense.id}
    locked = lock(firm, make.MONDAY + DAY)
    assert refused(act, "leo", LineStep.APPROVE, 2).code == "period.locked"
    lift_lock(firm, actor=actor("fin"), period_lock_id=locked.id, expected_version=1, reason="A late one", now=NOW)
    ((line, _),) = act("leo", LineStep.APPROVE, 2).lines
    assert (line.state, line.minutes, line.version) == (LineState.APPROVED, None, 3)
    assert refused(act, "lea", LineStep.APPROVE, 3).code == "reference.not_found"
