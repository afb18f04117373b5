"""Rules 1 to 8 of a feasible plan, each checked exactly as the problem defines it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver_models.staffing.problem import E4
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_limits import Use, exceeded, over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from solver_models.staffing.plan import Conflict
    from solver_models.staffing.problem import Demand, Person, Problem, Run
    from solver_models.staffing.verify_ledger import Unit

FULL_E4 = 9_900
"""Shares that sum to this fill a period of an ``all_or_nothing`` project: three times 0.33."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken rule: its number (0: a false claim of the answer), what is broken in words, and the ids and figures."""

    rule: int
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def check_plan(problem: Problem, assignments: Sequence[Run]) -> tuple[Violation, ...]:
    """Every way in which a plan is not feasible; empty for a feasible one."""
    return check_runs(Ledger.of(problem), assignments)


def check_runs(ledger: Ledger, runs: Sequence[Run]) -> tuple[Violation, ...]:
    """``check_plan`` for a problem already read."""
    free, missing = ledger.free_runs(runs)
    found: list[Violation] = []
    for run in free:
        found += _rule_1(ledger, run)
        found += _rule_4(ledger, run)
    found += _rules_2_3_apart(ledger, runs)
    found += _rule_3_shifts(ledger, free)
    found += _rule_5(runs)
    found += _rule_6(ledger, runs, missing)
    found += _rule_7_together(ledger, runs)
    found += _rule_8(ledger, runs)
    return tuple(sorted(found, key=lambda violation: violation.rule))


def _of_run(rule: int, run: Run, message: str, **facts: Any) -> Violation:
    named = {"person": run.person, "demand": run.demand} | facts
    return Violation(rule=rule, message=f"{run.person} on {run.demand}: {message}", facts=named)


def _rule_1(ledger: Ledger, run: Run) -> Iterator[Violation]:
    """Who may do the work, and for which share of it."""
    person, demand = ledger.people[run.person], ledger.demands[run.demand]
    for skill, level in demand.requires.items():
        if (held := person.skills.get(skill, 0)) < level:
            yield _of_run(1, run, f"needs {skill} at level {level} and has level {held}.", skill=skill, required=level, held=held)
    yield from (_of_run(1, run, reason) for reason in refusals(person, demand))
    if run.share_e4 not in demand.shares_e4:
        allowed = ", ".join(_decimal(share) for share in demand.shares_e4) or "none"
        yield _of_run(1, run, f"takes a share of {_decimal(run.share_e4)}; allowed: {allowed}.", share_e4=run.share_e4)


def refusals(person: Person, demand: Demand) -> Iterator[str]:
    """Why the person may not work on the demand, skills apart."""
    if demand.locations is not None and person.location not in demand.locations:
        where = f"is in {person.location}" if person.location is not None else "has no location"
        yield f"{where}, and the work is done in {', '.join(sorted(demand.locations)) or 'no place'}."
    if person.available_for is not None and demand.id not in person.available_for:
        yield "the person is available for other demands only (available_for)."
    if demand.id in person.not_for:
        yield "the person is not for this demand (not_for)."
    if demand.only is not None and person.id not in demand.only:
        yield "the demand takes other people only (only)."
    if person.id in demand.never:
        yield "the demand never takes this person (never)."


def _rules_2_3_apart(ledger: Ledger, runs: Sequence[Run]) -> Iterator[Violation]:
    """Capacity, runs at once, shares, people per demand, and groups kept apart; each limit gives way to pinned runs."""
    relaxed_by = Use.of(ledger, ledger.held_down())
    return (_limit_violation(conflict) for conflict in exceeded(ledger, Use.of(ledger, over(runs)), relaxed_by))


def _limit_violation(conflict: Conflict) -> Violation:
    facts = conflict.facts
    match conflict.rule:
        case "capacity":
            rule, message = 2, "{person} works {minutes} minutes in period {period}; at most {limit} are there."
        case "max_demands":
            rule, message = 2, "{person} has {runs} runs in period {period}; at most {limit} at once."
        case "effort":
            rule, message = 3, "{demand}: shares sum to {share} in period {period}; at most {limit}."
            facts = dict(facts) | {"share": _decimal(facts["share_e4"]), "limit": _decimal(facts["limit_e4"])}
        case "max_people":
            rule, message = 3, "{demand} has {people} runs; at most {limit}."
        case _:
            rule, message = 7, "{people} people of apart group {group} have a run on project {project}; at most {limit}."
    return Violation(rule=rule, message=message.format(**facts), facts=conflict.facts)


def _rule_3_shifts(ledger: Ledger, free: Sequence[Run]) -> Iterator[Violation]:
    """All runs of a unit but the pinned have one shift, one of the unit's."""
    shifts: defaultdict[Unit, set[int]] = defaultdict(set)
    for run in free:
        unit = ledger.unit_of(run.demand)
        allowed = ledger.unit_shifts(unit)
        if run.shift not in allowed:
            names = ", ".join(map(str, allowed)) or "none"
            yield _of_run(3, run, f"is shifted by {run.shift}; allowed for {unit[0]} {unit[1]}: {names}.", shift=run.shift)
        shifts[unit].add(run.shift)
    for (kind, name), given in sorted(shifts.items()):
        if len(given) > 1:
            listed = sorted(given)
            message = f"The runs of {kind} {name} have different shifts: {', '.join(map(str, listed))}."
            yield Violation(rule=3, message=message, facts={"unit": name, "shifts": listed})


def _rule_4(ledger: Ledger, run: Run) -> Iterator[Violation]:
    """A run lies in its shifted window and after the frozen periods, is long enough and delivers enough."""
    demand = ledger.demands[run.demand]
    window = ledger.windows[run.demand]
    if window is None:
        yield _of_run(4, run, "the demand wants no minutes at all, so it takes no run.")
        return
    begin, end = window[0] + run.shift, window[1] + run.shift
    n = ledger.problem.policy.frozen_periods
    if begin < 0 or end >= ledger.horizon:
        message = f"the window, shifted by {run.shift} to periods {begin} to {end}, leaves the horizon (0 to {ledger.horizon - 1})."
        yield _of_run(4, run, message, window=[begin, end])
    if run.first < begin or run.last > end:
        message = f"periods {run.first} to {run.last} leave the shifted window, {begin} to {end}."
        yield _of_run(4, run, message, first=run.first, last=run.last, window=[begin, end])
    if run.first < n:
        yield _of_run(
            4, run, f"begins in period {run.first}, before period {n}, the first that is not frozen.", first=run.first, free_from=n
        )
    length, open_periods = run.last - run.first + 1, max(0, end - max(begin, n) + 1)
    least = max(1, open_periods if demand.min_run is None else min(demand.min_run, open_periods))
    if length < least:
        yield _of_run(4, run, f"lasts {length} periods; at least {least}.", periods=length, least=least)
    yield from _rule_4_minutes(ledger, run)


def _rule_4_minutes(ledger: Ledger, run: Run) -> Iterator[Violation]:
    periods = range(run.first, run.last + 1)
    minutes = sum(ledger.minutes(run, t) for t in periods)
    promised = sum(ledger.promised(run, t) for t in periods)
    coverage_e4 = ledger.demands[run.demand].min_coverage_e4
    if minutes < 1:
        yield _of_run(4, run, f"delivers no minute of {promised} promised.", minutes=minutes, promised=promised)
    elif minutes * E4 < coverage_e4 * promised:
        message = f"delivers {minutes} of {promised} promised minutes; at least {_decimal(coverage_e4)} of them."
        yield _of_run(4, run, message, minutes=minutes, promised=promised, min_coverage_e4=coverage_e4)


def _rule_5(runs: Sequence[Run]) -> Iterator[Violation]:
    """A person has at most one run on a demand."""
    for (person, demand), count in sorted(Counter((run.person, run.demand) for run in runs).items()):
        if count > 1:
            message = f"{person} has {count} runs on {demand}; at most one."
            yield Violation(rule=5, message=message, facts={"person": person, "demand": demand, "runs": count})


def _rule_6(ledger: Ledger, runs: Sequence[Run], missing: Sequence[Run]) -> Iterator[Violation]:
    """Every pinned run is there, and not too many minutes are new."""
    for run in missing:
        kind = "fixed" if run in ledger.problem.fixed else "frozen"
        where = f"share {_decimal(run.share_e4)}, periods {run.first} to {run.last}, shift {run.shift}"
        yield _of_run(6, run, f"the {kind} run ({where}) is not in the plan.", first=run.first, last=run.last)
    most = ledger.problem.policy.max_churn_minutes
    if most is not None and (new := _new_minutes(ledger, runs)) > most:
        yield Violation(rule=6, message=f"{new} minutes are new; at most {most}.", facts={"new_minutes": new, "limit": most})


def _new_minutes(ledger: Ledger, runs: Sequence[Run]) -> int:
    """Minutes above the plan in force, by person, demand and period; fixed runs do not count."""
    planned: Counter[tuple[str, str, int]] = Counter()
    for run in runs:
        if (run.person, run.demand) not in ledger.fixed_pairs:
            for t, minutes in ledger.minutes_by_period(run):
                planned[run.person, run.demand, t] += minutes
    current = ledger.current_minutes()
    return sum(max(0, minutes - current.get((person, demand), {}).get(t, 0)) for (person, demand, t), minutes in planned.items())


def _rule_7_together(ledger: Ledger, runs: Sequence[Run]) -> Iterator[Violation]:
    """Of each ``together`` group all have a run on the project or none, unless the project has a pinned run."""
    on_project: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        on_project[ledger.project_of(run)].add(run.person)
    pinned = ledger.pinned_projects()
    for project in ledger.problem.projects:
        for index, group in enumerate(project.together if project.id not in pinned else ()):
            present, absent = group & on_project[project.id], group - on_project[project.id]
            if present and absent:
                message = f"Of together group {index}, {_listed(present)} and not {_listed(absent)} have a run on project {project.id}."
                facts = {"project": project.id, "group": index, "present": sorted(present), "absent": sorted(absent)}
                yield Violation(rule=7, message=message, facts=facts)


def _rule_8(ledger: Ledger, runs: Sequence[Run]) -> Iterator[Violation]:
    """An ``all_or_nothing`` project has no run or all of its work promised, unless it has a pinned run."""
    binding = {p.id for p in ledger.problem.projects if p.all_or_nothing} - ledger.pinned_projects()
    by_demand: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_demand[run.demand].append(run)
    staffed = {ledger.demands[demand].project for demand in by_demand} & binding
    for demand in ledger.problem.demands:
        if demand.project in staffed and ledger.windows[demand.id] is not None:
            yield from _open_periods(ledger, demand, by_demand[demand.id])


def _open_periods(ledger: Ledger, demand: Demand, runs: Sequence[Run]) -> Iterator[Violation]:
    facts = {"project": demand.project, "demand": demand.id}
    if not runs:
        message = f"Project {demand.project} is all or nothing and has runs, but none on {demand.id}."
        yield Violation(rule=8, message=message, facts=facts)
        return
    for t in range(ledger.problem.policy.frozen_periods, ledger.horizon):
        shares_e4 = sum(run.share_e4 for run in runs if run.first <= t <= run.last)
        if ledger.effort(runs[0], t) and shares_e4 < FULL_E4:
            message = f"Project {demand.project} is all or nothing, but shares on {demand.id} sum to {_decimal(shares_e4)} in period {t}; at least 0.99."
            yield Violation(rule=8, message=message, facts=facts | {"period": t, "share_e4": shares_e4})


def _decimal(value_e4: int) -> str:
    """Ten-thousandths as a decimal, such as 0.25."""
    text = f"{value_e4 // E4}.{value_e4 % E4:04d}".rstrip("0")
    return text.rstrip(".")


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names))
