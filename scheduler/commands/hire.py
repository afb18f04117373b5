"""``muster hire``: what one more person would be worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scheduler.commands.check_report import report_lines
from scheduler.commands.files import read_input
from scheduler.commands.progress import CountBar, ProgressLine, amount
from scheduler.commands.refusal import Refused, refused_with_faults
from scheduler.commands.solve import read_problem_file
from scheduler.commands.solver_options import checked_limits
from solver_models.staffing import formats
from solver_models.staffing.formats_faults import nearest_name

if TYPE_CHECKING:
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.value import HireValue

COST_MAX = 10**9
LEVEL_MAX = 5
PLAN_REFUSED = 1


def value_hire(
    *,
    problem_path: Path = typer.Argument(..., metavar="PROBLEM", help="The problem, staffing-problem/1 JSON."),
    plan_path: Path = typer.Argument(..., metavar="PLAN", help="Its plan with a bound, as muster solve writes it."),
    skill: list[str] = typer.Option([], "--skill", metavar="NAME=LEVEL", help="A skill and its level, 1 to 5; give it for each skill."),
    cost_rate: int = typer.Option(..., "--cost-rate", help="What an hour costs, booked or not, in minor units of the currency."),
    location: str | None = typer.Option(None, "--location", help="Where the person would be."),
    time_limit: float = typer.Option(60.0, "--time-limit", help="Seconds, at most 86400."),
    workers: int | None = typer.Option(None, "--workers", help="Search threads, 1 to 64; default: one per core."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """
    Say what one more full-time person would be worth over the horizon, after their own cost.

    The plan is made anew with the person. The result is an interval that the difference of the two best plans lies in, one figure
    only when both plans are optimal, and beside it what the prices of the plan say: an estimate. Exit codes: 0, or 1 when the plan
    does not hold, 2 bad input.
    """
    limits = checked_limits(time_s=time_limit, gap=0.0, workers=workers, seed=0)
    problem = read_problem_file(problem_path)
    skills = _checked_person(problem, skill, cost_rate=cost_rate, location=location)
    answer = _read_answer(plan_path, problem)
    from solver_models.staffing.value import value_of_hire  # now that the input is known to be good: it takes a second or more

    with ProgressLine(currency=problem.currency) as line:
        found = value_of_hire(problem, answer, skills=skills, cost_rate=cost_rate, location=location, limits=limits, on_progress=line.show)
    assert found is not None  # both have a plan and a bound
    print(json.dumps(_to_json(problem, found)) if as_json else "\n".join(_lines(problem, found)))


def _checked_person(problem: Problem, given: list[str], *, cost_rate: int, location: str | None) -> dict[str, int]:
    """The skills, or a refusal that names everything the problem does not know."""
    known = {skill for d in problem.demands for skill in (*d.requires, *d.prefers)} | {skill for p in problem.people for skill in p.skills}
    places = {place for d in problem.demands for place in d.locations or ()} | {p.location for p in problem.people if p.location}
    faults: list[tuple[str, str, str]] = []
    if not problem.people or not problem.demands:
        faults.append(("PROBLEM", "problem.empty", "There are no people or no demands; there is nothing to compare with."))
    if not 0 <= cost_rate <= COST_MAX:
        faults.append(("--cost-rate", "number.out_of_range", f"{cost_rate} is not allowed; give 0 to {COST_MAX:,} minor units."))
    if location is not None and location not in places:
        faults.append(("--location", "reference.not_found", f"No person or demand is at {location!r}.{_hint(location, places)}"))
    skills: dict[str, int] = {}
    for text in given:
        name, _, level = text.rpartition("=")
        if not name or not level.isascii() or not level.isdigit() or not 1 <= int(level) <= LEVEL_MAX:
            faults.append(
                ("--skill", "skill.invalid", f"{text!r} is no skill with a level; write it as sap=3, with a level of 1 to {LEVEL_MAX}.")
            )
        elif name not in known:
            faults.append(("--skill", "reference.not_found", f"Nobody has and nothing asks for {name!r}.{_hint(name, known)}"))
        elif name in skills:
            faults.append(("--skill", "list.duplicate", f"{name!r} is given twice; give it once."))
        else:
            skills[name] = int(level)
    if faults:
        raise refused_with_faults("options", faults)
    return skills


def _hint(name: str, known: set[str]) -> str:
    nearest = nearest_name(name, known)
    return "" if nearest is None else f" Did you mean {nearest!r}?"


def _read_answer(path: Path, problem: Problem) -> Answer:
    """The plan with a bound that holds, or a refusal."""
    from solver_models.staffing.certify import checked

    raw = read_input(path)
    try:
        answer = formats.read_plan(raw, problem)
    except formats.InvalidFormat as error:
        raise refused_with_faults(str(path), ((f.pointer, f.code, f.message) for f in error.faults)) from None
    if answer.assignments is None or answer.objective_x60 is None or answer.bound_x60 is None:
        raise Refused(f"{path}: has no plan with an objective and a bound; write one with: muster solve PROBLEM -o {path}")
    with CountBar("best schedules at the prices") as bar:
        answer, report = checked(problem, answer, on_progress=bar.show)
    if not report.holds:
        raise Refused(f"{path}: does not hold against the problem.", *report_lines(problem, report), exit_code=PLAN_REFUSED)
    return answer


def _to_json(problem: Problem, found: HireValue) -> dict[str, Any]:
    return {
        "currency": problem.currency,
        "low_x60": found.value.low_x60,
        "high_x60": found.value.high_x60,
        "exact": found.value.is_exact,
        "estimate_x60": found.estimate_x60,
        "person": found.person.id,
        "capacity": list(found.person.capacity),
        "runs": [
            {"demand": r.demand, "first": r.first, "last": r.last} for r in found.after.assignments or () if r.person == found.person.id
        ],
        "seconds": round(found.after.seconds, 3),
    }


def _lines(problem: Problem, found: HireValue) -> list[str]:
    low, high = (amount(x60, problem.currency) for x60 in (found.value.low_x60, found.value.high_x60))
    mine = [r for r in found.after.assignments or () if r.person == found.person.id]
    lines = [
        f"worth       {low}" if found.value.is_exact else f"worth       {low} to {high}",
        f"estimate    {amount(found.estimate_x60, problem.currency)} at the prices of the plan" if found.estimate_x60 is not None else "",
        f"runs        {len(mine)}: " + ", ".join(r.demand for r in mine) if mine else "runs        none in the plan found",
        f"over {len(problem.periods)} periods, after the person's own cost; {found.after.seconds:.1f} s",
    ]
    return [line for line in lines if line]
