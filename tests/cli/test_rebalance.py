"""``muster rebalance`` from outside: who computes, what is printed, the exit code."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from scheduler.cli import app
from scheduler.commands.rebalance import monday_of, require_usable
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PlanId
from scheduler.domain.staffing.plans import Plan, PlanState
from tests.cli.muster_process import muster
from tests.factories import MONDAY
from tests.jobs.firms import application, booked_ann_and_idle_bob, load

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.application import Application

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
