"""Sweeps: ready-made series of what-if plans, asked for and read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.fields import Id, Instant, Integer, WriteSchema
from api.schemas.fields import Schema as Base
from api.schemas.jobs import JobProgressShape, shown_failure, shown_progress_of
from api.schemas.lists import Word
from api.schemas.people import PersonWrite
from api.schemas.plan_view import NamedShape
from api.schemas.plans import FailureShape, PlanWrite
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.jobs import JobState
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.staffing.sweeps import Sweep, SweepKind
from scheduler.planning.sweep_request import HIRES_MAX, POINTS_MAX, SAMPLES_MAX, START_WEEKS_MAX, SweepRequest


class _Asked(WriteSchema):
    plan: PlanWrite

    def to_value(self) -> SweepRequest:
        """As planning knows it. Raises DomainError."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in ("kind", "plan", "profile")}
        profile = getattr(self, "profile", None)
        if profile is not None:
            given["profile"] = profile.model_dump(mode="json", exclude_unset=True)
        try:
            plan = self.plan.to_value()
        except DomainError as error:
            raise error.under("/plan") from None
        return SweepRequest(kind=SweepKind(getattr(self, "kind")), plan=plan, **given)  # noqa: B009 - each kind's own


class PipelineSweepWrite(_Asked):
    """
    What margin is expected of the tentative projects in scope, each won with its probability for itself, and how far it spreads.

    Up to 12 of them every outcome is planned; of more, ``samples`` outcomes drawn by the seed. The plan's limits hold for all together.
    Needs `cost:read`.
    """

    kind: Literal["pipeline"]
    samples: Annotated[Integer, Field(ge=10, le=SAMPLES_MAX)] = 200


class EarliestStartSweepWrite(_Asked):
    """
    The first of ``weeks`` weeks from the horizon's start in which a project can start, done whole and still the best plan.

    The project is taken as won and not booked yet. Each week is proven by plans of its own; the plan's limits hold for each.
    """

    kind: Literal["earliest_start"]
    project_id: Id
    weeks: Annotated[Integer, Field(ge=1, le=START_WEEKS_MAX)] = 26


class ChurnFrontierSweepWrite(_Asked):
    """Margin against new hours: ``points`` plans with caps between none and what the best plan brings. Needs `cost:read`."""

    kind: Literal["churn_frontier"]
    points: Annotated[Integer, Field(ge=2, le=POINTS_MAX)] = 5


class FairnessFrontierSweepWrite(_Asked):
    """Margin against hours outside of the policy's band: ``points`` plans with costs of them from none on. Needs `cost:read`."""

    kind: Literal["fairness_frontier"]
    points: Annotated[Integer, Field(ge=2, le=POINTS_MAX)] = 5


class HiresSweepWrite(_Asked):
    """What one, two ... ``count`` more people of a profile are worth, with the estimate by the prices of the plan without beside it."""

    kind: Literal["hires"]
    profile: PersonWrite
    count: Annotated[Integer, Field(ge=1, le=HIRES_MAX)] = 3


SweepWrite = Annotated[
    PipelineSweepWrite | EarliestStartSweepWrite | ChurnFrontierSweepWrite | FairnessFrontierSweepWrite | HiresSweepWrite,
    Field(discriminator="kind"),
]


class _Told(Base):
    amounts: Annotated[
        dict[str, Any] | None, Field(description="Money in minor units; null without `cost:read`, and where nothing is known.")
    ]


class SweepPoint(_Told):
    """
    One plan of a sweep with its own proof.

    ``amounts`` has its revenue, costs, margins, objective, bound and exact gap; of hires also ``worth_low_minor`` to
    ``worth_high_minor`` beyond no hire, ``last_worth_...`` of the last of them, and ``estimate_minor``.
    """

    hires: Integer | None = None
    new_minutes: Integer | None = None
    fairness_cost_minor: Integer | None = None
    status: str
    gap: float | None
    coverage: float | None
    utilisation: float | None
    bench_minutes: Integer
    churn: dict[str, int]
    demands_open: Integer
    outside_band_minutes: Integer


class StartWeek(Base):
    """
    Whether a project can start in a week.

    ``cannot_be_staffed``: not even were nothing else to do; ``not_worth_it``: other work would lose more than it brings;
    ``starts``: the best plan has it whole; ``not_decided``: the time did not suffice.
    """

    start_week: str
    verdict: Literal["cannot_be_staffed", "not_worth_it", "starts", "not_decided"]


class OpenDealRead(Base):
    """A deal of a pipeline."""

    id: Id
    name: str
    probability: str


class ThresholdRead(_Told):
    """What it comes to when just the deals are won that are at least so likely."""

    min_probability: str
    won: list[Id]
    coverage: float | None


class SweepResult(_Told):
    """
    What a sweep says; what is not of its kind is absent or null.

    Frontiers and hires: ``points``, of a frontier none that another is better than in both, ``dominated`` says how many were.
    Earliest start: ``weeks`` in order, the first possible and the first worthwhile. Pipeline: ``method`` and the spread in ``amounts``,
    mean, standard deviation, 10th, 50th and 90th percentile, least and greatest margin; drawn, with the interval that holds the mean in
    95 of 100 draws; ``thresholds``.
    """

    currency: str
    amounts: dict[str, Any] | None = None
    axis: str | None = None
    points: list[SweepPoint] | None = None
    dominated: Integer | None = None
    project: NamedShape | None = None
    weeks: list[StartWeek] | None = None
    earliest_possible_week: str | None = None
    earliest_week: str | None = None
    is_proven: bool | None = None
    deals: list[OpenDealRead] | None = None
    method: Literal["exact", "sampled"] | None = None
    is_complete: bool | None = None
    outcomes: Integer | None = None
    outcomes_decided: Integer | None = None
    samples: Integer | None = None
    thresholds: list[ThresholdRead] | None = None


class SweepList(Base):
    """Sweeps."""

    state: JobState | None = None
    sort: Annotated[Word | None, Field(description="A field of the list, with a minus in front for descending order.")] = None
    cursor: Annotated[str | None, Field(max_length=2000)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 100

    def page_request(self) -> PageRequest:
        """As the store knows it."""
        filters = {} if self.state is None else {"state": self.state.value}
        return PageRequest(sort=self.sort, filters=filters, cursor=self.cursor, limit=self.limit)


class SweepRead(Base):
    """A sweep: what was asked, how far it is, and what it says. The id is the job's too, which cancels it."""

    id: Id
    kind: SweepKind
    state: JobState
    request: dict[str, Any]
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    attempts: Integer
    cancel_requested: bool
    progress: JobProgressShape | None
    failure: FailureShape | None
    result: SweepResult | None


def shown_sweep(sweep: Sweep) -> SweepRead:
    """A sweep as callers see it."""
    job = sweep.job
    own = {name: getattr(job, name) for name in ("state", "created_at", "started_at", "finished_at", "attempts", "cancel_requested")}
    return SweepRead.model_construct(
        id=sweep.id,
        kind=sweep.kind,
        **own,
        request=dict(sweep.request),
        progress=shown_progress_of(job),
        failure=shown_failure(job),
        result=None if sweep.result is None else dict(sweep.result),
    )
