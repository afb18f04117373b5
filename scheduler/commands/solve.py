"""``muster solve``: a problem file in, a plan file out."""

from __future__ import annotations

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scheduler.commands.check_report import report_lines
from scheduler.commands.files import OutputFile, read_input
from scheduler.commands.progress import CountBar, ProgressLine, amount, percent
from scheduler.commands.refusal import INFEASIBLE, UNKNOWN, Refused, refused_with_faults
from scheduler.commands.solver_options import MEMORY_MB, checked_limits
from scheduler.planning.conflicts import conflict_sentence
from scheduler.planning.wording import Names
from solver_models.result import Status
from solver_models.staffing import formats
from solver_models.staffing.nothing import is_empty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from solver_models.limits import Limits
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.warm_answer import Warm

EXIT_CODES = {Status.OPTIMAL: 0, Status.FEASIBLE: 0, Status.INFEASIBLE: INFEASIBLE, Status.UNKNOWN: UNKNOWN}
REJECTED = 1
ABORTED = 130


def solve_file(
    *,
    problem_path: Path = typer.Argument(..., metavar="PROBLEM", help="The problem, staffing-problem/1 JSON."),
    output: Path = typer.Option(..., "--output", "-o", help="Where the plan goes, staffing-plan/1 JSON; appears complete or not at all."),
    time_limit: float | None = typer.Option(
        None, "--time-limit", help="Seconds, at most 86400; default: 60, or with --work-limit no less than may be given."
    ),
    work_limit: float | None = typer.Option(
        None,
        "--work-limit",
        help="Units of work, about a millisecond of one core each, after which to stop: the same plan with any number of threads.",
    ),
    memory_limit: int = typer.Option(
        MEMORY_MB, "--memory-limit", help="MB of memory to stay under: at four fifths of it the search ends with the best plan so far."
    ),
    gap: float = typer.Option(0.0, "--gap", help="Stop at this gap between plan and bound: 0.01 = 1 %."),
    workers: int | None = typer.Option(None, "--workers", help="Search threads, 1 to 64; default: one per core."),
    seed: int = typer.Option(0, "--seed", help="Seed of the search."),
    warm: Path | None = typer.Option(
        None,
        "--warm",
        metavar="PLAN",
        help="Start from this earlier plan, of this problem or one like it: small changes are planned at once.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the summary as JSON."),
) -> None:
    """
    Compute the best plan for a problem file.

    Exit codes: 0 optimal or feasible, 2 bad input, 3 infeasible, 4 no plan found in time. Ctrl-C ends with the best plan so far; a
    second Ctrl-C aborts.
    """
    limits = checked_limits(time_s=time_limit, gap=gap, workers=workers, seed=seed, work=work_limit, memory_mb=memory_limit)
    problem = read_problem_file(problem_path)
    earlier = None if warm is None else read_warm_file(warm)
    target = OutputFile(output)
    if target.is_same_as(problem_path):
        raise Refused(f"{output}: is the problem file itself; name another file for the plan.")
    answer = _solve_interruptibly(problem, limits, earlier)
    answer = _checked(problem, answer)
    target.write(_to_bytes(formats.answer_to_json(answer, problem)))
    summary = summarise(problem, answer)
    print(json.dumps({**summary, "output": str(output)}) if as_json else "\n".join(summary_lines(problem, answer, output=output)))
    raise typer.Exit(EXIT_CODES[answer.status])


def read_problem_file(path: Path) -> Problem:
    """The problem, or a refusal with every fault of the file."""
    raw = read_input(path)
    try:
        return formats.read_problem(raw)
    except formats.InvalidFormat as error:
        raise refused_with_faults(str(path), ((f.pointer, f.code, f.message) for f in error.faults)) from None


def read_warm_file(path: Path) -> Warm:
    """An earlier plan, whatever problem it was for, or a refusal with every fault of the file."""
    raw = read_input(path)
    try:
        return formats.read_warm(raw)
    except formats.InvalidFormat as error:
        raise refused_with_faults(str(path), ((f.pointer, f.code, f.message) for f in error.faults)) from None


def _solve_interruptibly(problem: Problem, limits: Limits, warm: Warm | None) -> Answer:
    """Solve in another thread: only the main thread can hear Ctrl-C, and it must not sit in the solver then."""
    with _stop_on_signal(limits.stop), ProgressLine(currency=problem.currency) as line, ThreadPoolExecutor(max_workers=1) as pool:
        from solver_models.staffing import solve  # now that the input is known to be good: it takes a second or more

        future = pool.submit(solve.solve, problem, limits, line.show, warm=warm)
        while not future.done():
            # In slices: a wait without end would put the signal off until the solver is done.
            threading.Event().wait(0.05)
        try:
            return future.result()
        except solve.ModelContradictionError as error:
            raise _rejected(str(error)) from None


@contextmanager
def _stop_on_signal(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) asks for the best plan so far; the second aborts at once, leaving no file behind."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os.write(2, b"\nmuster: aborted, nothing was written.\n")
            os._exit(ABORTED)
        stop.set()
        os.write(2, b"\nmuster: stopping with the best plan so far; Ctrl-C again aborts.\n")

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _checked(problem: Problem, answer: Answer) -> Answer:
    """The answer with the bound that its prices give anybody. No plan leaves that the independent checker does not accept."""
    from solver_models.staffing import certify

    with CountBar("best schedules at the prices") as bar:
        answer, report = certify.checked(problem, answer, on_progress=bar.show)
    if not report.holds:
        raise _rejected(*report_lines(problem, report))
    return answer


def _rejected(*why: str) -> Refused:
    return Refused(
        "solver.rejected: the computed plan did not pass the independent check, so it was not written.",
        "This is a fault of muster, not of the problem; please report it together with the problem file.",
        *(f"  {line}" for line in why),
        exit_code=REJECTED,
    )


def _to_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "surrogatepass") + b"\n"


def summarise(problem: Problem, answer: Answer) -> dict[str, Any]:
    """The answer in one small JSON object; amounts in minor units x 60 as the plan file has them."""
    return {
        "status": str(answer.status),
        "objective_x60": answer.objective_x60,
        "bound_x60": answer.bound_x60,
        "gap": answer.gap,
        "proof": answer.proof,
        "seconds": round(answer.seconds, 3),
        "assignments": None if answer.assignments is None else len(answer.assignments),
        "open_demands": sum(fill.open_min > 0 for fill in answer.fills),
        "demands": len(problem.demands),
        "conflicts": len(answer.conflicts),
        "nothing_to_plan": is_empty(problem),
    }


def summary_lines(problem: Problem, answer: Answer, *, output: Path) -> list[str]:
    """The answer for people."""
    if is_empty(problem) and answer.assignments is not None:
        what = "no people" if not problem.people else "no demands"
        return [f"nothing to plan: the problem has {what}.", f"written to {output}"]
    lines = [
        f"{answer.status}: objective {amount(answer.objective_x60, problem.currency)}, bound {amount(answer.bound_x60, problem.currency)},"
        f" gap {percent(answer.gap)}" + (f", proof {answer.proof}" if answer.proof else "") + f", {answer.seconds:.1f} s"
    ]
    if answer.assignments is not None:
        open_demands = [fill for fill in answer.fills if fill.open_min > 0]
        open_hours = sum(fill.open_min for fill in open_demands) / 60
        lines.append(
            f"{len(answer.assignments)} assignments; {len(open_demands)} of {len(problem.demands)} demands open ({open_hours:,.1f} h)"
        )
    names = Names(currency=problem.currency, weeks=(), periods=problem.periods)  # a file has ids for names
    lines += [f"conflict: {conflict.rule}: {conflict_sentence(conflict, names)}" for conflict in answer.conflicts]
    if answer.status is Status.INFEASIBLE:
        lines.append("The fixed runs contradict each other; the conflicts above name them. Take one of each out and solve again.")
    if answer.status is Status.UNKNOWN:
        lines.append("No plan was found in time; give more with --time-limit.")
    return [*lines, f"written to {output}"]
