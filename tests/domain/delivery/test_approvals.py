"""Who decides about which line, in whose name, and whom it goes to when nobody does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.approval_policies import ApprovalPolicy
from scheduler.domain.delivery.approvals import (
    LEVELS,
    Level,
    Seat,
    first_level,
    in_charge,
    next_level,
    seat_for,
    standings,
    with_deputies,
)
from scheduler.domain.delivery.delegations import Delegation, check_deputy
from scheduler.domain.delivery.line_decisions import (
    LINES_MAX,
    Approval,
    Chosen,
    check_count,
    check_decisions,
    check_own_steps,
    check_takes_back,
    checked_reason,
)
from scheduler.domain.delivery.line_states import STEPS, LineState
from scheduler.domain.delivery.lines import BEGINS_AT, LEADS_TO, Line, LineKind, LineRef, LineStep
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import DelegationId, PersonId
from scheduler.domain.ground.interval import DateInterval

DAY = date(2027, 3, 3)


def line(name: str = "one", **changes: Any) -> Line:
    defaults = {"person_id": "ann", "team": "North", "project_id": "alpha", "day": DAY, "state": LineState.SUBMITTED, "version": 2}
    return Line(ref=LineRef(kind=LineKind.TIME_ENTRY, id=name), **{**defaults, **changes})


def lead(person: str = "leo", *projects: str) -> Seat:
    return Seat(level=Level.LEAD, person_id=person, project_ids=frozenset(projects or ("alpha",)))


def staffer(person: str = "rita", team: str | None = None) -> Seat:
    return Seat(level=Level.RESOURCE_MANAGER, person_id=person, team=team)


ADMIN = Seat(level=Level.ADMIN)


def delegation(person: str = "leo", deputy: str = "dan", *, first: date = DAY, days: int = 5) -> Delegation:
    period = DateInterval(first, first + timedelta(days=days))
    return Delegation(id=DelegationId("d"), person_id=PersonId(person), deputy_id=PersonId(deputy), period=period)


@pytest.mark.parametrize("step", LineStep)
def test_every_step_is_one_of_the_table(step: LineStep) -> None:
    """No step begins or ends outside the states and their table."""
    assert all(LEADS_TO[step] in STEPS[before] for before in BEGINS_AT[step])


def test_a_line_waits_for_the_leads_of_its_project() -> None:
    """Only those of its project are in charge, and one who logged it themselves is not."""
    seats = (lead("leo"), lead("lea", "alpha", "beta"), lead("ann"), lead("other", "beta"), staffer(), ADMIN)
    assert first_level(line(), seats) is Level.LEAD
    assert {seat.person_id for seat in in_charge(line(), Level.LEAD, seats)} == {"leo", "lea"}


@pytest.mark.parametrize(
    ("seats", "wanted"),
    [
        ((staffer(), ADMIN), Level.RESOURCE_MANAGER),
        ((lead("ann"), staffer(), ADMIN), Level.RESOURCE_MANAGER),
        ((staffer(team="South"), ADMIN), Level.ADMIN),
        ((lead("ann"), staffer("ann"), ADMIN), Level.ADMIN),
        ((), Level.ADMIN),
    ],
)
def test_without_a_lead_it_falls_to_the_next_level(seats: tuple[Seat, ...], wanted: Level) -> None:
    """A level with nobody but the line's own person, or nobody for their team, is passed over; the admins are always there."""
    assert first_level(line(), seats) is wanted


def test_work_on_no_project_has_no_lead() -> None:
    """It waits for the resource manager of the person's team."""
    assert first_level(line(project_id=None), (lead(), staffer(team="North"), ADMIN)) is Level.RESOURCE_MANAGER


def test_escalation_goes_up_and_ends_at_the_admins() -> None:
    """Each level is asked once; above the admins nobody is."""
    seats = (lead(), staffer(), ADMIN)
    assert next_level(line(), Level.LEAD, seats) is Level.RESOURCE_MANAGER
    assert next_level(line(), Level.LEAD, (lead(), ADMIN)) is Level.ADMIN
    assert next_level(line(), Level.RESOURCE_MANAGER, seats) is Level.ADMIN
    assert next_level(line(), Level.ADMIN, seats) is None


def test_who_was_asked_before_may_still_decide() -> None:
    """After an escalation the lead decides as well as the resource manager; before it the resource manager does not, an admin does."""
    for seat, waits_for, may in (
        (lead(), Level.RESOURCE_MANAGER, True),
        (lead(), Level.ADMIN, True),
        (staffer(), Level.RESOURCE_MANAGER, True),
        (staffer(), Level.LEAD, False),
        (ADMIN, Level.LEAD, True),
    ):
        assert seat.may_decide(line(), waits_for) is may


def test_a_deputy_decides_in_the_other_s_name_within_the_period() -> None:
    """From the first day to before the last, and only where the deputy has no standing of their own."""
    seats = (lead("leo"), lead("dan", "beta"), ADMIN)
    own = seats[1]
    for day, may in ((DAY, True), (DAY + timedelta(days=4), True), (DAY + timedelta(days=5), False), (DAY - timedelta(days=1), False)):
        held = standings(own, deputy_id="dan", delegations=[delegation()], seats=seats, on=day)
        found = seat_for(line(), Level.LEAD, held, person_id="dan")
        assert (found is not None and found.for_person == "leo") is may
    held = standings(own, deputy_id="dan", delegations=[delegation()], seats=seats, on=DAY)
    on_beta = seat_for(line(project_id="beta"), Level.LEAD, held, person_id="dan")
    assert on_beta is not None
    assert on_beta.for_person is None


def test_a_deputy_of_a_deputy_is_none() -> None:
    """What was lent is not lent on."""
    seats = (lead("leo"), staffer("dan"), lead("eve", "gamma"), ADMIN)
    chain = [delegation("leo", "dan"), delegation("dan", "eve")]
    held = standings(seats[2], deputy_id="eve", delegations=chain, seats=seats, on=DAY)
    assert {seat.for_person for seat in held} == {None, "dan"}


def test_deputies_are_told_with_whom_they_stand_in_for() -> None:
    """While it lasts."""
    assert with_deputies({"leo", "lea"}, [delegation()], on=DAY) == {"leo", "lea", "dan"}
    assert with_deputies({"leo"}, [delegation()], on=DAY + timedelta(days=9)) == {"leo"}


PEOPLE = st.sampled_from(("ann", "leo", "dan", None))
SEATS = st.builds(
    Seat,
    level=st.sampled_from(Level),
    person_id=PEOPLE,
    project_ids=st.frozensets(st.sampled_from(("alpha", "beta"))),
    team=st.sampled_from((None, "North", "South")),
    for_person=st.sampled_from((None, "leo", "ann")),
)
LINES = st.builds(
    line,
    person_id=st.sampled_from(("ann", "leo", "dan")),
    project_id=st.sampled_from(("alpha", "beta", None)),
    team=st.sampled_from(("North", None)),
)


@given(LINES, st.lists(SEATS), st.sampled_from(Level), PEOPLE)
def test_four_eyes(one: Line, seats: list[Seat], waits_for: Level, person: str | None) -> None:
    """Whatever somebody's standings are, they never decide about their own line, nor in the name of the line's person."""
    found = seat_for(one, waits_for, seats, person_id=person)
    if found is not None:
        assert person != one.person_id
        assert found.person_id != one.person_id


@given(LINES, st.lists(SEATS))
def test_a_line_always_waits_for_somebody_or_the_admins(one: Line, seats: list[Seat]) -> None:
    """Up from the first level each has somebody, and the way up ends."""
    level: Level | None = first_level(one, seats)
    seen = []
    while level is not None:
        assert level is Level.ADMIN or in_charge(one, level, seats)
        seen.append(LEVELS.index(level))
        level = next_level(one, level, seats)
    assert seen == sorted(set(seen))
    assert seen[-1] == LEVELS.index(Level.ADMIN)


def chosen(number: int = 0, *, version: int = 2, waits_for: Level | None = Level.LEAD, of: Line | None = None, **changes: Any) -> Chosen:
    found = of or line(f"line-{number}", **changes)
    return Chosen(pointer=f"/lines/{number}", version=version, line=found, approval=Approval(ref=found.ref, waits_for=waits_for))


def refused(call: Any, *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    return caught.value


def test_one_line_in_the_way_stops_all_and_every_reason_is_listed() -> None:
    """What is not seen is told first and says nothing of the line; the others each say why."""
    unseen = Chosen(pointer="/lines/1", version=1, line=None)
    rows = [
        chosen(0),
        unseen,
        chosen(2, person_id="leo"),
        chosen(3, project_id="beta"),
        chosen(4, version=1),
        chosen(5, state=LineState.DRAFT),
    ]
    error = refused(check_decisions, LineStep.APPROVE, rows, seats=[lead()], person_id="leo")
    assert (error.kind, error.code) == (ErrorKind.INVALID, "reference.not_found")
    assert [(fault.pointer, fault.code) for fault in error.faults] == [
        ("/lines/1", "reference.not_found"),
        ("/lines/2", "line.own"),
        ("/lines/3", "line.not_yours"),
        ("/lines/4", "version.stale"),
        ("/lines/5", "line.illegal_step"),
    ]
    for first, kind in ((2, ErrorKind.FORBIDDEN), (3, ErrorKind.FORBIDDEN), (4, ErrorKind.STALE), (5, ErrorKind.CONFLICT)):
        assert refused(check_decisions, LineStep.APPROVE, rows[first:], seats=[lead()], person_id="leo").kind is kind
    assert len(check_decisions(LineStep.APPROVE, rows[:1], seats=[lead()], person_id="leo")) == 1


def test_handing_in_is_for_whoever_may_change_the_line() -> None:
    """Drafts and what was given back; others are refused."""
    draft, back = chosen(0, state=LineState.DRAFT), chosen(1, state=LineState.REJECTED)
    assert draft.line is not None
    assert back.line is not None
    check_own_steps(LineStep.SUBMIT, [draft, back], may_change=frozenset({draft.line.ref, back.line.ref}))
    assert refused(check_own_steps, LineStep.SUBMIT, [draft], may_change=frozenset()).code == "line.not_yours"
    assert refused(check_own_steps, LineStep.RECALL, [draft], may_change=frozenset({draft.line.ref})).code == "line.illegal_step"


def test_an_approval_is_taken_back_by_who_gave_it_or_finance_and_not_once_invoiced() -> None:
    """In whose name it was given counts too; one's own line nobody takes back."""
    of = line(state=LineState.APPROVED)
    approval = Approval(ref=of.ref, decided_by="u-dan", decided_for="leo")
    row = Chosen(pointer="/lines/0", version=2, line=of, approval=approval)
    nobody: dict[str, Any] = {"actor_id": "u-x", "person_id": "x", "is_finance": False, "invoiced": {}}
    for changes in ({"actor_id": "u-dan"}, {"person_id": "leo"}, {"is_finance": True}):
        check_takes_back([row], **{**nobody, **changes})
    assert refused(check_takes_back, [row], **nobody).code == "line.not_yours"
    assert refused(check_takes_back, [row], **{**nobody, "is_finance": True, "person_id": "ann"}).code == "line.own"
    error = refused(check_takes_back, [row], **{**nobody, "is_finance": True, "invoiced": {of.ref: "I-1"}})
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "line.invoiced")


def test_reasons_are_asked_for_where_they_are_needed() -> None:
    """To take back always, to reject as the policy says, otherwise at will."""
    strict, lax = ApprovalPolicy(), ApprovalPolicy(reject_needs_reason=False)
    for step, policy in ((LineStep.REJECT, strict), (LineStep.UNAPPROVE, lax)):
        assert refused(checked_reason, step, "  ", policy).faults[0].pointer == "/reason"
        assert checked_reason(step, " why ", policy) == "why"
    assert checked_reason(LineStep.REJECT, None, lax) is None
    assert checked_reason(LineStep.APPROVE, None, strict) is None


def test_as_many_lines_as_are_allowed() -> None:
    """One to 500."""
    check_count(1)
    check_count(LINES_MAX)
    for count in (0, LINES_MAX + 1):
        assert refused(check_count, count).faults[0].pointer == "/lines"


def test_a_delegation_is_given_not_taken() -> None:
    """To another than oneself who may decide about lines at all, with an end, and not by its deputy."""
    check_deputy(delegation(), by=PersonId("leo"), deciders={"dan"})
    check_deputy(delegation(), by=None, deciders={"dan"})
    assert refused(check_deputy, delegation(), by=PersonId("dan"), deciders={"dan"}).code == "delegation.to_oneself"
    assert refused(check_deputy, delegation(), by=None, deciders={"leo"}).faults[0].code == "delegation.deputy_cannot_decide"
    assert refused(delegation, "leo", "leo").faults[0].code == "delegation.same_person"
    endless: dict[str, Any] = {"id": DelegationId("d"), "person_id": PersonId("a"), "deputy_id": PersonId("b"), "period": DateInterval(DAY)}
    assert refused(Delegation, **endless).faults[0].pointer == "/period/end"


def test_days_until_escalation_are_bounded() -> None:
    """A policy may leave it out; otherwise it is a day to a year."""
    assert ApprovalPolicy(escalation_days=None).escalation_days is None
    for days in (0, 366):
        assert refused(ApprovalPolicy, escalation_days=days).faults[0].pointer == "/escalation_days"
