"""Whatever people do with requests for absences, in whatever order: they keep to their states, and who is absent follows from them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scheduler.domain.ground.access import LOCAL, Actor
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import AbsenceRequestId, ActorId, PersonId, new_id
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.absence_requests import HOLDING, STEPS, AbsenceRequest, RequestState
from scheduler.queries.absence_balances import person_balances
from scheduler.queries.capacity import capacity_faults
from scheduler.usecases import absence_requests
from scheduler.usecases.records import create_record
from tests.factories import make_absence_kind, make_absence_request, monday

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store import Store

NOW = datetime(2027, 1, 4, tzinfo=UTC)
ENTITLEMENT = 14
"""Half days."""
BOSS = replace(LOCAL, id=ActorId("boss"))
DOES: dict[RequestState, Callable[..., Any]] = {
    RequestState.APPROVED: absence_requests.approve_request,
    RequestState.REJECTED: absence_requests.reject_request,
    RequestState.WITHDRAWN: absence_requests.withdraw_request,
    RequestState.CANCELLED: absence_requests.cancel_request,
}
NEEDS_REASON = {RequestState.REJECTED, RequestState.CANCELLED}


class RequestMachine(RuleBasedStateMachine):
    """Somebody asks for days of two weeks, and they and their boss try every step on every request."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.person_id = PersonId(new_id())
        with self.store.begin(LOCAL) as tx:
            tx.people.add(replace(tx.people.get(PersonId("ann")), id=self.person_id, name=self.person_id))
        self.self = Actor(id=ActorId(f"user-{self.person_id}"), name="Member", role=Role.MEMBER, person_id=self.person_id)
        self.known: dict[str, AbsenceRequest] = {}

    @rule(first=st.integers(0, 9), days=st.integers(1, 4))
    def ask(self, first: int, days: int) -> None:
        day = monday(first // 5) + timedelta(days=first % 5)
        wanted = make_absence_request(self.person_id, first=day, days=days, id=AbsenceRequestId(new_id()))
        taken = sum(self._half_days(one.period) for one in self.known.values() if one.state in HOLDING)
        collides = any(one.period.overlaps(wanted.period) for one in self.known.values() if one.state in HOLDING)
        fits = not collides and taken + self._half_days(wanted.period) <= ENTITLEMENT
        try:
            asked = absence_requests.request_absence(self.store, actor=self.self, request=wanted, now=NOW).request
        except DomainError as error:
            assert error.code in {"absence.overlap", "absence_request.beyond_balance"}
            assert not fits
            return
        assert fits
        self.known[asked.id] = asked

    @precondition(lambda self: self.known)
    @rule(to=st.sampled_from(sorted(DOES)), by_boss=st.booleans(), is_stale=st.booleans(), data=st.data())
    def step(self, to: RequestState, *, by_boss: bool, is_stale: bool, data: Any) -> None:
        found = self.known[data.draw(st.sampled_from(sorted(self.known)))]
        reason = {"reason": "Because"} if to in NEEDS_REASON else {}
        version = found.version - is_stale
        actor = BOSS if by_boss else self.self
        may = to in STEPS[found.state] and not is_stale and (by_boss or to is RequestState.WITHDRAWN)
        try:
            done = DOES[to](self.store, actor=actor, request_id=found.id, version=version, now=NOW, **reason).request
        except DomainError as error:
            assert not may, error
            return
        assert may
        assert done.state is to
        self.known[found.id] = done

    @invariant()
    def who_is_absent_follows_from_what_was_approved(self) -> None:
        with self.store.read(LOCAL) as view:
            absent = {one.request_id: one.period for one in view.absences.matching(person_id=self.person_id)}
            kept = {one.id: one.state for one in view.area("absence_requests").matching(person_id=self.person_id)}
        assert kept == {name: one.state for name, one in self.known.items()}
        assert absent == {name: one.period for name, one in self.known.items() if one.state is RequestState.APPROVED}
        (found,) = person_balances(self.store, actor=LOCAL, person_id=self.person_id, year=2027)
        taken = sum(self._half_days(one.period) for one in self.known.values() if one.state in HOLDING)
        assert found.balance.left == ENTITLEMENT - taken

    def teardown(self) -> None:
        assert capacity_faults(self.store, actor=LOCAL) == ()
        with self.store.read(LOCAL) as view:
            for name in self.known:
                states = [one.value.state for one in view.area("absence_requests").history(name)]
                assert all(after == before or after in STEPS[before] for before, after in itertools.pairwise(states))

    @staticmethod
    def _half_days(period: DateInterval) -> int:
        assert period.end is not None
        days = (period.start + timedelta(days=n) for n in range((period.end - period.start).days))
        return 2 * sum(day.weekday() < 5 for day in days)


def test_requests_never_leave_their_table_and_balances_follow_from_them(firm: Store) -> None:
    """Hypothesis plays a person and their boss; what is refused changes nothing, and every recorded version is one step from the last."""
    kind = make_absence_kind(entitlement=ENTITLEMENT, first_year=2027, carry_over_max=0)
    create_record(firm, actor=LOCAL, value=kind, now=NOW)
    few = settings(max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(type("RequestMachineOfThisStore", (RequestMachine,), {"store": firm}), settings=few)
