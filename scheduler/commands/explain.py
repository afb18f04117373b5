"""``muster explain``: what would fill a demand of a plan, or why somebody is not on it."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scheduler.commands.files import read_input
from scheduler.commands.refusal import Refused, refused_with_faults
from scheduler.commands.solve import read_problem_file
from scheduler.planning.explanations import demand_words, person_words
from scheduler.planning.wording import Names
from solver_models.staffing import formats
from solver_models.staffing.formats_faults import nearest_name

if TYPE_CHECKING:
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

NOT_HOLDING = 1


def explain_file(
    *,
    problem_path: Path = typer.Argument(..., metavar="PROBLEM", help="The problem, staffing-problem/1 JSON."),
    plan_path: Path = typer.Argument(..., metavar="PLAN", help="Its plan, as muster solve writes it."),
    demand: str = typer.Option(..., "--demand", metavar="ID", help="The demand."),
    person: str | None = typer.Option(None, "--person", metavar="ID", help="Say why this person is not on it."),
    time_limit: float = typer.Option(10.0, "--time-limit", min=0.1, max=3600.0, help="Seconds."),
    workers: int = typer.Option(1, "--workers", min=1, max=64, help="Search threads."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """
    Say what would fill an open demand, in minimal relaxations; or why a person is not on it.

    Exit codes: 0, or 1 when the plan breaks a rule, 2 bad input.
    """
    problem = read_problem_file(problem_path)
    _check_known(problem, demand, person)
    answer = _read_plan(plan_path, problem)
    from solver_models.staffing import explanation  # now that the input is known to be good: it takes a second or more
    from solver_models.staffing.forced import Clock

    clock = Clock(until=time.monotonic() + time_limit, workers=workers)
    if person is None:
        said = explanation.explain_demand(problem, answer, demand, clock)
        words = demand_words(said, _names(problem))
    else:
        said = explanation.explain_person(problem, answer, demand, person, clock)
        words = person_words(said, _names(problem))
    print(json.dumps({**said, **words}) if as_json else "\n".join(_lines(words)))


def _check_known(problem: Problem, demand: str, person: str | None) -> None:
    faults = []
    listed = (("--demand", demand, {d.id for d in problem.demands}), ("--person", person, {p.id for p in problem.people}))
    for option, wanted, known in listed:
        if wanted is not None and wanted not in known:
            nearest = nearest_name(wanted, known)
            hint = "" if nearest is None else f" Did you mean {nearest!r}?"
            faults.append((option, "reference.not_found", f"The problem has no {option[2:]} {wanted!r}.{hint}"))
    if faults:
        raise refused_with_faults("options", faults)


def _read_plan(path: Path, problem: Problem) -> Answer:
    from solver_models.staffing.verify import check_plan

    try:
        answer = formats.read_plan(read_input(path), problem)
    except formats.InvalidFormat as error:
        raise refused_with_faults(str(path), ((f.pointer, f.code, f.message) for f in error.faults)) from None
    if answer.assignments is None:
        raise Refused(f"{path}: has no assignments; there is nothing to explain.")
    if broken := check_plan(problem, answer.assignments):
        raise Refused(f"{path}: breaks the problem's rules.", *(v.message for v in broken[:5]), exit_code=NOT_HOLDING)
    return answer


def _names(problem: Problem) -> Names:
    weeks = tuple(date.fromisoformat(day) for day in problem.periods)
    return Names(currency=problem.currency, weeks=weeks, project_of={d.id: d.project for d in problem.demands})


def _lines(words: dict[str, Any]) -> list[str]:
    if "bars" in words:
        return [words["sentence"]]
    if words["is_filled"]:
        return ["It is filled; what is open is what shares and rounding leave."]
    lines = [words["shortfall"]["sentence"]] if words["shortfall"] else []
    lines += [one["sentence"] for one in words["relaxations"]] or ["No relaxation was found."]
    return lines if words["is_complete"] else [*lines, "The time was up before everything was tried; give more with --time-limit."]
