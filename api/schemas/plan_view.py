"""The shape of a finished plan in a planner's words. Weeks are Mondays; lists by week follow ``horizon.weeks``."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from api.schemas.fields import Schema


class _Shown(Schema):
    model_config = ConfigDict(extra="ignore")


class NamedShape(_Shown):
    """Something by id and name."""

    id: str
    name: str


class HorizonShape(_Shown):
    """The weeks that were planned: from ``start`` up to, not including, ``end``."""

    start: str
    end: str
    weeks: list[str]


class ProofShape(_Shown):
    """How good the plan is, and who says so."""

    status: str
    kind: str | None
    objective_minor: int | None
    bound_minor: int | None
    objective_x60: int | None
    bound_x60: int | None
    gap: float | None
    engine: dict[str, str]
    seed: int
    seconds: float


class TotalsShape(_Shown):
    """Sums over the horizon."""

    effort_minutes: int
    filled_minutes: int
    open_minutes: int
    coverage: float | None
    capacity_minutes: int
    booked_minutes: int
    utilisation: float | None
    demands_filled: int
    demands_open: int


class GroupShape(_Shown):
    """Hours of several people."""

    people: int
    capacity_minutes: int
    booked_minutes: int
    bench_minutes: int
    utilisation: float | None


class TeamFigures(GroupShape):
    """A team's hours; ``team`` is null for people without one."""

    team: str | None


class SkillFigures(GroupShape):
    """Hours of whoever holds a skill at any level, and of the demands that require it."""

    skill: NamedShape
    effort_minutes: int
    filled_minutes: int
    coverage: float | None


class ChurnFigures(_Shown):
    """Minutes that differ from the bookings in force: an hour passed to somebody else is one new and one dropped."""

    changed_minutes: int
    new_minutes: int
    dropped_minutes: int


class MoneyFigures(_Shown):
    """
    What the assignments bring and cost, in minor units; bookings that stay beside them are not counted.

    Revenue as if all work came, and by its chances; the margin is what is expected less the cost of all planned hours, and after
    bench less what unbooked hours of employees cost. Each day is priced as it would be billed, each line of a project, month, person and
    rate rounded once. Costs and margins are null without `cost:read`, revenue without `price:read`, and without `cost:read` too where
    contracts bill costs (`bills_costs`). `unpriced_minutes` have no bill rate and are in no revenue.
    """

    revenue_minor: int | None
    expected_revenue_minor: int | None
    cost_minor: int | None
    bench_cost_minor: int | None
    margin_minor: int | None
    margin_after_bench_minor: int | None
    unpriced_minutes: int | None = None
    bills_costs: bool | None = None


class KeyFigures(_Shown):
    """Figures of the whole plan. ``value_coverage``: filled work, each hour weighted by what it brings; null without `price:read`."""

    coverage: float | None
    value_coverage: float | None
    bench_minutes: int
    teams: list[TeamFigures]
    skills: list[SkillFigures]
    churn: ChurnFigures
    money: MoneyFigures


class AssignmentShape(_Shown):
    """
    One person on one demand. ``change``: ``locked``, ``kept``, ``changed`` or ``new`` against the bookings in force.

    ``id`` chooses it when a part of the plan is applied; plans computed by older versions have none (their diff has).
    """

    id: str | None = None
    person: NamedShape
    demand: NamedShape
    project: NamedShape
    share: str
    first_week: str
    last_week: str
    shift_weeks: int
    minutes: dict[str, int]
    total_minutes: int
    change: str


class ReasonShape(_Shown):
    """Why a demand stays open."""

    kind: str
    facts: dict[str, Any]
    sentence: str
    sentence_without_amounts: str
    confidential: bool


class DemandFillShape(_Shown):
    """How much of a demand is filled."""

    demand: NamedShape
    project: NamedShape
    first_week: str | None
    last_week: str | None
    effort_minutes: int
    filled_minutes: int
    open_minutes: int
    reason: ReasonShape | None


class PersonWeeksShape(_Shown):
    """One person's weeks: bookable minutes, what is booked of them, and what of that stays whatever is planned."""

    person: NamedShape
    capacity_minutes: list[int]
    booked_minutes: list[int]
    stays_minutes: list[int]
    utilisation: list[float | None]
    total_capacity_minutes: int
    total_booked_minutes: int
    total_utilisation: float | None


class ConflictShape(_Shown):
    """A limit that pinned bookings exceed."""

    rule: str
    facts: dict[str, Any]
    sentence: str


class PlanView(_Shown):
    """
    A plan in a planner's words. ``assignments`` is null when there is none (infeasible, or nothing found in time).

    Plans computed by older versions have no ``key_figures``.
    """

    currency: str
    horizon: HorizonShape
    summary: str
    proof: ProofShape
    totals: TotalsShape
    key_figures: KeyFigures | None = None
    assignments: list[AssignmentShape] | None
    demands: list[DemandFillShape]
    people: list[PersonWeeksShape]
    conflicts: list[ConflictShape]
    valuation: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
