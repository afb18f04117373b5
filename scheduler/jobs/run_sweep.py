"""The job that answers a sweep: a series of plans, each solved in a child process and judged like any other; no live row is written."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.jobs import ATTEMPTS_MAX, JobOutcome, JobState
from scheduler.domain.staffing.plan_privacy import coarse_gap
from scheduler.domain.staffing.sweeps import TELLING, Sweep, SweepKind
from scheduler.jobs import job_rows
from scheduler.jobs.engine import JobInterrupted, JobTryAgain
from scheduler.jobs.judgement import CHILD_DIED, Failure, judge
from scheduler.jobs.solver_child import Ended, solve_in_child
from scheduler.planning.bills import bill_to_json
from scheduler.planning.pipeline import outcomes, pipeline, summary, thresholds
from scheduler.planning.request import solver_limits
from scheduler.planning.scenarios import with_changes
from scheduler.planning.sweep_points import (
    Bid,
    fairness_costs,
    hired_ids,
    not_dominated,
    reading,
    with_churn_cap,
    with_fairness_cost,
    with_hires,
    worth,
)
from scheduler.planning.sweep_request import SweepRequest, sweep_from_json
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from scheduler.store.scenario_stack import stack_of
from solver_models.result import Status
from solver_models.staffing import formats
from solver_models.staffing.nothing import is_empty, nothing_planned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scheduler.jobs.solve_plan import SolveCaps
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing
    from scheduler.store import Store
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

_LOG = logging.getLogger("muster.jobs")
_AXES = {SweepKind.CHURN_FRONTIER: "new_minutes", SweepKind.FAIRNESS_FRONTIER: "outside_band_minutes"}


class _FailedError(Exception):
    """A plan of the sweep came to nothing."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class _StoppedError(Exception):
    """Somebody wants the sweep cancelled: a part of a series is no answer."""


class RunSweep:
    """Handler of ``sweep`` jobs; the target is the job itself."""

    def __init__(self, *, store: Store, caps: SolveCaps) -> None:
        self._store = store
        self._caps = caps

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome:
        """Answer it. Repeatable: a result that is there already stays."""
        with self._store.read(job_rows.WORKER) as view:
            sweep = view.sweeps.get(target_id)
        if sweep.job.cancel_requested:
            return JobOutcome(state=JobState.CANCELLED)
        if sweep.result is not None:
            return JobOutcome()
        try:
            request = sweep_from_json(sweep.request)
            result = _Series(request, self._snapshot(request), _Plans(self._store, self._caps, sweep, request, stopping)).answer()
        except DomainError as error:
            return JobOutcome(state=JobState.FAILED, failure_code=error.code, failure_detail=error.detail)
        except _StoppedError:
            return JobOutcome(state=JobState.CANCELLED)
        except _FailedError as error:
            return _outcome(sweep, error.failure)
        with self._store.begin(job_rows.WORKER) as tx:
            tx.sweeps.keep_result(target_id, result)
        return JobOutcome()

    def requeue(self, target_id: str, /) -> None:
        """The job's own row is all there is."""

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """The job's own row is all there is."""

    def _snapshot(self, request: SweepRequest) -> Snapshot:
        """The rows in one consistent state, with the scenario that the sweep stands on."""
        scenario_id = request.plan.scenario_id
        with self._store.read(job_rows.WORKER) as view:
            snapshot, _ = read_snapshot(view)
            stack = () if scenario_id is None else stack_of(view.area("scenarios"), view.area("scenarios").get(scenario_id))
        return with_changes(snapshot, stack) if stack else snapshot


def _outcome(sweep: Sweep, failure: Failure) -> JobOutcome:
    if failure.incident is not None:
        _LOG.error("sweep %s: %s: %s", sweep.id, failure.code, failure.incident)
    if failure.code == CHILD_DIED and sweep.job.attempts < ATTEMPTS_MAX:
        raise JobTryAgain(CHILD_DIED)
    return JobOutcome(state=JobState.FAILED, failure_code=failure.code, failure_detail=failure.detail)


class _Plans:
    """Solves the plans of one sweep."""

    def __init__(self, store: Store, caps: SolveCaps, sweep: Sweep, request: SweepRequest, stopping: threading.Event) -> None:
        self._store, self._caps, self._sweep, self._stopping = store, caps, sweep, stopping
        self._interrupted = False
        self._cancelled = False
        self._limits = request.plan.limits

    def best(self, problem: Problem) -> Answer:
        """The judged answer. Raises JobInterrupted, _StoppedError, _FailedError."""
        if is_empty(problem):
            return nothing_planned(problem)
        child = self._caps.child
        result = solve_in_child(problem=formats.problem_to_json(problem), limits=self._solver_limits(), child=child, observe=self._observe)
        self._raise_if_stopped()
        verdict = judge(problem, result, memory_mb=child.memory_mb)
        if verdict.answer is None:
            assert verdict.failure is not None
            raise _FailedError(verdict.failure)
        return verdict.answer

    def explored(self, problem: Problem, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """What a child finds of the outcomes of a pipeline."""
        result = solve_in_child(
            problem=formats.problem_to_json(problem),
            limits=self._solver_limits(),
            child=self._caps.child,
            observe=self._observe,
            besides={"pipeline": asked},
        )
        self._raise_if_stopped()
        if result.ended is not Ended.ANSWERED or result.answer is None:
            raise _FailedError(
                Failure(
                    code=CHILD_DIED,
                    detail=f"The outcomes could not be computed ({result.ended.value}). Ask for fewer weeks or deals, or report the fault.",
                    incident=result.stderr,
                )
            )
        return list(result.answer["outcomes"])

    def _solver_limits(self) -> Any:
        return solver_limits(self._limits, time_cap_s=self._caps.time_s, workers_cap=self._caps.workers)

    def _observe(self, progress: Progress | None) -> bool:
        self._interrupted |= self._stopping.is_set()
        if progress is None:
            self._cancelled |= job_rows.is_cancelled(self._store, job_id=self._sweep.id)
        else:
            self._cancelled |= job_rows.note_progress(self._store, seconds=progress.seconds, gap=coarse_gap(progress.gap))
        return self._interrupted or self._cancelled

    def _raise_if_stopped(self) -> None:
        if self._interrupted:
            raise JobInterrupted
        if self._cancelled:
            raise _StoppedError


class _Series:
    """The plans that answer one question."""

    def __init__(self, request: SweepRequest, snapshot: Snapshot, plans: _Plans) -> None:
        self._request, self._snapshot, self._plans = request, snapshot, plans
        self._kinds: Mapping[SweepKind, Callable[[], dict[str, Any]]] = {
            SweepKind.HIRES: self._hires,
            SweepKind.CHURN_FRONTIER: self._churn,
            SweepKind.FAIRNESS_FRONTIER: self._fairness,
            SweepKind.EARLIEST_START: self._earliest_start,
            SweepKind.PIPELINE: self._pipeline,
        }

    def answer(self) -> dict[str, Any]:
        """What is kept of it, as plain JSON."""
        return {"currency": self._snapshot.firm.currency, **self._kinds[self._request.kind]()}

    def _hires(self) -> dict[str, Any]:
        """None, one, two ... hired; what each number is worth beyond none, and the last one beyond the others."""
        assert self._request.profile is not None
        before: list[tuple[Staffing, Answer]] = []
        points = []
        for count in range(self._request.count + 1):
            staffing = to_problem(with_hires(self._snapshot, self._request.profile, count), self._request.plan)
            answer = self._plans.best(staffing.problem)
            point = {"hires": count, **reading(staffing, answer)}
            if before:
                last = worth(before[-1][1], answer)
                point[TELLING] |= worth(before[0][1], answer)
                point[TELLING] |= {f"last_{name}": amount for name, amount in last.items()}
                point[TELLING]["estimate_minor"] = _estimate(staffing, before[0][1], count)
            before.append((staffing, answer))
            points.append(point)
        return {"points": points}

    def _churn(self) -> dict[str, Any]:
        free = to_problem(self._snapshot, self._request.plan)
        most = self._point(free)
        steps = self._request.points - 1
        caps = sorted({most["new_minutes"] * n // steps for n in range(steps)} - {most["new_minutes"]})
        return self._frontier([most, *(self._point(with_churn_cap(free, cap)) for cap in caps)])

    def _fairness(self) -> dict[str, Any]:
        base = to_problem(self._snapshot, self._request.plan)
        costs = fairness_costs(base.problem, self._request.points)
        return self._frontier([{**self._point(with_fairness_cost(base, cost)), "fairness_cost_minor": cost} for cost in costs])

    def _point(self, staffing: Staffing) -> dict[str, Any]:
        point = reading(staffing, self._plans.best(staffing.problem))
        return {**point, "new_minutes": point["churn"]["new_minutes"]}

    def _frontier(self, points: list[dict[str, Any]]) -> dict[str, Any]:
        axis = _AXES[self._request.kind]
        if any(one[TELLING]["margin_after_bench_minor"] is None for one in points):
            return {"axis": axis, "points": [], "dominated": 0}
        kept = not_dominated(points, axis=axis)
        return {"axis": axis, "points": kept, "dominated": len(points) - len(kept)}

    def _earliest_start(self) -> dict[str, Any]:
        """Week after week: can it be staffed at all, and is it then part of the best plan?"""
        assert self._request.project_id is not None
        bid = Bid(self._snapshot, self._request.plan, self._request.project_id)
        weeks: list[dict[str, Any]] = []
        possible = found = None
        amounts = None
        for start in bid.starts(self._request.weeks):
            monday = (self._request.plan.horizon_start + timedelta(weeks=start)).isoformat()
            staffing = bid.starting(start)
            alone = self._plans.best(bid.alone(staffing.problem))
            if not bid.is_in(alone):
                weeks.append({"start_week": monday, "verdict": "cannot_be_staffed" if _is_proven(alone) else "not_decided"})
                continue
            possible = possible or monday
            answer = self._plans.best(staffing.problem)
            if bid.is_in(answer):
                weeks.append({"start_week": monday, "verdict": "starts"})
                found, amounts = monday, worth(self._plans.best(bid.without().problem), answer)
                break
            weeks.append({"start_week": monday, "verdict": "not_worth_it" if _is_proven(answer) else "not_decided"})
        return {
            "project": {"id": bid.project.id, "name": bid.project.name},
            "weeks": weeks,
            "earliest_possible_week": possible,
            "earliest_week": found,
            "is_proven": all(one["verdict"] != "not_decided" for one in weeks),
            TELLING: amounts,
        }

    def _pipeline(self) -> dict[str, Any]:
        request = self._request
        found = pipeline(self._snapshot, request.plan)
        wanted = list(outcomes(found, samples=request.samples, seed=request.plan.limits.seed))
        asked = {
            "deals": [
                {"project": deal.id, "freed": {person: list(map(list, rows)) for person, rows in deal.freed.items()}}
                for deal in found.deals
            ],
            "bills": {demand: bill_to_json(bill) for demand, bill in found.staffing.bills.items()},
            "wanted": [sorted(won) for won in wanted],
        }
        told = {frozenset(one["won"]): one for one in self._plans.explored(found.staffing.problem, asked)}
        return {
            "deals": [{"id": d.id, "name": d.name, "probability": str(float(d.chance))} for d in found.deals],
            **summary(found, told, samples=request.samples, seed=request.plan.limits.seed),
            "thresholds": [_threshold(chance, won, told) for chance, won in thresholds(found)],
        }


def _estimate(staffing: Staffing, before: Answer, count: int) -> int | None:
    """What the prices of the plan without hires say that so many are worth."""
    from solver_models.staffing.value import estimate_of_people  # it loads the pricing, which no other sweep needs

    if before.certificate is None:
        return None
    return estimate_of_people(staffing.problem, before.certificate, set(hired_ids(count))) // 60


def _is_proven(answer: Answer) -> bool:
    return answer.status in (Status.OPTIMAL, Status.INFEASIBLE)


def _threshold(chance: Fraction, won: frozenset[str], told: Mapping[frozenset[str], Mapping[str, Any]]) -> dict[str, Any]:
    """What it comes to when just the deals are won that are at least so likely."""
    one = told.get(won)
    return {
        "min_probability": str(float(chance)),
        "won": sorted(won),
        "coverage": None if one is None else one["coverage"],
        TELLING: None
        if one is None
        else {
            "margin_minor": one["margin_minor"],
            "worth_low_minor": one["low_x60"] // 60,
            "worth_high_minor": -(-one["high_x60"] // 60),
        },
    }
