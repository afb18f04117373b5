"""A plan that is feasible by week is feasible by day: random firms, random plans, against the counters of people's days."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.ids import BookingId, PlanId, new_id
from scheduler.domain.staffing.booked_minutes import promised_by_week
from scheduler.domain.staffing.person_days import Availability, Claim, settle
from scheduler.domain.staffing.plan_changes import plan_changes
from scheduler.domain.staffing.rebooking import in_force, rebook
from scheduler.domain.staffing.work import BookingState
from scheduler.planning.availability import availabilities
from scheduler.planning.from_plan import from_plan
from scheduler.planning.time_grid import TimeGrid
from scheduler.planning.to_problem import to_problem
from solver_models.result import Status
from solver_models.staffing.formats import problem_to_json
from solver_models.staffing.minutes import Terms
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import Run
from solver_models.staffing.verify import check_plan
from tests.factories import make_bill_rate, make_booking, make_demand, make_request, monday, weeks
from tests.planning.random_snapshots import HORIZON, random_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.plan_changes import PlanChanges
    from scheduler.domain.staffing.work import Booking
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing

FIRMS = 90
SPAN = TimeGrid(start=monday(-30), weeks=90)


def claims(person: PersonId, bookings: Sequence[Booking], snapshot: Snapshot) -> list[Claim]:
    effort = {demand.id: demand.effort for demand in snapshot.demands}
    return [Claim(booking=b, effort=effort[b.demand_id] if b.demand_id else None) for b in bookings if b.person_id == person]


def eager(rng: random.Random, snapshot: Snapshot) -> Snapshot:
    """The same firm with more work that anybody may do, in part, too: so that weeks fill up."""
    more = [
        make_demand(f"more{n}", project=rng.choice(snapshot.projects).id, effort={t: rng.choice((77, 600, 2_400)) for t in range(HORIZON)})
        for n in range(3)
    ]
    anybody: dict[str, Any] = {"requires": {}, "locations": None, "only": None, "never": frozenset(), "min_run_weeks": 1, "max_people": 3}
    demands = [replace(d, **anybody, min_coverage=Decimal("0.1"), shares=(Decimal(1), Decimal("0.37"))) for d in (*snapshot.demands, *more)]
    projects = [replace(p, apart=(), together=(), all_or_nothing=False) for p in snapshot.projects]
    return replace(snapshot, demands=tuple(demands), projects=tuple(projects), bill_rates=(make_bill_rate(),))


def booked_twice(rng: random.Random, snapshot: Snapshot) -> Snapshot:
    """The same firm with somebody booked twice for a part of a demand."""
    demand = next(d for d in snapshot.demands if d.id.endswith("more0"))
    person = rng.choice(snapshot.people).id
    more = [
        make_booking(
            person, id=BookingId(f"twice{n}"), demand=demand.id, project=demand.project_id, period=weeks(n, n), share=Decimal("0.37")
        )
        for n in (0, 2)
    ]
    return replace(snapshot, bookings=(*snapshot.bookings, *more))


def random_runs(rng: random.Random, staffing: Staffing) -> tuple[Run, ...]:
    """What is pinned, then whatever can be added without breaking a rule."""
    problem = staffing.problem
    runs: tuple[Run, ...] = tuple(run for run in problem.current if rng.random() < 0.6 or run in problem.fixed)
    if check_plan(problem, runs):
        runs = problem.fixed
    pairs = [(person.id, demand) for person in problem.people for demand in problem.demands]
    for person, demand in rng.sample(pairs, len(pairs)):
        wanted = [t for t, minutes in enumerate(demand.effort) if minutes]
        for first, last in ((wanted[0], wanted[-1]), sorted((rng.choice(wanted), rng.choice(wanted)))):
            run = Run(person=person, demand=demand.id, share_e4=rng.choice(demand.shares_e4), first=first, last=last)
            if not check_plan(problem, (*runs, run)):
                runs = (*runs, run)
                break
    return runs


@pytest.mark.parametrize("third", range(3))
def test_what_fits_the_weeks_fits_the_days(third: int) -> None:
    """No plan that keeps the rules is refused by a day's counter, whatever was booked before, shortened or over."""
    planned = 0
    for seed in range(third, FIRMS, 3):
        rng = random.Random(seed)
        snapshot, request = eager(rng, random_snapshot(rng)), make_request(weeks=HORIZON)
        staffing = to_problem(snapshot, request)
        runs = random_runs(rng, staffing)
        if check_plan(staffing.problem, runs):
            continue
        answer = Answer(status=Status.FEASIBLE, assignments=runs, objective_x60=None, bound_x60=None, proof=None)
        changes = plan_changes(from_plan(staffing, answer), problem_to_json(staffing.problem))
        healthy = availabilities(replace(snapshot, absences=()), SPAN)
        for person, availability in availabilities(snapshot, SPAN).items():
            # Booked when nobody was away: then the absences came, then the plan that knows them.
            then = Availability(start=SPAN.start, days=healthy[person].days)
            now = Availability(start=SPAN.start, days=availability.days)
            before = settle(claims(person, snapshot.bookings, snapshot), before={}, availability=then).loads
            ill = settle(claims(person, snapshot.bookings, snapshot), before=before, availability=now).loads
            after = applied(person, snapshot, changes)
            assert settle(after, before=ill, availability=now).overbooked == (), (seed, person)
            planned += sum(claim.is_planned for claim in after)
    assert planned > FIRMS / 2


@pytest.mark.parametrize("third", range(3))
def test_a_booking_promises_what_the_plan_said(third: int) -> None:
    """Whatever was booked before, on the same demand and by the same person too: a run's share, once booked, is of the same amount."""
    compared = 0
    for seed in range(third, FIRMS, 3):
        rng = random.Random(seed)
        snapshot, request = booked_twice(rng, eager(rng, random_snapshot(rng))), make_request(weeks=HORIZON)
        staffing = to_problem(snapshot, request)
        runs = {(run.person, run.demand): run for run in random_runs(rng, staffing)}
        answer = Answer(status=Status.FEASIBLE, assignments=tuple(runs.values()), objective_x60=None, bound_x60=None, proof=None)
        changes = plan_changes(from_plan(staffing, answer), problem_to_json(staffing.problem))
        terms, people = Terms(staffing.problem), availabilities(snapshot, request.grid)
        written = [claim for person in people for claim in applied(person, snapshot, changes) if claim.is_planned]
        for claim in written:
            booking = claim.booking
            if not booking.period.overlaps(request.grid.days):
                continue  # what was booked outside of the horizon, and is left as it was
            run = runs[booking.person_id, str(booking.demand_id)]
            promised = promised_by_week(booking, effort=claim.effort, start=request.grid.start, days=people[booking.person_id].days)
            when = range(run.first, run.last + 1)
            said = terms.promised(run.demand, run.share_e4, run.shift)
            assert [promised[t] for t in when] == [said[t] for t in when], (seed, booking)
            compared += 1
    assert compared > FIRMS / 2


def applied(person: PersonId, snapshot: Snapshot, changes: PlanChanges) -> list[Claim]:
    """The person's bookings as applying the plan leaves them."""
    loose = [b for b in snapshot.bookings if b.state is not BookingState.LOCKED]
    done = rebook(
        in_force(loose, changes.pairs, horizon=changes.horizon),
        changes.written,
        horizon=changes.horizon,
        state=BookingState.TENTATIVE,
        plan_id=PlanId("plan"),
        next_id=lambda: BookingId(new_id()),
    )
    gone = {b.id for b in (*done.changed, *done.deleted)}
    written = {b.id for b in (*done.changed, *done.added)}
    bookings = [*(b for b in snapshot.bookings if b.id not in gone), *done.changed, *done.added]
    found = []
    for claim in claims(person, bookings, snapshot):
        demand = claim.booking.demand_id
        minutes = changes.minutes.get((person, demand), {}) if demand is not None else {}
        is_written = claim.booking.id in written
        found.append(
            replace(claim, is_written=is_written, is_planned=is_written and bool(minutes), planned=minutes, refreshed=changes.horizon)
        )
    return found
