"""Requests for absences that are made at the same time, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import AbsenceRequestId, ActorId
from scheduler.domain.staffing.absence_requests import AbsenceRequest, RequestState
from scheduler.queries.absence_balances import person_balances
from scheduler.queries.capacity import capacity_faults
from scheduler.usecases.absence_requests import approve_request, request_absence
from scheduler.usecases.records import create_record
from tests.factories import MONDAY, make_absence_kind, make_absence_request, make_booking, monday

if TYPE_CHECKING:
    from scheduler.store import Store

NOW = datetime(2027, 1, 4, tzinfo=UTC)
BOSS = replace(LOCAL, id=ActorId("boss"))
ROUNDS = 4


def test_the_last_day_is_spent_once(firm: Store) -> None:
    """Of two requests for different days that both need what is left one is taken, and the other is refused with what is missing."""
    create_record(firm, actor=LOCAL, value=make_absence_kind(entitlement=2, first_year=2027, carry_over_max=0), now=NOW)
    for number in range(ROUNDS):
        person = f"p{number}"
        with firm.begin(LOCAL) as tx:
            tx.people.add(replace(tx.people.get("ann"), id=person, name=person))  # type: ignore[arg-type]
        both = [make_absence_request(person, first=MONDAY + timedelta(days=day), id=AbsenceRequestId(f"{person}-{day}")) for day in (0, 1)]
        start = threading.Barrier(2)

        def ask(request: AbsenceRequest, start: threading.Barrier = start) -> str:
            start.wait()
            try:
                return request_absence(firm, actor=LOCAL, request=request, now=NOW).request.state
            except DomainError as error:
                assert error.facts["missing"] == 2
                return error.code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(ask, both)) == ["absence_request.beyond_balance", RequestState.REQUESTED]
        (found,) = person_balances(firm, actor=LOCAL, person_id=person, year=2027)
        assert found.balance.left == 0


def test_two_who_approve_make_one_absence(firm: Store) -> None:
    """The second is told that the request has changed; the days are counted once, and the counters of days are right afterwards."""
    create_record(firm, actor=LOCAL, value=make_absence_kind(first_year=2027), now=NOW)
    create_record(firm, actor=LOCAL, value=make_booking(), now=NOW)
    request = request_absence(firm, actor=LOCAL, request=make_absence_request(first=monday(1), days=5), now=NOW).request
    start = threading.Barrier(2)

    def approve(_: int) -> str:
        start.wait()
        try:
            return approve_request(firm, actor=BOSS, request_id=request.id, version=1, now=NOW).request.state
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, range(2))) == [RequestState.APPROVED, "version.stale"]
    with firm.read(LOCAL) as view:
        assert [absence.period for absence in view.absences.all()] == [request.period]
        assert view.bookings.get(make_booking().id).over_capacity
    assert capacity_faults(firm, actor=LOCAL) == ()
