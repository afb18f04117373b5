"""The job that computes a plan: read and keep the problem, solve it in a child process with no transaction open, judge, record."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.jobs import ATTEMPTS_MAX, CRASHED, FAILED
from scheduler.domain.staffing.name_marks import with_marks
from scheduler.domain.staffing.plans import Plan, PlanProblem, PlanProgress
from scheduler.jobs import job_rows, plan_rows
from scheduler.jobs.earlier_plans import read_earlier_plan
from scheduler.jobs.engine import JobInterrupted, JobQuarantined, JobTryAgain
from scheduler.jobs.judgement import CHILD_DIED, Verdict, judge
from scheduler.jobs.solver_child import ChildLimits, solve_in_child
from scheduler.planning.from_plan import fixed_run, from_plan
from scheduler.planning.pins import without_conflicting_pins
from scheduler.planning.request import solver_limits
from scheduler.planning.request_json import request_from_json
from scheduler.planning.scenarios import with_changes
from scheduler.planning.staffing_json import words_to_json
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from scheduler.store.recorded_effort import more_left
from scheduler.store.scenario_stack import stack_of
from solver_models.result import Status
from solver_models.staffing import formats
from solver_models.staffing.nothing import is_empty, nothing_planned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import PlanId
    from scheduler.domain.ground.jobs import JobOutcome
    from scheduler.jobs.earlier_plans import EarlierPlan
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.staffing import Staffing
    from scheduler.store import Store
    from solver_models.limits import Limits
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

_LOG = logging.getLogger("muster.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveCaps:
    """What this server grants one solve, whatever was asked for."""

    time_s: float
    workers: int
    child: ChildLimits


class SolvePlan:
    """Handler of ``solve_plan`` jobs; the target is the plan's id."""

    def __init__(self, *, store: Store, caps: SolveCaps) -> None:
        self._store = store
        self._caps = caps

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome:
        """Compute the plan. Repeatable: a plan that has its outcome is left alone, one without starts again from the beginning."""
        self._compute(target_id, stopping)
        return plan_rows.outcome(self._store, plan_id=target_id)

    def _compute(self, target_id: str, stopping: threading.Event) -> None:
        plan = plan_rows.claim(self._store, plan_id=target_id)
        if plan is None:
            return
        try:
            staffing, request = self._read(plan)
        except DomainError as error:
            plan_rows.fail(self._store, plan_id=plan.id, code=error.code, detail=error.detail)
            return
        if is_empty(staffing.problem):
            plan_rows.finish(self._store, plan_id=plan.id, result=_result(staffing, nothing_planned(staffing.problem)))
            return
        limits = solver_limits(request.limits, time_cap_s=self._caps.time_s, workers_cap=self._caps.workers)
        earlier = read_earlier_plan(self._store, staffing=staffing, request=request)
        verdict = self._solve(staffing.problem, limits, plan_id=plan.id, stopping=stopping, earlier=earlier)
        if verdict.failure is not None:
            self._fail(plan, verdict)
            return
        assert verdict.answer is not None
        alternative = None
        if verdict.answer.status is Status.INFEASIBLE:
            alternative = self._without_conflicts(staffing, limits, plan_id=plan.id, stopping=stopping)
        result = _result(staffing, verdict.answer, ended=verdict.facts, alternative=alternative)
        if earlier is not None:
            result["earlier_plan_id"] = earlier.plan_id
        plan_rows.finish(self._store, plan_id=plan.id, result=result)

    def enqueue_forgotten(self) -> None:
        """Before the worker starts: give every open plan a job that has none, such as those of a version that kept no jobs."""
        forgotten = plan_rows.without_job(self._store)
        if forgotten:
            _LOG.warning("%s plans have no job; queueing them again", len(forgotten))
            job_rows.enqueue(self._store, jobs=forgotten)

    def requeue(self, target_id: str, /) -> None:
        """The server stops: the plan goes back into the queue."""
        plan_rows.requeue(self._store, plan_id=target_id)

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """Nobody expected this; the log has the rest."""
        if isinstance(error, JobQuarantined):
            plan_rows.fail(
                self._store,
                plan_id=target_id,
                code=CRASHED,
                detail=f"The plan was {error} and its server process died each time; it is not tried again. "
                "Plan fewer people, demands or weeks at a time, or report the fault.",
            )
            return
        plan_rows.fail(
            self._store,
            plan_id=target_id,
            code=FAILED,
            detail=f"The program failed while it computed this plan ({type(error).__name__}). Ask for it again; if it fails again, report it"
            " with the plan's id.",
        )

    def _read(self, plan: Plan) -> tuple[Staffing, PlanRequest]:
        """Build the problem from one consistent state of the database and keep it with the plan."""
        request = request_from_json(plan.request)
        read_at = datetime.now(UTC)
        with self._store.read(job_rows.WORKER) as view:
            snapshot, row_versions = read_snapshot(view)
            lacking = more_left(view.unrestricted, on=request.horizon_start) if request.rebalances else {}
            stack = () if request.scenario_id is None else stack_of(view.area("scenarios"), view.area("scenarios").get(request.scenario_id))
        live = {person.id for person in snapshot.people}
        if stack:
            snapshot = with_changes(snapshot, stack)
            row_versions["scenarios"] = {scenario.id: scenario.version for scenario in stack}
        # What is stored with the plan has no names in it: whoever is erased later shall not be found there. Hires are nobody yet.
        marked = with_marks((person for person in snapshot.people if person.id in live), plan_id=plan.id)
        snapshot = replace(snapshot, people=(*marked, *(person for person in snapshot.people if person.id not in live)))
        staffing = to_problem(snapshot, request, more_left=lacking)
        problem = formats.problem_to_json(staffing.problem)
        _refuse_unsolvable(problem)
        kept = PlanProblem(
            plan_id=plan.id,
            problem=problem,
            row_versions=row_versions,
            statements=words_to_json(staffing),
            read_at=read_at,
        )
        plan_rows.keep_problem(self._store, problem=kept)
        return staffing, request

    def _solve(
        self,
        problem: Problem,
        limits: Limits,
        *,
        plan_id: PlanId,
        stopping: threading.Event,
        earlier: EarlierPlan | None = None,
    ) -> Verdict:
        """Solve and judge. Raises JobInterrupted when the server stopped it: an unfinished search is not passed off as the plan."""
        interrupted = threading.Event()

        def observe(progress: Progress | None) -> bool:
            if stopping.is_set():
                interrupted.set()
                return True
            if progress is None:
                return plan_rows.is_cancelled(self._store, plan_id=plan_id)
            noted = PlanProgress(
                seconds=progress.seconds, objective_x60=progress.objective_x60, bound_x60=progress.bound_x60, gap=progress.gap
            )
            return plan_rows.note_progress(self._store, plan_id=plan_id, progress=noted)

        child = self._caps.child
        result = solve_in_child(
            problem=formats.problem_to_json(problem),
            limits=limits,
            child=child,
            observe=observe,
            besides=None if earlier is None else {"warm": earlier.warm},
        )
        if interrupted.is_set():
            raise JobInterrupted
        return judge(problem, result, memory_mb=child.memory_mb)

    def _without_conflicts(
        self, staffing: Staffing, limits: Limits, *, plan_id: PlanId, stopping: threading.Event
    ) -> dict[str, Any] | None:
        """The plan that would be possible if the pins in conflict were not pinned."""
        problem, dropped = without_conflicting_pins(staffing.problem)
        verdict = self._solve(problem, limits, plan_id=plan_id, stopping=stopping)
        if verdict.answer is None or verdict.failure is not None:
            return None
        return {"dropped": [fixed_run(run, staffing) for run in dropped], **_reading(replace(staffing, problem=problem), verdict.answer)}

    def _fail(self, plan: Plan, verdict: Verdict) -> None:
        failure = verdict.failure
        assert failure is not None
        if failure.incident is not None:
            _LOG.error("plan %s: %s: %s", plan.id, failure.code, failure.incident)
        if failure.code == CHILD_DIED and plan.attempts < ATTEMPTS_MAX:
            raise JobTryAgain(CHILD_DIED)
        if failure.code == "solver.stopped":
            plan_rows.finish(self._store, plan_id=plan.id, result=None)
            return
        plan_rows.fail(self._store, plan_id=plan.id, code=failure.code, detail=failure.detail)


def _refuse_unsolvable(problem: Mapping[str, Any]) -> None:
    """Rows may each keep their rules and together still be out of the solver's range: say so before a process is started for them."""
    try:
        formats.problem_from_json(problem)
    except formats.InvalidFormat as error:
        first = error.faults[0]
        code = first.code if first.code == "problem.too_large" else "problem.out_of_range"
        raise DomainError(
            ErrorKind.INVALID, code, f"The plan's problem is out of the solver's range: {first.pointer} {first.message}"
        ) from error


def _result(
    staffing: Staffing, answer: Answer, *, ended: Mapping[str, Any] | None = None, alternative: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    What is kept with the plan.

    ``answer`` is staffing-plan/1, ``view`` the same in planner's words, ``ended`` how the solve came to its end (null when there was
    nothing to plan), ``alternative`` the answer and view without the pins in conflict, with those pins as ``dropped``.
    """
    return {
        **_reading(staffing, answer),
        "ended": None if ended is None else dict(ended),
        "alternative": alternative,
        "nothing_to_plan": is_empty(staffing.problem),
    }


def _reading(staffing: Staffing, answer: Answer) -> dict[str, Any]:
    return {"answer": formats.answer_to_json(answer, staffing.problem), "view": from_plan(staffing, answer)}
