"""Making a change set of a plan that was computed for a rebalance policy, and applying what needs nobody's leave."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.change_sets import NO_PLAN, ChangeGroup, ChangeSet, ChangeSetState, GroupState, change_set_ready
from scheduler.domain.staffing.plan_changes import ChangeKind, change_id
from scheduler.domain.staffing.plans import OPEN_STATES, PlanState
from scheduler.domain.staffing.work import BookingState
from scheduler.jobs.decisions import Approval, approve_groups
from scheduler.jobs.job_rows import WORKER
from scheduler.jobs.recorded_time import count_for_plan
from scheduler.planning.broken import PREFIX
from scheduler.planning.change_grouping import Group, Grouping, grouping
from scheduler.planning.staffing_json import staffing_from_json
from scheduler.planning.wording import minor_units
from scheduler.store import retried
from scheduler.usecases.rebalance_runs import POLICIES, SETS
from solver_models.staffing import formats
from solver_models.staffing.minutes import Terms
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping, Sequence

    from scheduler.domain.ground.jobs import JobOutcome
    from scheduler.domain.staffing.plans import Plan
    from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
    from scheduler.domain.staffing.work import Booking
    from scheduler.jobs.engine import JobHandler
    from scheduler.planning.staffing import Staffing
    from scheduler.store import Store, View
    from solver_models.staffing.problem import Run

    Pair = tuple[str, str]

_LOG = logging.getLogger("muster.jobs")


class SolveForRebalance:
    """Does what ``solve`` does for a plan, then makes the change set that waits for it. Repeatable, as every handler."""

    def __init__(self, solve: JobHandler, *, store: Store) -> None:
        self._solve = solve
        self._store = store

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome | None:
        """Count what was recorded, compute the plan, and what follows from it."""
        count_for_plan(self._store, target_id)
        outcome = self._solve.run(target_id, stopping)
        make_change_set(self._store, plan_id=target_id)
        return outcome

    def requeue(self, target_id: str, /) -> None:
        """As the plan's."""
        self._solve.requeue(target_id)

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """Record it with the plan, and with the set that waits for it."""
        self._solve.crashed(target_id, error)
        make_change_set(self._store, plan_id=target_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that a change set is made from."""

    found: ChangeSet
    policy: RebalancePolicy
    plan: Plan
    staffing: Staffing | None
    mends: Mapping[Pair, str]
    """Why bookings no longer hold, by person and demand."""
    bookings: Mapping[Pair, Booking]


def make_change_set(store: Store, *, plan_id: str) -> None:
    """Make the set that waits for this plan, if one does and the plan has ended; then apply what the policy allows unasked."""
    case = _read(store, plan_id)
    if case is None:
        return
    if case.found.state is ChangeSetState.QUEUED:
        made = _made(case)
        if not _record(store, made, case.policy):
            return
        case = replace(case, found=made)
    if case.found.state is ChangeSetState.READY and not case.found.is_dry_run:
        _apply_unasked(store, case)


@retried
def _read(store: Store, plan_id: str) -> _Case | None:
    with store.read(WORKER) as view:
        waiting: Sequence[ChangeSet] = view.area(SETS).matching(plan_id=plan_id)
        if not waiting:
            return None
        plan, kept = view.plans.get(plan_id), view.plans.problem(plan_id)
        if plan.state in OPEN_STATES:
            return None
        staffing = None if kept is None else staffing_from_json({"problem": kept.problem, **kept.statements})
        policy = view.area(POLICIES).get(waiting[0].policy_id)
        return _Case(
            found=waiting[0], policy=policy, plan=plan, staffing=staffing, mends=_mends(staffing), bookings=_bookings(view, staffing)
        )


def _mends(staffing: Staffing | None) -> dict[Pair, str]:
    said = [] if staffing is None else [one for one in staffing.left_out if one.code.startswith(PREFIX)]
    return {(str(one.id), one.facts["demand"]): one.code.removeprefix(PREFIX) for one in reversed(said) if one.facts.get("demand")}


def _bookings(view: View, staffing: Staffing | None) -> dict[Pair, Booking]:
    if staffing is None:
        return {}
    people = {run.person for run in staffing.problem.current}
    booked = view.bookings.among("person_id", people)
    return {(b.person_id, b.demand_id): b for b in booked if b.demand_id is not None and b.period.overlaps(staffing.grid.days)}


def _made(case: _Case) -> ChangeSet:
    now = datetime.now(UTC)
    plan, staffing = case.plan, case.staffing
    answer = None if plan.result is None or staffing is None else formats.plan_from_json(plan.result["answer"], staffing.problem)
    if plan.state is not PlanState.SUCCEEDED or staffing is None or answer is None or answer.assignments is None:
        code = plan.failure_code or NO_PLAN
        return replace(case.found, state=ChangeSetState.FAILED, failure_code=code, finished_at=now)
    least = minor_units(case.policy.min_worth, staffing.problem.currency) * 60
    parts = grouping(staffing.problem, answer.assignments, min_worth_x60=least, mends=case.mends)
    groups = _groups(case, staffing, parts, answer.assignments)
    return replace(
        case.found,
        state=ChangeSetState.READY if groups else ChangeSetState.EMPTY,
        finished_at=now,
        gain_x60=parts.gain_x60,
        dropped_count=parts.dropped,
        groups=groups,
    )


def _groups(case: _Case, staffing: Staffing, parts: Grouping, planned: Sequence[Run]) -> tuple[ChangeGroup, ...]:
    before, after = ({(run.person, run.demand): run for run in runs} for runs in (staffing.problem.current, planned))
    terms = Terms(staffing.problem)
    made = []
    for position, part in enumerate(parts.groups, start=1):
        changes = [_change(case, staffing, pair, before.get(pair), after.get(pair)) for pair in sorted(part.pairs)]
        reasons = _reasons(case, terms, part, before, after)
        made.append(ChangeGroup(position=position, changes=tuple(changes), reasons=tuple(reasons), worth_x60=part.worth_x60))
    return tuple(made)


def _change(case: _Case, staffing: Staffing, pair: Pair, was: Run | None, now: Run | None) -> dict[str, Any]:
    person, demand = pair
    kind = ChangeKind.NEW if was is None else ChangeKind.DROPPED if now is None else ChangeKind.CHANGED
    booking = case.bookings.get(pair)
    return {
        "id": change_id(person, demand),
        "person_id": person,
        "demand_id": demand,
        "project_id": next(d.project for d in staffing.problem.demands if d.id == demand),
        "kind": kind.value,
        "was": None if was is None else {**_run(staffing, was), "state": None if booking is None else booking.state.value},
        "now": None if now is None else _run(staffing, now),
    }


def _run(staffing: Staffing, run: Run) -> dict[str, Any]:
    return {
        "first_week": staffing.problem.periods[run.first],
        "last_week": staffing.problem.periods[run.last],
        "share": f"{run.share_e4 / E4:.4f}".rstrip("0").rstrip("."),
        "shift_weeks": run.shift + staffing.base_shift.get(run.demand, 0),
    }


def _reasons(case: _Case, terms: Terms, part: Group, before: Mapping[Pair, Run], after: Mapping[Pair, Run]) -> list[dict[str, Any]]:
    """What the group mends, and which demands it fills or leaves; else it is simply worth more."""
    said: list[dict[str, Any]] = [
        {"code": "mends", "person_id": pair[0], "demand_id": pair[1], "why": case.mends[pair]}
        for pair in sorted(part.pairs)
        if pair in case.mends
    ]
    filled = Counter[str]()
    for sign, runs in ((1, after), (-1, before)):
        for pair in part.pairs:
            if (run := runs.get(pair)) is not None:
                row = terms.minutes(run.person, run.demand, run.share_e4, run.shift)
                filled[run.demand] += sign * sum(row[run.first : run.last + 1])
    for demand, minutes in sorted(filled.items()):
        if minutes:
            said.append({"code": "fills" if minutes > 0 else "leaves", "demand_id": demand, "minutes": abs(minutes)})
    return said or [{"code": "worth_more"}]


@retried
def _record(store: Store, made: ChangeSet, policy: RebalancePolicy) -> bool:
    """Keep the set, close the earlier ones of its policy, and tell of it; whether it was still waiting."""
    with store.begin(WORKER) as tx:
        rows = tx.area(SETS)
        if rows.get(made.id).state is not ChangeSetState.QUEUED:
            return False
        rows.save(made)
        if made.state is ChangeSetState.READY and not made.is_dry_run:
            for earlier in rows.matching(policy_id=made.policy_id):
                if earlier.id != made.id and earlier.state is ChangeSetState.READY:
                    rows.save(replace(earlier, state=ChangeSetState.SUPERSEDED))
            to_decide = sum(not policy.allows_unasked(_moves(group)) for group in made.groups)
            tx.announce(change_set_ready(made, to_decide=to_decide, told=policy.tell))
        return True


def _moves(group: ChangeGroup) -> list[tuple[ChangeKind, BookingState | None]]:
    """Each change with the state of the booking that it moves."""
    return [
        (ChangeKind(one["kind"]), None if one["was"] is None else BookingState(one["was"]["state"] or BookingState.CONFIRMED.value))
        for one in group.changes
    ]


def _apply_unasked(store: Store, case: _Case) -> None:
    for group in case.found.groups:
        if group.state is not GroupState.OPEN or not case.policy.allows_unasked(_moves(group)):
            continue
        try:
            approve_groups(
                store,
                actor=WORKER,
                change_set_id=case.found.id,
                expected_version=None,
                approval=Approval(groups=(group.position,)),
                now=datetime.now(UTC),
            )
        except DomainError as error:
            _LOG.warning("group %s of change set %s was left to be decided: %s", group.position, case.found.id, error.code)
