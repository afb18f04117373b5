"""``muster rebalance`` from outside: who computes, what is printed, the exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from scheduler.application import Application
from scheduler.cli import app
from scheduler.commands.rebalance import monday_of, require_usable
from scheduler.commands.rebalance_policy import run_named_policy
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PlanId, RebalancePolicyId
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.rebalance_policies import RebalancePolicy, Unasked
from scheduler.domain.staffing.work import WeekEffort
from tests.cli.muster_process import muster
from tests.factories import MONDAY, make_demand
from tests.jobs import bad_solver
from tests.jobs.firms import application, booked_ann_and_idle_bob, load

COMMAND = ("rebalance", "--from", MONDAY, "--weeks", 8, "--workers", 1, "--database")


def booked(app_: Application) -> list[tuple[str, str | None, str]]:
    with app_.store.read(LOCAL) as view:
        return sorted((b.person_id, b.demand_id, b.state.value) for b in view.bookings.all())


@pytest.mark.postgresql
def test_s30_beside_a_server_on_postgresql_too_much_moves(tmp_path: Path, migrated_postgres_url: str) -> None:
    """The running server's worker computes the plan; half of the bookings would move: exit 5, what and whose, and nothing is applied."""
    server = application(migrated_postgres_url)
    load(server.store, booked_ann_and_idle_bob())
    before = booked(server)
    server.start()
    try:
        done = muster(*COMMAND, migrated_postgres_url, "--json", cwd=tmp_path)
    finally:
        server.stop()
    assert done.returncode == 5, done.stderr
    report = json.loads(done.stdout)
    assert {key: report[key] for key in ("outcome", "bookings_in_force", "bookings_moved", "moved_share", "people_told_moved")} == {
        "outcome": "review",
        "bookings_in_force": 2,
        "bookings_moved": 1,
        "moved_share": 0.5,
        "people_told_moved": 1,
    }
    (moved,) = report["moved"]
    assert (moved["person"]["name"], moved["demand"]["id"], moved["change"], moved["now"]) == ("Ann", "alpha-later", "dropped", None)
    assert booked(server) == before


def test_s30_on_sqlite_it_applies_what_is_within_the_limit(tmp_path: Path, migrated_sqlite_url: str) -> None:
    """While another process writes it refuses; then it applies, and says what moved, in words."""
    app_ = application(migrated_sqlite_url)
    load(app_.store, booked_ann_and_idle_bob())
    app_.open_to_write()
    refused = CliRunner().invoke(app, [str(argument) for argument in (*COMMAND, migrated_sqlite_url)])
    assert isinstance(refused.exception, DomainError)
    assert refused.exception.code == "database.in_use"
    app_.stop()
    done = muster(*COMMAND, migrated_sqlite_url, "--max-moved", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Applied: ")
    assert "1 of 2 bookings in force moved (50.0%), of 1 person; 1 of 1 person told already (100.0%)" in done.stdout
    assert "moved: Ann on Later (Alpha), weeks 2027-03-29 to 2027-04-12 at 100 %, confirmed -> dropped in the weeks planned" in done.stdout
    assert "new: Bob on Later (Alpha), weeks 2027-03-29 to 2027-04-12 at 100 %, tentative" in done.stdout
    assert booked(app_) == [("ann", "alpha-running", "confirmed"), ("bob", "alpha-later", "tentative")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--max-moved", "1.5"),
        ("--max-moved", "nan"),
        ("--max-moved", "five"),
        ("--churn-cost", "-1"),
        ("--churn-cost", "1e999999"),
        ("--frozen-weeks", "27"),
        ("--frozen-weeks", "-1"),
        ("--from", "2027-01-05"),
        ("--from", "soon"),
        ("--weeks", "0"),
        ("--time-limit", "nan"),
    ],
)
def test_s17_a_rebalance_out_of_range(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Refused before a database is so much as created."""
    database = tmp_path / "none.db"
    done = CliRunner().invoke(app, ["rebalance", *arguments, "--database", f"sqlite:///{database}"])
    assert isinstance(done.exception, Refused | DomainError)
    assert not database.exists()


@pytest.mark.parametrize(
    ("state", "status", "assignments", "code"),
    [
        (PlanState.CANCELLED, "feasible", [], 130),
        (PlanState.SUCCEEDED, "infeasible", None, 3),
        (PlanState.SUCCEEDED, "unknown", None, 4),
        (PlanState.SUCCEEDED, "feasible", [], None),
    ],
)
def test_only_a_plan_that_ended_by_itself_with_assignments_is_used(
    state: PlanState, status: str, assignments: list[object] | None, code: int | None
) -> None:
    """One that Ctrl-C cut short is not applied, however good it is; without assignments there is nothing to apply."""
    view = {"assignments": assignments, "conflicts": [], "summary": "So it is."}
    result = {"answer": {"status": status}, "view": view}
    plan = Plan(id=PlanId("p"), state=state, request={}, actor_id=LOCAL.id, created_at=datetime.now(UTC), result=result)
    if code is None:
        require_usable(plan)
        return
    with pytest.raises(Refused) as caught:
        require_usable(plan)
    assert caught.value.exit_code == code


def test_it_begins_with_the_current_week() -> None:
    """Without ``--from`` the horizon starts on the last Monday, which is today on a Monday."""
    assert [monday_of(date(2027, 1, day)) for day in (3, 4, 10, 11)] == [
        date(2026, 12, 28),
        date(2027, 1, 4),
        date(2027, 1, 4),
        date(2027, 1, 11),
    ]


@pytest.fixture
def at_night(migrated_sqlite_url: str) -> Application:
    """Ann is booked, a demand is open, and the policy Nightly plans both anew; the weeks are those that come."""
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    effort = [WeekEffort(week=monday + timedelta(weeks=n), minutes=1_200) for n in range(1, 4)]
    app_ = application(migrated_sqlite_url)
    firm = booked_ann_and_idle_bob()
    load(app_.store, replace(firm, demands=(), bookings=()))
    policy = RebalancePolicy(id=RebalancePolicyId("p1"), name="Nightly", weeks=6, frozen_weeks=0, churn_cost=Decimal(1), time_limit_s=20)
    with app_.store.begin(LOCAL) as tx:
        tx.area("rebalance_policies").add(policy)
        tx.demands.add(replace(make_demand(), effort=tuple(effort)))
    return app_


def night(app_: Application, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = muster("rebalance", "--policy", *arguments, "--json", "--database", app_.settings.database, cwd=Path.cwd())
    return done.returncode, json.loads(done.stdout or "{}")


def test_a_policy_from_cron(at_night: Application) -> None:
    """Exit 5 while groups are to be decided, 0 when nothing is: JSON has the set with its proof; a dry run leaves nothing to decide."""
    code, report = night(at_night, "nightly", "--dry-run")
    assert (code, report["state"], report["is_dry_run"], report["policy"]) == (5, "ready", True, "Nightly")
    assert (report["proof"]["status"], booked(at_night)) == ("optimal", [])
    code, report = night(at_night, "Nightly")
    (group,) = report["groups"]
    assert (code, group["state"], group["reasons"][0]["code"]) == (5, "open", "fills")
    assert [one["kind"] for one in group["changes"]] == ["new"]
    assert group["worth_x60"] == report["gain_x60"] > 0
    code, report = night(at_night, "Nightly")
    assert (code, report["state"]) == (0, "empty")
    with at_night.store.begin(LOCAL) as tx:
        tx.area("rebalance_policies").save(replace(tx.area("rebalance_policies").get("p1"), unasked=Unasked.ALL))
    code, report = night(at_night, "Nightly")
    assert (code, report["state"], len(booked(at_night))) == (0, "decided", 1)


def test_a_policy_that_is_none_or_cannot_be_run(
    at_night: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown name is refused before anything runs; a solver that dies every time is exit 1, with the code."""
    assert night(at_night, "Weekly") == (2, {})
    dies = (sys.executable, str(Path(bad_solver.__file__)), "segfault")
    monkeypatch.setattr(Application.__init__, "__kwdefaults__", {**(Application.__init__.__kwdefaults__ or {}), "solver_command": dies})
    with pytest.raises(typer.Exit) as ended:
        run_named_policy("Nightly", dry_run=False, as_json=True, database=at_night.settings.database)
    failed = json.loads(capsys.readouterr().out)
    assert (ended.value.exit_code, failed["state"], failed["failure_code"]) == (1, "failed", "solver.crashed")
