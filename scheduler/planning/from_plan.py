"""
From the solver's answer to what a planner reads, as plain JSON values.

Weeks are the dates of their Mondays, durations minutes, money minor units, ratios decimals of at most four places.
``confidential`` marks what a cost rate follows from; ``domain.staffing.plan_privacy`` takes all of that out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.money import round_half_up
from scheduler.domain.staffing.plan_changes import change_id
from scheduler.planning.conflicts import conflict_sentence
from scheduler.planning.key_figures import key_figures, ratio
from scheduler.planning.reasons import sentence, tells_costs
from solver_models.staffing.minutes import Terms
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.plan import Answer, DemandFill
    from solver_models.staffing.problem import Demand, Run


def from_plan(staffing: Staffing, answer: Answer) -> dict[str, Any]:
    """
    The plan in planner's words.

    An answer without a plan (infeasible, or nothing found in time) has ``assignments`` null and nobody booked but by what stays.
    """
    terms = Terms(staffing.problem)
    runs = sorted(answer.assignments or (), key=lambda r: (staffing.names.person(r.person), r.first, r.demand))
    assignments = [_assignment(run, terms=terms, staffing=staffing) for run in runs]
    people = _people(assignments, staffing=staffing)
    demands = _demands(answer, staffing=staffing)
    return {
        "currency": staffing.problem.currency,
        "horizon": {
            "start": staffing.grid.start.isoformat(),
            "end": staffing.grid.days.end.isoformat() if staffing.grid.days.end else None,
            "weeks": list(staffing.problem.periods),
        },
        "summary": _summary(answer, staffing=staffing),
        "proof": _proof(answer),
        "totals": _totals(people, demands),
        "key_figures": key_figures(staffing, runs, terms=terms, people=people, demands=demands),
        "assignments": None if answer.assignments is None else assignments,
        "demands": demands,
        "people": people,
        "conflicts": [*_conflicts(answer, staffing=staffing), *_overbooked(staffing)],
        "valuation": [s.to_json() for s in staffing.valuation],
        "left_out": [s.to_json() for s in staffing.left_out],
    }


def _summary(answer: Answer, *, staffing: Staffing) -> str:
    problem = staffing.problem
    if not problem.people or not problem.demands:
        lacking = [what for what, found in (("people", problem.people), ("demands", problem.demands)) if not found]
        return f"Nothing to plan: the horizon has no {' and no '.join(lacking)}."
    words = {
        "optimal": "The best plan there is.",
        "feasible": "A plan; the gap says how far it may be from the best.",
        "infeasible": "Locked bookings contradict each other; the conflicts say where. Unlock one of each.",
        "unknown": "No plan was found in the time given; give more.",
    }
    overbooked = len(_overbooked(staffing))
    more = f" Bookings that stay overbook {overbooked} {'person' if overbooked == 1 else 'people'}; the conflicts say who and when."
    return words[answer.status.value] + (more if overbooked else "")


def _conflicts(answer: Answer, *, staffing: Staffing) -> list[dict[str, Any]]:
    return [{"rule": c.rule, "facts": dict(c.facts), "sentence": conflict_sentence(c, staffing.names)} for c in answer.conflicts]


def _overbooked(staffing: Staffing) -> list[dict[str, Any]]:
    """Bookings that stay are not in the problem, so the solver knows nothing of these conflicts."""
    return [
        {"rule": "overbooked", "facts": {"person": s.id, **s.facts}, "sentence": s.text}
        for s in staffing.left_out
        if s.code == "person.overbooked"
    ]


def _proof(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status.value,
        "kind": answer.proof,
        "objective_minor": _minor(answer.objective_x60),
        "bound_minor": _minor(answer.bound_x60),
        "objective_x60": answer.objective_x60,
        "bound_x60": answer.bound_x60,
        "gap": answer.gap,
        "engine": dict(answer.engine),
        "seed": answer.seed,
        "seconds": answer.seconds,
    }


def _minor(amount_x60: int | None) -> int | None:
    return None if amount_x60 is None else round_half_up(Fraction(amount_x60, 60))


def _assignment(run: Run, *, terms: Terms, staffing: Staffing) -> dict[str, Any]:
    problem, names = staffing.problem, staffing.names
    row = terms.minutes(run.person, run.demand, run.share_e4, run.shift)
    minutes = {problem.periods[t]: row[t] for t in range(run.first, run.last + 1)}
    project_id = terms.demands[run.demand].project
    return {
        "id": change_id(run.person, run.demand),
        "person": {"id": run.person, "name": names.person(run.person)},
        "demand": {"id": run.demand, "name": names.demands.get(run.demand, run.demand)},
        "project": {"id": project_id, "name": names.project(project_id)},
        "share": _share(run.share_e4),
        "first_week": problem.periods[run.first],
        "last_week": problem.periods[run.last],
        "shift_weeks": run.shift + staffing.base_shift.get(run.demand, 0),
        "minutes": minutes,
        "total_minutes": sum(minutes.values()),
        "change": _change(run, staffing=staffing),
    }


def fixed_run(run: Run, staffing: Staffing) -> dict[str, Any]:
    """A run that somebody has fixed, as an assignment says it but without its minutes."""
    problem, names = staffing.problem, staffing.names
    return {
        "person": {"id": run.person, "name": names.person(run.person)},
        "demand": {"id": run.demand, "name": names.demands.get(run.demand, run.demand)},
        "share": _share(run.share_e4),
        "first_week": problem.periods[run.first],
        "last_week": problem.periods[run.last],
        "shift_weeks": run.shift + staffing.base_shift.get(run.demand, 0),
    }


def _share(share_e4: int) -> str:
    """The share as an exact decimal: ``0.29``."""
    return f"{share_e4 / E4:.4f}".rstrip("0").rstrip(".")


def _change(run: Run, *, staffing: Staffing) -> str:
    """``locked``, ``kept`` (as it is in force), ``changed`` or ``new``."""
    problem = staffing.problem
    if any((r.person, r.demand) == (run.person, run.demand) for r in problem.fixed):
        return "locked"
    before = next((r for r in problem.current if (r.person, r.demand) == (run.person, run.demand)), None)
    if before is None:
        return "new"
    return "kept" if before == run else "changed"


def _demands(answer: Answer, *, staffing: Staffing) -> list[dict[str, Any]]:
    fills = {fill.demand: fill for fill in answer.fills}
    return [_demand(d, fills.get(d.id), staffing=staffing) for d in staffing.problem.demands]


def _demand(demand: Demand, fill: DemandFill | None, *, staffing: Staffing) -> dict[str, Any]:
    names, effort_min = staffing.names, sum(demand.effort)
    filled_min, open_min = (fill.filled_min, fill.open_min) if fill else (0, effort_min)
    wanted = [staffing.problem.periods[t] for t, minutes in enumerate(demand.effort) if minutes]
    reason = fill.reason if fill else None
    return {
        "demand": {"id": demand.id, "name": names.demands.get(demand.id, demand.id)},
        "project": {"id": demand.project, "name": names.project(demand.project)},
        "first_week": wanted[0] if wanted else None,
        "last_week": wanted[-1] if wanted else None,
        "effort_minutes": effort_min,
        "filled_minutes": filled_min,
        "open_minutes": open_min,
        "reason": None
        if reason is None
        else {
            "kind": reason.kind.value,
            "facts": dict(reason.facts),
            "sentence": sentence(reason, names, demand_id=demand.id),
            "sentence_without_amounts": sentence(reason, names, demand_id=demand.id, with_amounts=False),
            "confidential": tells_costs(reason),
        },
    }


def _people(assignments: Sequence[Mapping[str, Any]], *, staffing: Staffing) -> list[dict[str, Any]]:
    """The grid people x weeks: bookable minutes, what is booked of them (with what stays), utilisation."""
    problem, names = staffing.problem, staffing.names
    planned = {p.id: [0] * len(problem.periods) for p in problem.people}
    index = {period: t for t, period in enumerate(problem.periods)}
    for assignment in assignments:
        row = planned[assignment["person"]["id"]]
        for week, minutes in assignment["minutes"].items():
            row[index[week]] += minutes
    people = []
    for person in sorted(problem.people, key=lambda p: (names.person(p.id), p.id)):
        stays = staffing.stays.get(person.id, (0,) * len(problem.periods))
        capacity = list(staffing.bookable.get(person.id, person.capacity))
        booked = [a + b for a, b in zip(planned[person.id], stays, strict=True)]
        people.append(
            {
                "person": {"id": person.id, "name": names.person(person.id)},
                "capacity_minutes": capacity,
                "booked_minutes": booked,
                "stays_minutes": list(stays),
                "utilisation": [ratio(b, c) for b, c in zip(booked, capacity, strict=True)],
                "total_capacity_minutes": sum(capacity),
                "total_booked_minutes": sum(booked),
                "total_utilisation": ratio(sum(booked), sum(capacity)),
            }
        )
    return people


def _totals(people: Sequence[Mapping[str, Any]], demands: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    capacity_min = sum(p["total_capacity_minutes"] for p in people)
    booked_min = sum(p["total_booked_minutes"] for p in people)
    effort_min = sum(d["effort_minutes"] for d in demands)
    filled_min = sum(d["filled_minutes"] for d in demands)
    return {
        "effort_minutes": effort_min,
        "filled_minutes": filled_min,
        "open_minutes": sum(d["open_minutes"] for d in demands),
        "coverage": ratio(filled_min, effort_min),
        "capacity_minutes": capacity_min,
        "booked_minutes": booked_min,
        "utilisation": ratio(booked_min, capacity_min),
        "demands_filled": sum(1 for d in demands if is_filled(d)),
        "demands_open": sum(1 for d in demands if not is_filled(d)),
    }


def is_filled(demand: Mapping[str, Any]) -> bool:
    """Whether at most a rounding of shares is open: less than a thousandth of the effort."""
    open_min: int = demand["open_minutes"]
    effort_min: int = demand["effort_minutes"]
    return open_min == 0 or open_min * 1_000 < effort_min
