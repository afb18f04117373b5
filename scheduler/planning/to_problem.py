"""From the firm's rows to the staffing problem. docs/model.md names the problem's keys; here they are filled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.staffing.held_levels import best_levels
from scheduler.domain.staffing.work import BookingState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import as_run, overlaps
from scheduler.planning.broken import broken_statements, more_left_statements
from scheduler.planning.day_prices import DayPrices
from scheduler.planning.demand_scope import demands_in_scope, shared_demands, with_group_bars
from scheduler.planning.fractions import e4
from scheduler.planning.pins import clashing_demands
from scheduler.planning.planned_demands import plan_demands
from scheduler.planning.planned_people import plan_person, staying
from scheduler.planning.scope import people_in_scope, projects_in_scope
from scheduler.planning.snapshot import rate_card
from scheduler.planning.staffing import Staffing
from scheduler.planning.valuation import DemandValue, RatePerson, Valuation
from scheduler.planning.wording import Names, Statement, count, minor_units
from solver_models.staffing.problem import Demand, Policy, Problem, Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scheduler.domain.ground.ids import DemandId, PersonId, SkillId
    from scheduler.planning.availability import Availability
    from scheduler.planning.planned_demands import PlannedDemand
    from scheduler.planning.planned_people import PlannedPerson, Stay
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.time_grid import TimeGrid


def to_problem(snapshot: Snapshot, request: PlanRequest, *, more_left: Mapping[DemandId, int] | None = None) -> Staffing:
    """
    The staffing problem of the requested weeks and projects.

    Of a request that rebalances it always has a plan, and says what of the bookings in force no longer holds; ``more_left``: minutes that
    demands lack by approved time.

    Raises
    ------
    DomainError
        If the request names unknown projects, or no public holidays are known for a calendar's region.
    """
    snapshot = snapshot.without_costs() if request.cost_blind else snapshot
    people = availabilities(snapshot, request.grid)
    inside = people_in_scope(people, request)
    aside = shared_demands(snapshot.bookings, inside=inside, grid=request.grid) if len(inside) < len(people) else {}
    staffing = _staffing(snapshot, request, people=people, aside=aside)
    if not request.rebalances:
        return staffing
    while clashing := clashing_demands(staffing.problem):
        aside = {**aside, **dict.fromkeys(clashing, "locked bookings clash")}
        staffing = _staffing(snapshot, request, people=people, aside=aside)
    said = (*broken_statements(snapshot, staffing, people=people), *more_left_statements(more_left or {}, staffing))
    return replace(staffing, left_out=(*staffing.left_out, *said))


def _staffing(snapshot: Snapshot, request: PlanRequest, *, people: Mapping[PersonId, Availability], aside: Mapping[str, str]) -> Staffing:
    """The problem with the bookings of demands that are put ``aside`` staying as they are."""
    grid, currency = request.grid, snapshot.firm.currency
    inside = people_in_scope(people, request)
    demands, left_out = _demands_in_scope(snapshot, request, people=people, inside=inside, aside=aside)
    holders = _holders(demands, people=people, grid=grid)
    demands, values, unvalued = _valued(demands, snapshot=snapshot, people=people, holders=holders, request=request)
    left_out += unvalued
    runs = frozenset(b.id for d in demands for b in d.runs)
    at_hand = {person: people[person] for person in people if person in inside}
    stays = staying(snapshot.bookings, planned=runs, demands={d.id: d for d in snapshot.demands}, people=at_hand, grid=grid)
    chosen = _people_to_plan(at_hand, snapshot=snapshot, demands=demands, grid=grid)
    planned = [
        plan_person(
            a,
            stays=stays.get(a.person.id, ()),
            demands=[d for d in demands if a.person.id in holders[d.demand.id]],
            values=values,
            skill_names={s.id: s.name for s in snapshot.skills},
            grid=grid,
            currency=currency,
        )
        for a in chosen
    ]
    left_out += _said_of_stays(stays, demands=demands) + [s for p in planned for s in p.left_out]
    problem = _problem(demands, values=values, people=planned, request=request, currency=currency)
    return Staffing(
        problem=problem,
        grid=grid,
        names=_names(snapshot, planned, grid=grid),
        valuation=(_PRINCIPLE, *(values[d.demand.id].statement for d in demands), *(s for p in planned for s in p.statements)),
        left_out=tuple(left_out),
        base_shift={d.demand.id: d.base_shift for d in demands if d.base_shift},
        bookable={a.person.id: tuple(w.bookable_min for w in a.weeks) for a in chosen},
        stays={p.person.id: p.stays for p in planned if any(p.stays)},
        teams={a.person.id: a.person.team for a in chosen if a.person.team is not None},
        bills={d.demand.id: values[d.demand.id].bill for d in demands},
        day_prices=DayPrices(snapshot, people=people, grid=grid, with_costs=not request.cost_blind),
    )


def _demands_in_scope(
    snapshot: Snapshot,
    request: PlanRequest,
    *,
    people: Mapping[PersonId, Availability],
    inside: frozenset[PersonId],
    aside: Mapping[str, str],
) -> tuple[list[PlannedDemand], list[Statement]]:
    """What is to be staffed, and a statement for all that is not."""
    grid, bookings = request.grid, snapshot.bookings
    projects, left_out = projects_in_scope(snapshot, request)
    demands, said = plan_demands(snapshot.demands, projects=projects, bookings=bookings, people=people, grid=grid, aside=aside)
    demands, narrowed = demands_in_scope(demands, request=request, people=people)
    return with_group_bars(demands, bookings=bookings, inside=inside, grid=grid), [*left_out, *said, *narrowed]


_PRINCIPLE = Statement(
    code="valuation.principle",
    subject="plan",
    text="An hour filled is worth its bill rate (fixed price: contract value by planned hours; internal work: the firm's shadow rate),"
    " times the project's probability and priority, less the person's cost. Employees are paid booked or not, so their idle hours cost"
    " the same and an hour from the bench costs nothing more; contractors cost only when booked. Preferred skills are worth their"
    " bonus as it is, at the level held throughout the work.",
)


def _holders(
    demands: Sequence[PlannedDemand], *, people: Mapping[PersonId, Availability], grid: TimeGrid
) -> dict[DemandId, frozenset[PersonId]]:
    """Who holds every level that a demand requires, at some time of the horizon."""
    levels: dict[SkillId, dict[PersonId, int]] = {}
    for availability in people.values():
        for skill_id, level in best_levels(availability.person.skills, days=grid.days).items():
            levels.setdefault(skill_id, {})[availability.person.id] = level
    return {
        d.demand.id: frozenset(people).intersection(
            *({i for i, held in levels.get(skill_id, {}).items() if held >= level} for skill_id, level in d.demand.requires.items())
        )
        for d in demands
    }


def _valued(
    demands: Sequence[PlannedDemand],
    *,
    snapshot: Snapshot,
    people: Mapping[PersonId, Availability],
    holders: Mapping[DemandId, frozenset[PersonId]],
    request: PlanRequest,
) -> tuple[list[PlannedDemand], dict[DemandId, DemandValue], list[Statement]]:
    """The demands that can be valued, their values, and a statement for each that cannot."""
    totals: dict[str, int] = {}
    for demand in snapshot.demands:
        totals[demand.project_id] = totals.get(demand.project_id, 0) + sum(w.minutes for w in demand.effort)
    terms = {i: a.opening_term for i, a in people.items()}
    staff = {i: RatePerson(id=i, grade=one.grade, cost_rate=one.cost_rate) for i, one in terms.items() if one is not None}
    valuation = Valuation(
        firm=snapshot.firm,
        card=rate_card(snapshot),
        all_effort_min=totals,
        everybody=tuple(staff.values()),
        contracts=snapshot.contracts,
        exchange=Exchange(snapshot.exchange_rates, home=snapshot.firm.currency),
        with_costs=not request.cost_blind,
    )
    grid = request.grid
    values: dict[DemandId, DemandValue] = {}
    left_out: list[Statement] = []
    for planned in demands:
        effort_on = {grid.monday(t): minutes for t, minutes in enumerate(planned.effort) if minutes}
        qualified = [staff[i] for i in sorted(holders[planned.demand.id]) if i in staff]
        value = valuation.value(planned.demand, planned.project, effort_on=effort_on, qualified=qualified)
        if isinstance(value, Statement):
            left_out.append(value)
        else:
            values[planned.demand.id] = value
    kept, said = _whole_projects([d for d in demands if d.demand.id in values], demands)
    return kept, values, left_out + said


def _whole_projects(valued: Sequence[PlannedDemand], demands: Sequence[PlannedDemand]) -> tuple[list[PlannedDemand], list[Statement]]:
    """An all-or-nothing project of which a demand cannot be valued is left out whole."""
    have = {d.demand.id for d in valued}
    broken = {d.project.id: d.project for d in demands if d.demand.id not in have and d.project.all_or_nothing}
    said = [
        Statement(
            code="project.incomplete",
            subject="project",
            id=p.id,
            name=p.name,
            text=f"{p.name} is all or nothing, and a demand of it could not be valued; none of its demands is planned.",
        )
        for p in broken.values()
    ]
    return [d for d in valued if d.project.id not in broken], said


def _people_to_plan(
    people: Mapping[PersonId, Availability], *, snapshot: Snapshot, demands: Sequence[PlannedDemand], grid: TimeGrid
) -> list[Availability]:
    """Those employed in the horizon, and others that a booking or a ``together`` group in scope names."""
    named = {b.person_id for b in snapshot.bookings if overlaps(b, grid)}
    for planned in demands:
        named.update(*planned.project.together)
    return [people[i] for i in sorted(people) if people[i].terms or i in named]


def _said_of_stays(stays: Mapping[PersonId, Sequence[Stay]], *, demands: Sequence[PlannedDemand]) -> list[Statement]:
    planned = {d.demand.id for d in demands}
    kept = [s for row in stays.values() for s in row]
    outside = [s for s in kept if s.booking.demand_id is not None and s.booking.demand_id not in planned]
    without = [s for s in kept if s.booking.demand_id is None]
    said = []
    for code, group, what in (
        ("booking.outside_plan", outside, "on demands that are not planned"),
        ("booking.without_demand", without, "without a demand"),
    ):
        if group:
            text = f"{count(len(group), 'booking')} {what}: kept as booked, and taking capacity."
            facts = {"bookings": [s.booking.id for s in group], "minutes": sum(sum(s.taken) for s in group)}
            said.append(Statement(code=code, subject="plan", text=text, facts=facts))
    return said


def _problem(
    demands: Sequence[PlannedDemand],
    *,
    values: Mapping[DemandId, DemandValue],
    people: Sequence[PlannedPerson],
    request: PlanRequest,
    currency: str,
) -> Problem:
    grid = request.grid
    ids = frozenset(p.person.id for p in people)
    projects = {d.project.id: d for d in demands}
    runs = [(b, as_run(b, base_shift=d.base_shift, grid=grid)) for d in demands for b in d.runs]
    return Problem(
        currency=currency,
        periods=tuple(monday.isoformat() for monday in grid.mondays),
        people=tuple(p.person for p in people),
        demands=tuple(_demand(d, value_rate=values[d.demand.id].rate_minor, people=ids, currency=currency) for d in demands),
        projects=tuple(_project(projects[i], people=ids) for i in sorted(projects)),
        fixed=tuple(sorted(run for booking, run in runs if run is not None and booking.state is BookingState.LOCKED)),
        current=tuple(sorted(run for _, run in runs if run is not None)),
        policy=_policy(request, currency=currency),
    )


def _demand(planned: PlannedDemand, *, value_rate: int, people: frozenset[str], currency: str) -> Demand:
    demand = planned.demand
    moves_alone = planned.project.shift_weeks is None
    return Demand(
        id=demand.id,
        project=demand.project_id,
        effort=planned.effort,
        value_rate=value_rate,
        requires={str(s): level for s, level in demand.requires.items()},
        prefers={s: minor_units(bonus, currency) for s, bonus in demand.prefers.items()},
        overqualified_cost=minor_units(demand.overqualified_cost, currency),
        locations=demand.locations,
        shares_e4=tuple(sorted(e4(share) for share in demand.shares)),
        max_people=planned.max_people,
        min_run=demand.min_run_weeks,
        min_coverage_e4=e4(demand.min_coverage),
        shift=planned.shift if moves_alone else (0, 0),
        only=None if demand.only is None else demand.only & people,
        never=planned.never & people,
    )


def _project(planned: PlannedDemand, *, people: frozenset[str]) -> Project:
    project = planned.project
    return Project(
        id=project.id,
        all_or_nothing=project.all_or_nothing,
        shift=None if project.shift_weeks is None else planned.shift,
        apart=tuple(group & people for group in project.apart if len(group & people) > 1),
        together=tuple(group & people for group in project.together if len(group & people) > 1),
    )


def _policy(request: PlanRequest, *, currency: str) -> Policy:
    policy = request.policy
    return Policy(
        setup_cost=minor_units(policy.setup_cost, currency),
        churn_cost=minor_units(policy.churn_cost, currency),
        max_churn_minutes=None if policy.max_churn_hours is None else int(policy.max_churn_hours * 60),
        frozen_periods=policy.frozen_weeks,
        fairness_cost=minor_units(policy.fairness_cost, currency),
        band=(e4(policy.band_low), e4(policy.band_high)),
    )


def _names(snapshot: Snapshot, people: Iterable[PlannedPerson], *, grid: TimeGrid) -> Names:
    return Names(
        currency=snapshot.firm.currency,
        weeks=grid.mondays,
        people={p.id: p.name for p in snapshot.people},
        skills={s.id: s.name for s in snapshot.skills},
        projects={p.id: p.name for p in snapshot.projects},
        demands={d.id: d.name for d in snapshot.demands},
        project_of={d.id: d.project_id for d in snapshot.demands},
        bars={p.person.id: p.bars for p in people if p.bars},
    )
