"""What a request for days off is, how far it goes, and what is in its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.access import Actor
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ActorId, PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.absence_requests import STEPS, AbsenceRequest, Held, RequestState, check_free, require_other
from scheduler.domain.staffing.capacity import HALVES
from scheduler.domain.staffing.people import Absence, DayPart
from tests.factories import MONDAY, make_absence, make_absence_kind, make_absence_request, make_sick_leave

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
VACATION, SICK = make_absence_kind(), make_sick_leave()


def absences(request: AbsenceRequest) -> tuple[Absence, ...]:
    numbers = count()
    return request.absences(VACATION, next_id=lambda: f"a{next(numbers)}")


def halves(found: tuple[Absence, ...]) -> Counter[date]:
    days: Counter[date] = Counter()
    for one in found:
        for day in one.period.days():
            days[day] += HALVES[one.part]
    return days


@given(days=st.integers(1, 12), first_half=st.booleans(), last_half=st.booleans())
def test_a_request_becomes_absences_of_just_its_days(days: int, first_half: bool, last_half: bool) -> None:
    """Every day once, whole but for a half at either end; each absence says which request it came from."""
    try:
        request = make_absence_request(days=days, first_half=first_half, last_half=last_half)
    except DomainError as error:
        assert (days, first_half, last_half) == (1, True, True)
        assert error.faults[0].code == "absence_request.two_halves"
        return
    wanted = Counter({MONDAY + timedelta(days=n): 2 for n in range(days)})
    wanted[MONDAY] -= first_half
    wanted[MONDAY + timedelta(days=days - 1)] -= last_half
    made = absences(request)
    assert halves(made) == wanted
    assert {one.request_id for one in made} == {request.id}
    assert len({one.id for one in made}) == len(made) <= 3


def test_a_request_ends_and_is_no_longer_than_three_years() -> None:
    """What has no end, or one far away, is refused with its place."""
    for period, code in ((DateInterval(MONDAY), "open_ended"), (DateInterval(MONDAY, date(2031, 1, 1)), "too_long")):
        with pytest.raises(DomainError) as refused:
            make_absence_request(period=period)
        assert [fault.code for fault in refused.value.faults] == [f"absence_request.{code}"]


@pytest.mark.parametrize("before", RequestState)
@pytest.mark.parametrize("after", RequestState)
def test_requests_go_the_steps_of_the_table(before: RequestState, after: RequestState) -> None:
    """Every pair of states: allowed where the table has the step, with who and when; what has ended stays as it is."""
    request = make_absence_request(state=before)
    if after in STEPS[before]:
        moved = request.to(after, by=ActorId("boss"), at=NOW, reason="because")
        assert (moved.state, moved.decided_by, moved.decided_at, moved.reason) == (after, "boss", NOW, "because")
        return
    with pytest.raises(DomainError) as refused:
        request.to(after, by=ActorId("boss"), at=NOW)
    assert (refused.value.code, refused.value.facts["allowed"]) == ("absence_request.illegal_step", sorted(STEPS[before]))


def test_nobody_decides_what_is_their_own() -> None:
    """Neither the person nor whoever asked for them; anybody else does."""
    request = make_absence_request(requested_by=ActorId("assistant"))
    for actor in (Actor(id=ActorId("u"), name="Ann", person_id=PersonId("ann")), Actor(id=ActorId("assistant"), name="A")):
        with pytest.raises(DomainError) as refused:
            require_other(actor, request)
        assert refused.value.code == "absence_request.own"
    require_other(Actor(id=ActorId("boss"), name="Boss", person_id=PersonId("bob")), request)


def refused_by(request: AbsenceRequest, *others: Held, kind: object = VACATION) -> str | None:
    try:
        check_free(request, others, kind=kind)  # type: ignore[arg-type]
    except DomainError as error:
        assert error.code == "absence.overlap"
        return str(error.facts["id"])
    return None


def test_a_day_is_taken_once() -> None:
    """Another request or absence on one of the days is named; the days before and after are free, and so is the other half of a day."""
    request = make_absence_request(days=3)
    friday = make_absence(first=MONDAY + timedelta(days=2), id="other")
    assert refused_by(request, Held.of_absence(friday, is_always_recordable=False)) == "other"
    for free in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=3)):
        assert refused_by(request, Held.of_absence(make_absence(first=free), is_always_recordable=False)) is None
    half = make_absence_request(first_half=True)
    morning = make_absence(part=DayPart.HALF)
    assert refused_by(half, Held.of_absence(morning, is_always_recordable=False)) is None
    assert refused_by(replace(half, first_half=False), Held.of_absence(morning, is_always_recordable=False)) == morning.id
    assert refused_by(half, Held.of_request(make_absence_request(days=2))) == f"request-ann-{MONDAY}"
    of_request = make_absence(request_id="the-request")
    assert refused_by(half, Held.of_absence(of_request, is_always_recordable=False)) == "the-request"


def test_sickness_is_recorded_whatever_else_is_there() -> None:
    """During a vacation, but not twice; and no vacation is taken while sick."""
    sick = make_absence_request(kind="sick", days=2)
    vacation = Held.of_absence(make_absence(days=5), is_always_recordable=False)
    other_sickness = Held.of_absence(make_absence(id="flu"), is_always_recordable=True)
    assert refused_by(sick, vacation, kind=SICK) is None
    assert refused_by(sick, vacation, other_sickness, kind=SICK) == "flu"
    assert refused_by(make_absence_request(), other_sickness) == "flu"
