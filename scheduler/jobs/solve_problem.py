"""The job that solves a problem which somebody sent in: in a child process, judged like any plan, and nothing of the firm's touched."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.jobs import ATTEMPTS_MAX, JobOutcome, JobState
from scheduler.domain.staffing.plan_privacy import coarse_gap
from scheduler.jobs import job_rows
from scheduler.jobs.engine import JobInterrupted, JobTryAgain
from scheduler.jobs.judgement import CHILD_DIED, judge
from scheduler.jobs.solver_child import solve_in_child
from scheduler.planning.request import SolveLimits, solver_limits
from solver_models.staffing import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.staffing.solves import Solve
    from scheduler.jobs.judgement import Verdict
    from scheduler.jobs.solve_plan import SolveCaps
    from scheduler.store import Store
    from solver_models.result import Progress
    from solver_models.staffing.problem import Problem

_LOG = logging.getLogger("muster.jobs")


class SolveProblem:
    """Handler of ``solve_problem`` jobs; the target is the job itself."""

    def __init__(self, *, store: Store, caps: SolveCaps) -> None:
        self._store = store
        self._caps = caps

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome:
        """Solve it. Repeatable: a result that is there already stays."""
        with self._store.read(job_rows.WORKER) as view:
            solve = view.solves.get(target_id)
        if solve.job.cancel_requested:
            return JobOutcome(state=JobState.CANCELLED)
        if solve.result is not None:
            return JobOutcome()
        problem = formats.problem_from_json(solve.problem)
        verdict = self._solve(problem, solve, stopping)
        stopped = job_rows.is_cancelled(self._store, job_id=solve.id)
        if verdict.answer is not None:
            result = {"answer": formats.answer_to_json(verdict.answer, problem), "ended": dict(verdict.facts)}
            self._keep(target_id, result)
            return JobOutcome(state=JobState.CANCELLED if stopped else JobState.SUCCEEDED)
        failure = verdict.failure
        assert failure is not None
        if failure.incident is not None:
            _LOG.error("solve %s: %s: %s", solve.id, failure.code, failure.incident)
        if failure.code == CHILD_DIED and solve.job.attempts < ATTEMPTS_MAX:
            raise JobTryAgain(CHILD_DIED)
        if stopped and failure.code == "solver.stopped":
            return JobOutcome(state=JobState.CANCELLED)
        return JobOutcome(state=JobState.FAILED, failure_code=failure.code, failure_detail=failure.detail)

    def requeue(self, target_id: str, /) -> None:
        """The job's own row is all there is."""

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """The job's own row is all there is."""

    def _keep(self, solve_id: str, result: Mapping[str, Any]) -> None:
        with self._store.begin(job_rows.WORKER) as tx:
            tx.solves.keep_result(solve_id, result)

    def _solve(self, problem: Problem, solve: Solve, stopping: threading.Event) -> Verdict:
        """Solve and judge. Raises JobInterrupted when the server stopped it: an unfinished search is not passed off as the plan."""
        interrupted = threading.Event()

        def observe(progress: Progress | None) -> bool:
            if stopping.is_set():
                interrupted.set()
                return True
            if progress is None:
                return job_rows.is_cancelled(self._store, job_id=solve.id)
            return job_rows.note_progress(self._store, seconds=progress.seconds, gap=coarse_gap(progress.gap))

        child = self._caps.child
        limits = solver_limits(SolveLimits(**solve.limits), time_cap_s=self._caps.time_s, workers_cap=self._caps.workers)
        result = solve_in_child(problem=dict(solve.problem), limits=limits, child=child, observe=observe)
        if interrupted.is_set():
            raise JobInterrupted
        return judge(problem, result, memory_mb=child.memory_mb)
