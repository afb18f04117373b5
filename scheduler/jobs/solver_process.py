"""The child process that solves: a problem and limits in on stdin, progress, plans and the answer out on stdout.

One JSON value per line each way. In: ``{"problem": ..., "limits": {"time_s", "gap", "workers", "seed", "work", "memory_mb"}}``; closing stdin (or SIGTERM) asks
for the best plan so far. Out: ``{"event": "started"}`` when the search begins, ``{"event": "progress", ...}`` and ``{"event": "plan", "runs": [...]}``,
at most four a second, and at last ``{"event": "answer", "answer": ...}``, or ``{"event": "contradiction", "detail": ...}`` from a solver that caught
itself out. With ``"warm": {"plan", "periods", "shifts"}`` it starts from an earlier plan (``Warm.moved``); one that cannot be read is left aside.
With ``"explain": {"demand", "person"}`` and a ``"plan"`` it explains that plan instead, and answers with what ``explanation`` says.
With ``"pipeline": {"deals", "bills", "wanted"}`` it plans each wanted outcome of the deals instead, as many as there is time for.
It opens no database and no network.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, astuple
from typing import IO, TYPE_CHECKING, Any

from solver_models.limits import Limits
from solver_models.staffing import formats

if TYPE_CHECKING:
    from solver_models.result import Progress
    from solver_models.staffing.problem import Problem, Run
    from solver_models.staffing.warm_answer import Warm

_TICK_S = 0.25
_STOP_GRACE_S = 15.0
"""A child whose parent is gone must not outlive it for long, however deep the solver sleeps."""


def main() -> int:
    """Read one request, solve it, answer."""
    from solver_models.staffing import solve  # here, so that the parent can name this module's protocol without loading the solver

    out = _own_stdout()
    request = formats.decode_json(sys.stdin.buffer.readline())
    if not isinstance(request, dict):
        raise SystemExit("solver process: the request is not a JSON object")
    problem = formats.problem_from_json(request["problem"])
    limits = limits_from_json(request["limits"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: limits.stop.set())
    threading.Thread(target=_watch_parent, args=(limits.stop,), daemon=True).start()
    _write_line(out, {"event": "started"})
    if "explain" in request:
        _write_line(out, {"event": "answer", "answer": _explained(problem, request, limits)})
        return 0
    if "pipeline" in request:
        _write_line(out, {"event": "answer", "answer": {"outcomes": _explored(problem, request["pipeline"], limits)}})
        return 0
    reporter = _Reporter(out)
    reporter.start()
    try:
        answer = solve.solve(problem, limits, reporter.saw, reporter.saw_plan, warm=_warm(request.get("warm")))
    except solve.ModelContradictionError as error:
        _write_line(out, {"event": "contradiction", "detail": str(error)})
        return 1
    reporter.finish()
    _write_line(out, {"event": "answer", "answer": formats.answer_to_json(answer, problem)})
    return 0


def _warm(earlier: dict[str, Any] | None) -> Warm | None:
    """An earlier plan is only where to begin: one that an older version wrote in another form must not be a reason for no plan."""
    if earlier is None:
        return None
    try:
        warm = formats.warm_from_json(earlier["plan"])
    except formats.InvalidFormat:
        return None
    return warm.moved(earlier["periods"], earlier["shifts"])


def _explained(problem: Problem, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Explain a plan of the problem instead: one demand of it, or one person and demand."""
    from solver_models.staffing import explanation
    from solver_models.staffing.forced import Clock

    answer = formats.plan_from_json(request["plan"], problem)
    clock = Clock(until=time.monotonic() + limits.time_s, workers=limits.workers or os.cpu_count() or 1, stop=limits.stop)
    demand, person = request["explain"]["demand"], request["explain"].get("person")
    if person is None:
        return explanation.explain_demand(problem, answer, demand, clock)
    return explanation.explain_person(problem, answer, demand, person, clock)


def _explored(problem: Problem, asked: dict[str, Any], limits: Limits) -> list[dict[str, Any]]:
    """Worth, margin and coverage of each outcome of deals that was decided in time."""
    from scheduler.planning.bills import Bill
    from scheduler.planning.key_figures import margin_after_bench, minutes_of, ratio
    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.outcomes import Deal, explore

    deals = tuple(
        Deal(project=d["project"], freed={p: (tuple(rows[0]), tuple(rows[1])) for p, rows in d["freed"].items()}) for d in asked["deals"]
    )
    bills = {demand: Bill(**bill) for demand, bill in asked["bills"].items()}
    found = []
    for outcome in explore(problem, deals, map(frozenset, asked["wanted"]), limits):
        terms = Terms(outcome.problem)
        filled = sum(minutes_of(outcome.runs, terms).values())
        found.append(
            {
                "won": sorted(outcome.won),
                "low_x60": outcome.low_x60,
                "high_x60": outcome.high_x60,
                "margin_minor": margin_after_bench(outcome.problem, outcome.runs, bills),
                "coverage": ratio(filled, sum(sum(d.effort) for d in outcome.problem.demands)),
            }
        )
    return found


def limits_to_json(limits: Limits) -> dict[str, Any]:
    """What crosses the pipe; the stop event stays at home."""
    work = None if limits.work is None else str(limits.work)
    whole = {"workers": limits.workers, "seed": limits.seed, "memory_mb": limits.memory_mb}
    return {"time_s": str(limits.time_s), "gap": str(limits.gap), "work": work, **whole}


def limits_from_json(value: dict[str, Any]) -> Limits:
    """The limits that ``limits_to_json`` wrote."""
    work = value.get("work")
    return Limits(
        time_s=float(value["time_s"]),
        gap=float(value["gap"]),
        workers=int(value["workers"]),
        seed=int(value["seed"]),
        work=None if work is None else float(work),
        memory_mb=value.get("memory_mb"),
    )


class _Reporter(threading.Thread):
    """Sends the newest progress at a steady pace, also while the solver is silent, so that no plan waits for the next one."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._out = out
        self._lock = threading.Lock()
        self._newest: Progress | None = None
        self._plan: tuple[Run, ...] | None = None
        self._done = threading.Event()

    def saw(self, progress: Progress) -> None:
        with self._lock:
            self._newest = progress

    def saw_plan(self, plan: tuple[Run, ...], _objective_x60: int) -> None:
        with self._lock:
            self._plan = plan

    def run(self) -> None:
        while not self._done.wait(_TICK_S):
            self._send()

    def finish(self) -> None:
        self._done.set()
        self.join()
        self._send()

    def _send(self) -> None:
        with self._lock:
            progress, plan = self._newest, self._plan
            self._newest = self._plan = None
        if progress is not None:
            _write_line(self._out, {"event": "progress", **asdict(progress)})
        if plan is not None:
            _write_line(self._out, {"event": "plan", "runs": [astuple(run) for run in plan]})


def _own_stdout() -> IO[bytes]:
    """Keep the pipe to ourselves: whatever a library prints goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _write_line(out: IO[bytes], value: dict[str, Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=True, allow_nan=False).encode() + b"\n")
    out.flush()


def _watch_parent(stop: threading.Event) -> None:
    """Stdin closes when the parent wants the plan, and when it dies."""
    while sys.stdin.buffer.read(4096):
        pass
    stop.set()
    threading.Event().wait(_STOP_GRACE_S)
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main())
