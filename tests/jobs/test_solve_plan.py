"""
Plans as jobs, from the request to what is recorded.

On both databases where the worker and somebody else write at the same time; what is made of a solver's answer is the same on each.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.plans import PlanState
from scheduler.jobs.solver_child import SOLVER_COMMAND
from scheduler.queries.plans import get_plan_problem
from scheduler.usecases.plans import cancel_plan
from tests.factories import make_snapshot
from tests.jobs.firms import RUN, WIRE_RUN, application, ask, contradictory_firm, load, outcome_of, plan_of, small_firm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scheduler.application import Application
    from scheduler.planning.snapshot import Snapshot

    Run = Callable[..., Application]

BAD_SOLVER = str(Path(__file__).with_name("bad_solver.py"))


def bad(fault: str, value: object = None) -> tuple[str, ...]:
    return (sys.executable, BAD_SOLVER, fault) if value is None else (sys.executable, BAD_SOLVER, fault, json.dumps(value))


def bad_once(marker: Path, fault: str, value: object = None) -> tuple[str, ...]:
    """Misbehaves the first time and is the real solver ever after."""
    return (
        sys.executable,
        BAD_SOLVER,
        "once",
        str(marker),
        json.dumps(SOLVER_COMMAND),
        fault,
        *([] if value is None else [json.dumps(value)]),
    )


def starting(url: str) -> Iterator[Run]:
    """Starts applications with a firm in their database, and stops them at the end."""
    apps: list[Application] = []

    def start(*, firm: Snapshot | None = None, solver_command: Sequence[str] = SOLVER_COMMAND, **settings: Any) -> Application:
        app = application(url, solver_command=solver_command, **settings)
        apps.append(app)
        load(app.store, firm or small_firm())
        app.start()
        return app

    yield start
    for app in apps:
        app.stop()


@pytest.fixture
def started(prepared_sqlite_url: str) -> Iterator[Run]:
    """A running application with a firm in its database."""
    yield from starting(prepared_sqlite_url)


@pytest.fixture
def started_on_both(prepared_url: str) -> Iterator[Run]:
    """A running application with a firm in its database: once on SQLite and once on PostgreSQL."""
    yield from starting(prepared_url)


def answer(**changes: Any) -> dict[str, Any]:
    """What a solver could say of the small firm: Ann earns 80 h x (100 - 50) and idles 240 h x 50 = -8,000.00 EUR."""
    return {
        "format": "staffing-plan/1",
        "status": "feasible",
        "assignments": [RUN],
        "objective_x60": -48_000_000,
        "bound_x60": 10**9,
        "proof": "search",
        **changes,
    }


def test_a_plan_is_computed_and_recorded(started_on_both: Run) -> None:
    """A requested plan ends succeeded, with the verified answer, its reading in planner's words, and what it was computed from."""
    app = started_on_both()
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.attempts, plan.failure_code) == (PlanState.SUCCEEDED, 1, None)
    assert plan.result is not None
    assert plan.result["answer"]["status"] == "optimal"
    assert plan.result["view"]["assignments"][0]["person"]["name"] == "Ann"
    assert plan.result["ended"]["timed_out"] is False
    assert plan.result["nothing_to_plan"] is False
    kept = get_plan_problem(app.store, actor=LOCAL, plan_id=plan.id)
    assert kept.problem["format"] == "staffing-problem/1"
    assert kept.row_versions["people"] == {"ann": 1}
    assert kept.statements["valuation"]


def test_s01_an_empty_firm_has_nothing_to_plan(started: Run) -> None:
    """Without demands the plan succeeds at once, empty, and claims no optimum."""
    app = started(firm=make_snapshot(demands=()), solver_command=bad("segfault"))
    plan = outcome_of(app, ask(app))
    assert plan.state is PlanState.SUCCEEDED
    assert plan.result is not None
    assert (plan.result["nothing_to_plan"], plan.result["view"]["assignments"]) == (True, [])
    assert "Nothing to plan" in plan.result["view"]["summary"]
    assert "optimal" not in json.dumps(plan.result)


def test_s10_contradictory_pins_are_a_finding_with_a_plan_beside_it(started: Run) -> None:
    """Two full-time pins on one person: a succeeded job, every conflict in words, and the plan without the conflicting pin."""
    app = started(firm=contradictory_firm())
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_code) == (PlanState.SUCCEEDED, None)
    assert plan.result is not None
    assert plan.result["answer"]["status"] == "infeasible"
    conflicts = [conflict["sentence"] for conflict in plan.result["view"]["conflicts"]]
    assert conflicts
    assert all("Ann is booked for 80 h" in sentence for sentence in conflicts)
    beside = plan.result["alternative"]
    (dropped,) = beside["dropped"]
    assert (dropped["person"], dropped["demand"], dropped["share"]) == (
        {"id": "ann", "name": "Ann"},
        {"id": "alpha-lead", "name": "Lead"},
        "1",
    )
    assert (dropped["first_week"], dropped["shift_weeks"]) == ("2027-03-01", 0)
    filled = {(run["person"], run["demand"]) for run in beside["answer"]["assignments"]}
    assert filled == {("ann", "alpha-dev"), ("bob", "alpha-lead")}


INFEASIBLE = {"format": "staffing-plan/1", "status": "infeasible", "assignments": None, "conflicts": [{"rule": "capacity", "facts": {}}]}


def test_s11_infeasible_without_a_conflict_is_discarded(started: Run, caplog: pytest.LogCaptureFixture) -> None:
    """A solver that says infeasible of a problem whose pins break nothing is not believed; the incident is logged."""
    app = started(solver_command=bad("answer", INFEASIBLE))
    with caplog.at_level(logging.ERROR, logger="muster.jobs"):
        plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_code, plan.result) == (PlanState.FAILED, "solver.rejected", None)
    assert "says infeasible" in caplog.text
    assert plan.id in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"assignments": [{**RUN, "share": 0.5}]}, id="broken rule"),
        pytest.param({"objective_x60": 1}, id="wrong objective"),
        pytest.param({"assignments": [{**RUN, "person": "nobody"}]}, id="unknown person"),
        pytest.param({"bound_x60": -(10**12)}, id="bound below the plan"),
        pytest.param({"surprise": 1}, id="not the format"),
    ],
)
def test_s12_an_answer_that_fails_the_check_is_never_shown(started: Run, wrong: dict[str, Any]) -> None:
    """Any planted fault in the answer fails the job as rejected; no result is kept, the input is."""
    app = started(solver_command=bad("answer", answer(**wrong)))
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_code, plan.result) == (PlanState.FAILED, "solver.rejected", None)
    assert get_plan_problem(app.store, actor=LOCAL, plan_id=plan.id).problem["people"]


def test_an_honest_answer_in_the_same_words_is_shown(started: Run) -> None:
    """The planted faults above are what is refused, not the way they are told."""
    app = started(solver_command=bad("answer", answer()))
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_detail) == (PlanState.SUCCEEDED, None)


def test_s12_a_contradiction_is_rejected(started: Run) -> None:
    """A solver that catches itself out has no answer."""
    app = started(solver_command=bad("contradiction"))
    assert outcome_of(app, ask(app)).failure_code == "solver.rejected"


def test_s18_a_hung_solve_keeps_its_best_plan_and_the_worker_lives(started_on_both: Run, tmp_path: Path) -> None:
    """SIGKILL after limit and grace: the last plan shown is checked, priced and kept as timed out; the next plan runs as ever."""
    app = started_on_both(solver_command=bad_once(tmp_path / "marker", "hang", [WIRE_RUN]))
    plan = outcome_of(app, ask(app, time_limit_s=1))
    assert (plan.state, plan.failure_detail) == (PlanState.SUCCEEDED, None)
    assert plan.result is not None
    assert plan.result["ended"]["timed_out"] is True
    assert plan.result["answer"]["status"] == "feasible"
    assert plan.result["answer"]["objective_x60"] == answer()["objective_x60"]
    following = outcome_of(app, ask(app))
    assert following.result is not None
    assert following.result["answer"]["status"] == "optimal"


def test_s18_a_hung_solve_without_a_plan_fails_as_timed_out(started: Run) -> None:
    """Nothing was found, so nothing is shown, and the message says what to do."""
    app = started(solver_command=bad("hang"))
    plan = outcome_of(app, ask(app, time_limit_s=1))
    assert (plan.state, plan.failure_code) == (PlanState.FAILED, "solver.timed_out")
    assert "more time" in str(plan.failure_detail)


def test_s18_an_incumbent_that_breaks_rules_is_not_shown_either(started: Run) -> None:
    """The plan of a killed solver passes the same check as any other."""
    app = started(solver_command=bad("hang", [["ann", "alpha-lead", 5_000, 0, 3, 0]]))
    assert outcome_of(app, ask(app, time_limit_s=1)).failure_code == "solver.rejected"


def test_s19_memory_beyond_the_cap_fails_with_a_size_hint(started: Run) -> None:
    """The child is killed, the plan fails once and for all, and says how large the problem is."""
    app = started(solver_command=bad("memory"), solve_memory_mb=256)
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_code, plan.attempts) == (PlanState.FAILED, "memory_limit", 1)
    assert "1 people, 1 demands, 8 weeks" in str(plan.failure_detail)


def test_a_crashed_solver_is_tried_again(started: Run, tmp_path: Path) -> None:
    """A segmentation fault stays in the child; the plan is computed by another one."""
    app = started(solver_command=bad_once(tmp_path / "marker", "segfault"))
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.attempts) == (PlanState.SUCCEEDED, 2)


def test_j02_a_solver_that_always_crashes_fails_the_plan_and_not_the_worker(started: Run) -> None:
    """The third crash is the last; the queue flows on."""
    app = started(solver_command=bad("segfault"))
    plan = outcome_of(app, ask(app))
    assert (plan.state, plan.failure_code, plan.attempts) == (PlanState.FAILED, "solver.crashed", 3)
    assert app.is_ready()


def wait_for_progress(app: Application, plan: Any) -> None:
    deadline = time.monotonic() + 30
    while plan_of(app, plan).progress is None:
        assert time.monotonic() < deadline, "no progress was noted"
        time.sleep(0.05)


def test_a_running_plan_is_cancelled_and_keeps_its_best_plan(started_on_both: Run) -> None:
    """The flag reaches the child within a moment; the plan ends cancelled, with the best verified plan so far."""
    app = started_on_both(solver_command=bad("hang", [WIRE_RUN]))
    plan = ask(app, time_limit_s=300)
    wait_for_progress(app, plan)
    assert plan_of(app, plan).state is PlanState.RUNNING
    cancel_plan(app.store, actor=LOCAL, plan_id=plan.id, now=datetime.now(UTC))
    ended = outcome_of(app, plan, timeout_s=20)
    assert ended.state is PlanState.CANCELLED
    assert ended.result is not None
    assert ended.result["ended"]["stopped"] is True
    assert len(ended.result["answer"]["assignments"]) == 1


def test_a_cancelled_plan_without_any_plan_yet_is_just_cancelled(started: Run) -> None:
    """Nothing found, nothing kept, and no failure either."""
    app = started(solver_command=bad("hang"))
    plan = ask(app, time_limit_s=300)
    while plan_of(app, plan).state is PlanState.QUEUED:
        time.sleep(0.05)
    cancel_plan(app.store, actor=LOCAL, plan_id=plan.id, now=datetime.now(UTC))
    ended = outcome_of(app, plan, timeout_s=20)
    assert (ended.state, ended.result, ended.failure_code) == (PlanState.CANCELLED, None, None)


def test_a_plan_cancelled_in_the_queue_never_runs(started_on_both: Run) -> None:
    """While the worker is busy with another plan, a queued one is cancelled at once and its job does nothing."""
    app = started_on_both(solver_command=bad("hang"))
    busy, waiting = ask(app, time_limit_s=2), ask(app)
    cancel_plan(app.store, actor=LOCAL, plan_id=waiting.id, now=datetime.now(UTC))
    assert outcome_of(app, busy).state is PlanState.FAILED
    time.sleep(1)
    assert (plan_of(app, waiting).state, plan_of(app, waiting).attempts) == (PlanState.CANCELLED, 0)
