"""Asking for a plan, and how far it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from api.schemas.fields import Day, Fraction, Id, Instant, Integer, Name, Rate, Schema, WriteSchema, read_decimal
from api.schemas.plan_view import PlanView
from scheduler.domain.ground.ids import ProjectId, ScenarioId
from scheduler.domain.staffing.plan_scope import SCOPE, DemandState
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.planning.request import (
    CHURN_MAX_HOURS,
    SEED_MAX,
    TIME_LIMIT_MAX_S,
    WORKERS_MAX,
    ChangePolicy,
    PlanRequest,
    SolveLimits,
    Tentative,
)

# How long to search is no money: exact decimals go in, the nearest binary fraction is good enough for the solver.
Seconds = Annotated[Decimal, BeforeValidator(read_decimal), AfterValidator(float), WithJsonSchema({"type": "number"})]
Hours = Annotated[Decimal, BeforeValidator(read_decimal), Field(ge=0, le=CHURN_MAX_HOURS), WithJsonSchema({"type": "string"})]


class PriorityShape(Schema):
    """What the hours of a project count in this plan: a factor on their value, > 0."""

    project_id: Id
    priority: Annotated[Decimal, BeforeValidator(read_decimal), Field(gt=0), WithJsonSchema({"type": "string"})]


class PolicyShape(Schema):
    """
    What change and unfairness cost in the firm's currency, what comes first, and what may not move.

    ``setup_cost`` per person put on a demand they are not booked on, ``churn_cost`` per changed hour, ``max_churn_hours``: most new
    hours in all, ``frozen_weeks``: bookings stay in the first so many weeks, ``fairness_cost`` per hour of a person outside the
    band ``band_low`` to ``band_high`` of their bookable hours. ``priorities``: factors that count in this plan instead of the projects' own.
    """

    setup_cost: Rate = Decimal(0)
    churn_cost: Rate = Decimal(0)
    max_churn_hours: Hours | None = None
    frozen_weeks: Annotated[Integer, Field(ge=0, le=520)] = 0
    fairness_cost: Rate = Decimal(0)
    band_low: Fraction = Decimal(0)
    band_high: Fraction = Decimal(1)
    priorities: Annotated[list[PriorityShape], Field(max_length=10_000)] = Field(default_factory=list)

    def to_value(self) -> ChangePolicy:
        """As planning knows it."""
        return ChangePolicy(
            setup_cost=self.setup_cost,
            churn_cost=self.churn_cost,
            max_churn_hours=self.max_churn_hours,
            frozen_weeks=self.frozen_weeks,
            fairness_cost=self.fairness_cost,
            band_low=self.band_low,
            band_high=self.band_high,
            priorities=tuple(sorted((ProjectId(one.project_id), one.priority) for one in self.priorities)),
        )


class LimitsShape(Schema):
    """When the search stops. The server's own caps win over more generous wishes."""

    time_limit_s: Annotated[Seconds, Field(description=f"Seconds of search, 1 to {TIME_LIMIT_MAX_S}.")] = Decimal(60)
    gap: Annotated[Seconds, Field(description="Stop once (bound - objective) / bound is at most this, 0 to 1.")] = Decimal(0)
    workers: Annotated[Integer | None, Field(description=f"Search threads, 1 to {WORKERS_MAX}; absent: one per core.")] = None
    seed: Annotated[Integer, Field(description=f"0 to {SEED_MAX}.")] = 0

    def to_value(self) -> SolveLimits:
        """As planning knows it."""
        return SolveLimits(time_limit_s=float(self.time_limit_s), gap=float(self.gap), workers=self.workers, seed=self.seed)


class PlanWrite(WriteSchema):
    """
    A wish for a plan of some weeks.

    Its scope: ``project_ids`` and ``project_states`` (absent = every project that is won or tentative), ``demand_states`` and ``skill_ids``
    (demands that require one of them), ``teams`` and ``locations`` (whose people are planned). All that is given has to hold, an empty
    list holds for nothing. What is outside keeps its bookings; so does a demand that people outside are booked on. A project that is
    all or nothing or moves as one is taken in whole. ``tentative``: take all tentative projects at their probability, or only those
    ``at_or_above`` ``min_probability``.
    """

    horizon_start: Annotated[Day, Field(description="A Monday.")]
    weeks: Annotated[Integer, Field(ge=1, le=520)]
    scenario_id: Annotated[Id | None, Field(description="The scenario to plan; absent: the firm as it is.")] = None
    project_ids: Annotated[list[Id], Field(max_length=10_000)] | None = None
    project_states: Annotated[list[Literal["won", "tentative"]], Field(max_length=2)] | None = None
    demand_states: Annotated[list[DemandState], Field(max_length=3)] | None = None
    skill_ids: Annotated[list[Id], Field(max_length=1_000)] | None = None
    teams: Annotated[list[Name], Field(max_length=1_000)] | None = None
    locations: Annotated[list[Name], Field(max_length=1_000)] | None = None
    tentative: Tentative = Tentative.BY_PROBABILITY
    min_probability: Fraction | None = None
    policy: PolicyShape = PolicyShape()
    limits: LimitsShape = LimitsShape()

    def to_value(self) -> PlanRequest:
        """As planning knows it. Raises DomainError."""
        scope: dict[str, Any] = {
            name: None if (given := getattr(self, name)) is None else frozenset(map(of, given)) for name, of in SCOPE.items()
        }
        return PlanRequest(
            **scope,
            horizon_start=self.horizon_start,
            weeks=self.weeks,
            scenario_id=None if self.scenario_id is None else ScenarioId(self.scenario_id),
            tentative=self.tentative,
            min_probability=self.min_probability,
            policy=self.policy.to_value(),
            limits=self.limits.to_value(),
        )


class ProgressShape(Schema):
    """The last that was heard of the search; amounts in minor units, ``null`` until known."""

    seconds: float
    objective_minor: int | None
    bound_minor: int | None
    gap: float | None


class FailureShape(Schema):
    """Why a plan failed."""

    code: str
    detail: str


class EndedShape(Schema):
    """How the search came to its end."""

    timed_out: bool
    stopped: bool
    seconds: float
    peak_memory_mb: int | None


class AlternativeShape(Schema):
    """For a firm whose locked bookings contradict each other: the plan without those that do not fit (``dropped``)."""

    dropped: list[dict[str, Any]]
    plan: PlanView


class PlanRead(Schema):
    """One plan: what was asked for, how far it is, and what came out."""

    id: Id
    version: Integer
    state: PlanState
    scenario_id: Annotated[Id | None, Field(description="The scenario that was planned; null: the firm as it was.")]
    request: dict[str, Any]
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    attempts: Integer
    cancel_requested: bool
    progress: ProgressShape | None
    failure: FailureShape | None
    applied_at: Instant | None
    applied_by: Id | None
    nothing_to_plan: Annotated[
        bool | None, Field(description="Whether there were no people or no demands; null until known, and in lists.")
    ]
    ended: EndedShape | None
    earlier_plan_id: Annotated[Id | None, Field(description="The plan that the search started from; null: from nothing.")]
    plan: Annotated[PlanView | None, Field(description="The plan in a planner's words; null until there is one, and in lists.")]
    alternative: AlternativeShape | None


def shown_plan(plan: Plan) -> PlanRead:
    """A plan as callers see it."""
    result = plan.result or {}
    alternative = result.get("alternative")
    return PlanRead.model_construct(
        id=plan.id,
        version=plan.version,
        state=plan.state,
        scenario_id=plan.scenario_id,
        request=dict(plan.request),
        created_at=plan.created_at,
        started_at=plan.started_at,
        finished_at=plan.finished_at,
        attempts=plan.attempts,
        cancel_requested=plan.cancel_requested,
        progress=shown_progress(plan) if plan.progress is not None else None,
        failure=FailureShape(code=plan.failure_code, detail=plan.failure_detail or "") if plan.failure_code is not None else None,
        applied_at=plan.applied_at,
        applied_by=plan.applied_by,
        nothing_to_plan=result.get("nothing_to_plan"),
        ended=result.get("ended"),
        earlier_plan_id=result.get("earlier_plan_id"),
        plan=result.get("view"),
        alternative=None if alternative is None else {"dropped": alternative["dropped"], "plan": alternative["view"]},
    )


def shown_progress(plan: Plan) -> ProgressShape:
    """The progress of a plan that has some."""
    progress = plan.progress
    if progress is None:
        return ProgressShape(seconds=0.0, objective_minor=None, bound_minor=None, gap=None)
    return ProgressShape(
        seconds=progress.seconds,
        objective_minor=_minor(progress.objective_x60),
        bound_minor=_minor(progress.bound_x60),
        gap=progress.gap,
    )


def _minor(amount_x60: int | None) -> int | None:
    return None if amount_x60 is None else (amount_x60 + 30) // 60
