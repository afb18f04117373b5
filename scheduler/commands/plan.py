"""``muster plan``: plans the firm in the database, in this process."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import typer

from scheduler.commands.installation import DATABASE, settings_with, working
from scheduler.commands.option_values import given_day
from scheduler.commands.plan_report import print_plan
from scheduler.commands.planning import plan_now
from scheduler.commands.refusal import INFEASIBLE, UNKNOWN
from scheduler.domain.ground.access import LOCAL
from scheduler.planning.request import PlanRequest, SolveLimits
from scheduler.queries.plans import get_plan_problem

EXIT_CODES = {"optimal": 0, "feasible": 0, "infeasible": INFEASIBLE, "unknown": UNKNOWN}


def plan_firm(
    *,
    start: str | None = typer.Option(None, "--from", metavar="DATE", help="A Monday; default: the next one."),
    weeks: int = typer.Option(26, "--weeks", help="How many weeks to plan."),
    time_limit: float = typer.Option(60.0, "--time-limit", help="Seconds."),
    gap: float = typer.Option(0.0, "--gap", help="Stop at this gap between plan and bound: 0.01 = 1 %."),
    workers: int | None = typer.Option(None, "--workers", help="Search threads; default: one per core."),
    seed: int = typer.Option(0, "--seed", help="Seed of the search."),
    as_json: bool = typer.Option(False, "--json", help="Print the plan as JSON."),
    database: str | None = DATABASE,
) -> None:
    """
    Plan the firm's own people and demands, and print the plan.

    Ctrl-C ends with the best plan so far. Exit codes: 0 a plan, 1 failed, 2 bad input, 3 infeasible, 4 no plan found in time.
    """
    limits = SolveLimits(time_limit_s=time_limit, gap=gap, workers=workers, seed=seed)
    request = PlanRequest(horizon_start=_day(start), weeks=weeks, limits=limits)
    with working(settings_with(database_url=database)) as application:
        plan = plan_now(application, request)
        kept = get_plan_problem(application.store, actor=LOCAL, plan_id=plan.id)
    assert plan.result is not None
    if as_json:
        print(json.dumps({"plan_id": plan.id, "state": str(plan.state), **plan.result}))
    else:
        print_plan(plan.result, kept.problem)
    raise typer.Exit(EXIT_CODES[plan.result["answer"]["status"]])


def _day(text: str | None) -> date:
    if text is None:
        today = datetime.now(UTC).date()
        return today + timedelta(days=7 - today.weekday())
    return given_day(text)
