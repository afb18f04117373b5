"""``muster demo``: a fictional firm, planned and printed, then served."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scheduler.commands.installation import settings_with, working
from scheduler.commands.plan_report import print_plan
from scheduler.commands.planning import plan_now
from scheduler.commands.serve import run_server
from scheduler.domain.ground.access import LOCAL
from scheduler.planning.request import PlanRequest, SolveLimits
from scheduler.queries.plans import get_plan_problem
from scheduler.sample_firm import HORIZON_START, WEEKS, load_sample_firm
from scheduler.sample_firm.logins import make_demo_users

if TYPE_CHECKING:
    from scheduler.config import Settings
    from scheduler.sample_firm.logins import DemoLogin

TIME_LIMIT_S = 18.0
"""Less than 20 s of solving in all, with what it takes to start and to stop."""


def demo(
    *,
    exit_after: bool = typer.Option(False, "--exit", help="Stop after the print; do not serve."),
    port: int | None = typer.Option(None, "--port", min=1, max=65535, help="Where to serve; default: 8000."),
) -> None:
    """
    Plan the sample firm: about 40 people, 70 demands, 26 weeks.

    Everything happens in a temporary SQLite database that goes away at the end. Afterwards the API is served on this machine, so that you
    can look around; Ctrl-C ends it.
    """
    with tempfile.TemporaryDirectory(prefix="muster-demo-") as folder:
        settings = settings_with(database_url=f"sqlite:///{Path(folder) / 'demo.db'}", port=port)
        logins = _plan_and_print(settings)
        print("\nDemo users (login, password, role):")
        for one in logins:
            print(f"  {one.user.login:<10} {one.password:<18} {one.user.role}")
        if not exit_after:
            print()
            run_server(settings)


def _plan_and_print(settings: Settings) -> tuple[DemoLogin, ...]:
    request = PlanRequest(horizon_start=HORIZON_START, weeks=WEEKS, limits=SolveLimits(time_limit_s=TIME_LIMIT_S))
    with working(settings) as application:
        loaded = load_sample_firm(application.store, actor=LOCAL, now=datetime.now(UTC))
        print(f"Sample firm: {loaded.summary()}", flush=True)
        plan = plan_now(application, request)
        kept = get_plan_problem(application.store, actor=LOCAL, plan_id=plan.id)
        logins = make_demo_users(application.store, now=datetime.now(UTC))
    assert plan.result is not None
    print_plan(plan.result, kept.problem)
    return logins
