"""The staffing problem as plain values (``staffing-problem/1``).

Fractions (shares, coverage, bands) are integers in ten-thousandths (``..._e4``): 0.29 is 2900, never a binary float.
Amounts are integers in the currency's minor unit, per hour unless said otherwise; durations are whole minutes.
An absent list (``None``) allows all, an empty one none. ``formats`` reads and writes the JSON and lists every fault;
values built from it satisfy the format's rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

E4 = 10_000
"""One, in ten-thousandths."""
LEAST_SHARE_E4 = 9_900
"""Of each demand of an all-or-nothing project, in every period with effort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with skills, a cost and bookable minutes per period."""

    id: str
    capacity: tuple[int, ...]
    cost_rate: int
    skills: Mapping[str, int] = field(default_factory=dict)
    usual: tuple[int, ...] | None = None
    """Capacity were nobody absent; ``None`` = ``capacity``."""
    location: str | None = None
    max_demands: int | None = None
    available_for: frozenset[str] | None = None
    not_for: frozenset[str] = frozenset()
    preferences: Mapping[str, int] = field(default_factory=dict)
    """Bonus per hour by demand or project id; a demand's entry replaces its project's."""
    idle_cost: int = 0
    band: tuple[int, int] | None = None
    """Fairness band in ten-thousandths of capacity; ``None`` = the policy's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Work wanted: minutes per period, the skills it needs and what an hour of it is worth."""

    id: str
    project: str
    effort: tuple[int, ...]
    value_rate: int
    requires: Mapping[str, int] = field(default_factory=dict)
    prefers: Mapping[str, int] = field(default_factory=dict)
    """Bonus per hour per level held, by skill."""
    overqualified_cost: int = 0
    locations: frozenset[str] | None = None
    shares_e4: tuple[int, ...] = (E4,)
    max_people: int = 1
    min_run: int | None = None
    """Shortest run in periods; ``None`` = the whole window."""
    min_coverage_e4: int = 8_000
    shift: tuple[int, int] = (0, 0)
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Rules that bind the demands of one project together."""

    id: str
    all_or_nothing: bool = False
    shift: tuple[int, int] | None = None
    """All its demands move by one number of this range; ``None``: each demand by its own ``shift``."""
    apart: tuple[frozenset[str], ...] = ()
    together: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Run:
    """One person on one demand for a share of its effort, over consecutive periods (``last`` inclusive)."""

    person: str
    demand: str
    share_e4: int
    first: int
    last: int
    shift: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Costs of change and fairness, and what may not move."""

    setup_cost: int = 0
    churn_cost: int = 0
    max_churn_minutes: int | None = None
    frozen_periods: int = 0
    fairness_cost: int = 0
    band: tuple[int, int] = (0, E4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A staffing problem over ``len(periods)`` equal periods, counted from 0."""

    currency: str
    periods: tuple[str, ...]
    """First day of each period, ISO dates."""
    people: tuple[Person, ...] = ()
    demands: tuple[Demand, ...] = ()
    projects: tuple[Project, ...] = ()
    fixed: tuple[Run, ...] = ()
    current: tuple[Run, ...] = ()
    policy: Policy = field(default_factory=Policy)
