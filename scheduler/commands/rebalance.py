"""``muster rebalance``: plans anew from the bookings in force, and applies it unless it moves too much."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from scheduler.commands.installation import DATABASE, settings_with, working
from scheduler.commands.option_values import given_day, given_number
from scheduler.commands.planning import plan_now
from scheduler.commands.rebalance_policy import run_named_policy
from scheduler.commands.rebalance_report import rebalance_lines, rebalance_to_json
from scheduler.commands.refusal import INFEASIBLE, REVIEW, UNKNOWN, Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.plans import PlanState
from scheduler.domain.staffing.rebalancing import MoveLimit
from scheduler.jobs.rebalance import RebalanceOutcome, settle
from scheduler.planning.request import ChangePolicy, PlanRequest, SolveLimits

if TYPE_CHECKING:
    from scheduler.domain.staffing.plans import Plan

INTERRUPTED = 130
UNUSABLE = {"infeasible": INFEASIBLE, "unknown": UNKNOWN}


def rebalance_firm(
    *,
    start: str | None = typer.Option(None, "--from", metavar="DATE", help="A Monday; default: that of the current week."),
    weeks: int = typer.Option(26, "--weeks", help="How many weeks to plan."),
    churn_cost: str = typer.Option("20", "--churn-cost", metavar="AMOUNT", help="What a changed hour costs, in the firm's currency."),
    frozen_weeks: int = typer.Option(1, "--frozen-weeks", help="In the first so many weeks nothing moves."),
    max_moved: str = typer.Option(
        "0.05",
        "--max-moved",
        metavar="PART",
        help="Most that may move without a review: 0.05 = 5 % of the bookings, and of the people told.",
    ),
    time_limit: float = typer.Option(60.0, "--time-limit", help="Seconds."),
    workers: int | None = typer.Option(None, "--workers", help="Search threads; default: one per core."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be done; apply nothing."),
    as_json: bool = typer.Option(False, "--json", help="Print the outcome as JSON."),
    policy: str | None = typer.Option(
        None, "--policy", metavar="NAME", help="Run this rebalance policy and leave a change set; the policy says all but --dry-run."
    ),
    database: str | None = DATABASE,
) -> None:
    """
    Plan the coming weeks anew from the bookings in force, and apply the plan unless it moves too many of them.

    What is new or moved becomes tentative, the rest stays as it is. A plan that moves more than --max-moved is kept but not applied:
    look at it, then apply it by its id over HTTP, or let it be. Exit codes: 0 applied, or nothing to change; 1 failed, 2 bad input,
    3 infeasible, 4 no plan found in time, 5 review wanted (with --dry-run too; with --policy: there are groups to be decided).
    """
    if policy is not None:
        run_named_policy(policy, dry_run=dry_run, as_json=as_json, database=database)
    limit = MoveLimit(max_moved=given_number("--max-moved", max_moved))
    request = PlanRequest(
        horizon_start=monday_of(_today()) if start is None else given_day(start),
        weeks=weeks,
        policy=ChangePolicy(churn_cost=given_number("--churn-cost", churn_cost), frozen_weeks=frozen_weeks),
        limits=SolveLimits(time_limit_s=time_limit, workers=workers),
        rebalances=True,
    )
    with working(settings_with(database_url=database)) as application:
        plan = plan_now(application, request)
        require_usable(plan)
        done = settle(application.store, actor=LOCAL, plan=plan, limit=limit, now=datetime.now(UTC), dry_run=dry_run)
    print(json.dumps(rebalance_to_json(done, limit, dry_run=dry_run)) if as_json else "\n".join(rebalance_lines(done, limit)))
    raise typer.Exit(REVIEW if done.outcome is RebalanceOutcome.REVIEW else 0)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def _today() -> date:
    """The day that it is here: at night it is another one in UTC, and perhaps another week."""
    return datetime.now(UTC).astimezone().date()


def require_usable(plan: Plan) -> None:
    """Raises Refused unless there are assignments that nobody cut short."""
    assert plan.result is not None
    if plan.state is not PlanState.SUCCEEDED:
        raise Refused(f"the plan {plan.id} was stopped; nothing was applied.", exit_code=INTERRUPTED)
    if plan.result["view"]["assignments"] is None:
        conflicts = (f"  {conflict['sentence']}" for conflict in plan.result["view"]["conflicts"])
        summary = plan.result["view"]["summary"]
        code = UNUSABLE[plan.result["answer"]["status"]]
        raise Refused(f"the plan {plan.id} has no assignments; nothing was applied. {summary}", *conflicts, exit_code=code)
