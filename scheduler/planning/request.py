"""What somebody asks of a plan: the weeks, the projects, the rules of change and when to stop."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates
from scheduler.domain.staffing.plan_scope import NOT_PLANNED, PLANNED_STATES, DemandState
from scheduler.planning.time_grid import TimeGrid, grid_faults
from solver_models.limits import Limits

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.ids import ProjectId, ScenarioId, SkillId
    from scheduler.domain.staffing.work import ProjectState

TIME_LIMIT_MAX_S = 3_600
WORKERS_MAX = 64
SEED_MAX = 2**31 - 1
CHURN_MAX_HOURS = Decimal(10_000_000)


class Tentative(StrEnum):
    """Which tentative projects a plan takes in; their value is multiplied by their probability either way."""

    BY_PROBABILITY = "by_probability"
    """All of them."""
    AT_OR_ABOVE = "at_or_above"
    """Those whose probability reaches ``PlanRequest.min_probability``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """What change and unfairness cost, in the firm's currency, what comes first, and what may not move."""

    setup_cost: Decimal = Decimal(0)
    """Per person put on a demand they are not booked on."""
    churn_cost: Decimal = Decimal(0)
    """Per changed hour."""
    max_churn_hours: Decimal | None = None
    """Most new hours in all; ``None``: any number."""
    frozen_weeks: int = 0
    """In the first so many weeks the bookings in force stay."""
    fairness_cost: Decimal = Decimal(0)
    """Per hour of a person outside the band."""
    band_low: Decimal = Decimal(0)
    band_high: Decimal = Decimal(1)
    """The band, as parts of a person's bookable hours."""
    priorities: tuple[tuple[ProjectId, Decimal], ...] = ()
    """Factors on the value of projects' work, instead of the projects' own priorities; ascending by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveLimits:
    """When the search stops."""

    time_limit_s: float = 60.0
    gap: float = 0.0
    workers: int | None = None
    """Search threads; ``None``: one per core."""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """A checked request; raises DomainError ``input.invalid`` with every fault."""

    horizon_start: date
    """A Monday."""
    weeks: int
    project_ids: frozenset[ProjectId] | None = None
    """``None``: every project that is won or tentative."""
    project_states: frozenset[ProjectState] | None = None
    """``None``: won and tentative."""
    demand_states: frozenset[DemandState] | None = None
    skill_ids: frozenset[SkillId] | None = None
    """Demands that require one of them; ``None``: all."""
    teams: frozenset[str] | None = None
    """Whose people are planned; ``None``: everybody. Others keep their bookings."""
    locations: frozenset[str] | None = None
    """Where the people work who are planned; ``None``: anywhere."""
    tentative: Tentative = Tentative.BY_PROBABILITY
    min_probability: Decimal | None = None
    policy: ChangePolicy = field(default_factory=ChangePolicy)
    limits: SolveLimits = field(default_factory=SolveLimits)
    scenario_id: ScenarioId | None = None
    """The what-if to plan; ``None``: the firm as it is."""
    cost_blind: bool = False
    """As if nobody cost anything: for somebody to whom even the choice would tell what people cost."""
    rebalances: bool = False
    """What no longer holds of the bookings in force is reported, and never a reason for no plan: locked ones that clash stay as booked."""

    def __post_init__(self) -> None:
        faults = Faults()
        for fault in grid_faults(start=self.horizon_start, weeks=self.weeks):
            faults.add(fault.pointer, fault.code, fault.message)
        self._check_tentative(faults)
        self._check_policy(faults)
        if not (self.project_states or frozenset()) <= PLANNED_STATES:
            faults.add("/project_states", "value.not_allowed", NOT_PLANNED)
        _check_limits(faults, self.limits)
        faults.raise_any("plan request")

    @property
    def grid(self) -> TimeGrid:
        """The weeks to plan."""
        return TimeGrid(start=self.horizon_start, weeks=self.weeks)

    def _check_tentative(self, faults: Faults) -> None:
        if self.min_probability is not None:
            faults.decimal("/min_probability", self.min_probability, least=Decimal(0), most=Decimal(1))
        if (self.tentative is Tentative.AT_OR_ABOVE) != (self.min_probability is not None):
            faults.add(
                "/min_probability",
                "field.inconsistent",
                "min_probability goes with tentative = at_or_above, and only with it; give both or neither.",
            )

    def _check_policy(self, faults: Faults) -> None:
        policy = self.policy
        for name in ("setup_cost", "churn_cost", "fairness_cost"):
            faults.decimal(f"/policy/{name}", getattr(policy, name), least=Decimal(0))
        for name in ("band_low", "band_high"):
            faults.decimal(f"/policy/{name}", getattr(policy, name), least=Decimal(0), most=Decimal(1))
        if policy.band_low > policy.band_high:
            faults.add("/policy/band_low", "number.out_of_range", "band_low is above band_high; it must not be.")
        if policy.max_churn_hours is not None:
            faults.decimal("/policy/max_churn_hours", policy.max_churn_hours, least=Decimal(0), most=CHURN_MAX_HOURS)
        for number, (_, factor) in enumerate(policy.priorities):
            faults.decimal(f"/policy/priorities/{number}/priority", factor, least=Decimal(0), above=True)
        for project_id in duplicates(project_id for project_id, _ in policy.priorities):
            faults.add("/policy/priorities", "list.duplicate", f"The project {project_id} is there twice; keep one.")
        faults.integer("/policy/frozen_weeks", policy.frozen_weeks, least=0, most=max(0, self.weeks))


def checked_limits(limits: SolveLimits) -> SolveLimits:
    """The limits. Raises DomainError ``input.invalid`` with every fault, by the parameter of the address."""
    faults = Faults()
    _check_limits(faults, limits, place="?")
    faults.raise_any("search limits")
    return limits


def solver_limits(limits: SolveLimits, *, time_cap_s: float, workers_cap: int, stop: threading.Event | None = None) -> Limits:
    """The limits a solve obeys: what was asked for, but never more than the server's caps."""
    return Limits(
        time_s=min(limits.time_limit_s, time_cap_s),
        gap=limits.gap,
        workers=workers_cap if limits.workers is None else min(limits.workers, workers_cap),
        seed=limits.seed,
        stop=threading.Event() if stop is None else stop,
    )


def _check_limits(faults: Faults, limits: SolveLimits, *, place: str = "/limits/") -> None:
    for name, value, least, most in (("time_limit_s", limits.time_limit_s, 1, TIME_LIMIT_MAX_S), ("gap", limits.gap, 0, 1)):
        if not math.isfinite(value):
            faults.add(f"{place}{name}", "number.not_finite", f"{name} is not a finite number; give {least} to {most}.")
        elif not least <= value <= most:
            faults.add(f"{place}{name}", "number.out_of_range", f"{name} is {value}; give {least} to {most}.")
    if limits.workers is not None:
        faults.integer(f"{place}workers", limits.workers, least=1, most=WORKERS_MAX)
    faults.integer(f"{place}seed", limits.seed, least=0, most=SEED_MAX)
