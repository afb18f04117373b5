"""
What of the plan in force no longer holds, booking by booking: who, on what, why and when.

Rows change after somebody was booked: a leaver, a sick week, a demand cut or gone. Nothing of that is a reason for no plan; it is
said. The rules are those of the independent checker, read without what is pinned, because pins make every limit give way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.bookings import overlaps, promised_by
from scheduler.planning.wording import Statement, hours
from solver_models.staffing.verify import check_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scheduler.domain.ground.ids import DemandId, PersonId
    from scheduler.domain.staffing.work import Booking, Demand
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing
    from scheduler.planning.wording import Names
    from solver_models.staffing.problem import Run
    from solver_models.staffing.verify import Violation

PREFIX = "broken."
"""Codes of these statements begin with it."""
MORE_LEFT = f"{PREFIX}more_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One reason why a booking no longer holds; weeks by their number, none where it is about all of them."""

    code: str
    why: str
    weeks: tuple[int, ...] = ()


def broken_statements(snapshot: Snapshot, staffing: Staffing, *, people: Mapping[PersonId, Availability]) -> tuple[Statement, ...]:
    """One statement for each booking in the horizon and reason why it no longer holds, in the order of the bookings' ids."""
    demands = {demand.id: demand for demand in snapshot.demands}
    states = {project.id: project.state for project in snapshot.projects}
    of_rules = _of_rules(staffing)
    said: list[Statement] = []
    for booking in sorted(snapshot.bookings, key=lambda one: one.id):
        if not overlaps(booking, staffing.grid) or booking.person_id not in people:
            continue
        found = [
            *_of_work(booking, demands, state=states[booking.project_id], staffing=staffing),
            *_of_time(booking, demands, person=people[booking.person_id], staffing=staffing),
            *of_rules.get((booking.person_id, booking.demand_id or ""), ()),
        ]
        said += [_statement(booking, one, staffing) for one in dict.fromkeys(found)]
    return tuple(said)


def more_left_statements(more_left: Mapping[DemandId, int], staffing: Staffing) -> tuple[Statement, ...]:
    """
    One for each demand of which, by approved time, so many minutes more are left than its weeks want.

    What those who are booked on it have no time for is not written into it, because nobody is booked beyond capacity without leave.
    """
    names = staffing.names
    return tuple(
        Statement(
            code=MORE_LEFT,
            subject="demand",
            id=demand_id,
            name=names.demand(demand_id),
            text=f"{names.demand(demand_id)}: by approved time {hours(minutes)} more are left to do than its weeks want;"
            " nothing is planned for them. Give it people with time for them, or say what is left.",
            facts={"booking": None, "demand": demand_id, "minutes": minutes},
        )
        for demand_id, minutes in sorted(more_left.items())
    )


def _statement(booking: Booking, found: _Found, staffing: Staffing) -> Statement:
    names = staffing.names
    work = names.project(booking.project_id) if booking.demand_id is None else names.demand(booking.demand_id)
    when = f" in {names.week_list(found.weeks)}" if found.weeks else ""
    return Statement(
        code=f"{PREFIX}{found.code}",
        subject="person",
        id=booking.person_id,
        name=names.person(booking.person_id),
        text=f"{names.person(booking.person_id)} on {work}: {found.why}{when}.",
        facts={
            "booking": booking.id,
            "demand": booking.demand_id,
            "project": booking.project_id,
            "weeks": [staffing.grid.monday(week).isoformat() for week in found.weeks],
        },
    )


def _of_work(booking: Booking, demands: Mapping[DemandId, Demand], *, state: ProjectState, staffing: Staffing) -> Iterator[_Found]:
    """What has become of the work itself."""
    if state in (ProjectState.LOST, ProjectState.CLOSED):
        yield _Found(code="project_ended", why=f"the project is {state.value}")
    if booking.demand_id is None:
        return
    demand = demands[booking.demand_id]
    effort = {staffing.grid.index(wanted.week) + booking.shift_weeks for wanted in demand.effort if wanted.minutes}
    weeks = _weeks(booking, staffing)
    if not effort & set(weeks):
        yield _Found(code="nothing_wanted", why="the demand wants nobody any more", weeks=tuple(weeks))


def _of_time(booking: Booking, demands: Mapping[DemandId, Demand], *, person: Availability, staffing: Staffing) -> Iterator[_Found]:
    """What has become of the person's time: nobody who has left works, and who fell ill works less than was booked."""
    demand = None if booking.demand_id is None else demands[booking.demand_id]
    promised = promised_by(booking, demand=demand, availability=person, grid=staffing.grid)
    booked = [week for week in _weeks(booking, staffing) if _wants(booking, demand, promised, week, staffing)]
    gone = tuple(week for week in booked if not any(t.period.overlaps(staffing.grid.week_days(week)) for t in person.terms))
    if gone:
        yield _Found(code="person_left", why="is not employed", weeks=gone)
    short = tuple(week for week in booked if week not in gone and person.weeks[week].bookable_min < person.weeks[week].usual_min)
    if booking.over_capacity and short:
        yield _Found(code="absent", why="is away for time that was booked", weeks=short)
    elif booking.over_capacity and not gone:
        yield _Found(code="over_capacity", why="is booked for more than there is time for")


def _wants(booking: Booking, demand: Demand | None, promised: Sequence[int], week: int, staffing: Staffing) -> bool:
    """Whether the booking asks for time in the week; of somebody without any working time too."""
    if promised[week] or demand is None:
        return True
    monday = staffing.grid.monday(week - booking.shift_weeks)
    return any(wanted.week == monday and wanted.minutes for wanted in demand.effort)


def _weeks(booking: Booking, staffing: Staffing) -> range:
    grid = staffing.grid
    assert booking.period.end is not None
    first, last = max(0, grid.index(booking.period.start)), min(grid.weeks, grid.index(booking.period.end) + 1)
    return range(first, last if grid.monday(last - 1) < booking.period.end else last - 1)


def _of_rules(staffing: Staffing) -> dict[tuple[str, str], list[_Found]]:
    """What the bookings break of the rules, by person and demand."""
    problem = replace(staffing.problem, fixed=(), policy=replace(staffing.problem.policy, frozen_periods=0, max_churn_minutes=None))
    project_of = {demand.id: demand.project for demand in problem.demands}
    found: dict[tuple[str, str], list[_Found]] = {}
    weeks: dict[tuple[str, str, str, str], list[int]] = {}
    for violation in check_plan(problem, problem.current):
        code, why = _words(violation, staffing.names)
        for run in problem.current:
            if _concerns(violation, run, project_of):
                place = weeks.setdefault((run.person, run.demand, code, why), [])
                if "period" in violation.facts:
                    place.append(violation.facts["period"])
    for (person, demand, code, why), when in weeks.items():
        found.setdefault((person, demand), []).append(_Found(code=code, why=why, weeks=tuple(sorted(set(when)))))
    return found


def _concerns(violation: Violation, run: Run, project_of: Mapping[str, str]) -> bool:
    """Whether a run takes part in what is broken."""
    facts = violation.facts
    period = facts.get("period")
    if period is not None and not run.first <= period <= run.last:
        return False
    mine = {"person": run.person, "demand": run.demand, "project": project_of[run.demand]}
    if "unit" in facts:
        return facts["unit"] in (run.demand, project_of[run.demand])
    named = {name: facts[name] for name in mine if name in facts}
    return bool(named) and all(mine[name] == value for name, value in named.items())


def _words(violation: Violation, names: Names) -> tuple[str, str]:
    """A code, and why in words that name no id."""
    facts: Mapping[str, Any] = violation.facts
    match violation.rule:
        case 1:
            return _unfit(facts, names)
        case 2 if "minutes" in facts:
            return "capacity", f"the bookings take {hours(facts['minutes'])} and {hours(facts['limit'])} are there"
        case 2:
            return "too_many_demands", f"is on {facts['runs']} demands at once, and {facts['limit']} are allowed"
        case 3:
            return _crowded(facts)
        case 4:
            return _out_of_window(facts)
        case 7:
            return "group", "people who are to work on it together, or never together, do not"
        case _:
            return "incomplete", "the project is all or nothing, and is not staffed whole"


def _unfit(facts: Mapping[str, Any], names: Names) -> tuple[str, str]:
    if "skill" in facts:
        return "skill", f"needs {names.skill(facts['skill'])} at level {facts['required']} and has level {facts['held']}"
    if "share_e4" in facts:
        return "share", "takes a share of the effort that the demand does not allow any more"
    barred = names.bars.get(facts["person"], {}).get(facts["demand"])
    return "not_suitable", barred or "may not work on it any more (location, or who is wanted or barred)"


def _crowded(facts: Mapping[str, Any]) -> tuple[str, str]:
    if "share_e4" in facts:
        return "too_much_share", f"more than the whole effort is booked ({facts['share_e4'] / 100:g} %)"
    if "people" in facts:
        return "too_many_people", f"{facts['people']} people are booked on it, and {facts['limit']} are allowed"
    return "shift", "does not start when the work is to start"


def _out_of_window(facts: Mapping[str, Any]) -> tuple[str, str]:
    if "window" in facts:
        return "window", "is booked in weeks in which the demand wants nobody"
    if "promised" in facts:
        return "coverage", f"does {hours(facts['minutes'])} of the {hours(facts['promised'])} that are booked, which is too little"
    return "too_short", "the booking is shorter than the demand allows"
