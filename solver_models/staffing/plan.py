"""The answer to a staffing problem as plain values (``staffing-plan/1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from solver_models.result import Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.problem import Run


class ReasonKind(StrEnum):
    """Why minutes of a demand stay open."""

    NOBODY_QUALIFIED = "nobody_qualified"
    AWAY_OR_BOOKED = "away_or_booked"
    OUTBID = "outbid"
    NOT_WORTH_ITS_COST = "not_worth_its_cost"
    BLOCKED_BY_RULE = "blocked_by_rule"
    NOT_PROVEN = "not_proven"
    """The search ended before it was known whether the demand should be filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a demand is open: its kind and the facts behind it (ids, period indexes, integers; plain JSON)."""

    kind: ReasonKind
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFill:
    """Filled and open minutes of one demand; ``reason`` when anything is open.

    Open minutes are effort minutes that no run promises, plus promised minutes lost to absences.
    """

    demand: str
    filled_min: int
    open_min: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A limit that pinned runs exceed (or, in an infeasible problem, that ``fixed`` runs break)."""

    rule: str
    """``capacity``, ``max_demands``, ``effort`` (shares above 1), ``max_people``, ``shift``, ``duplicate``, ``apart``."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A plan with its proof. Objective and bound are integers in minor units x 60; ``None`` where there is no plan."""

    status: Status
    assignments: tuple[Run, ...] | None
    objective_x60: int | None
    bound_x60: int | None
    proof: str | None
    """``prices`` or ``search``; ``None`` without a bound."""
    certificate: Prices | None = None
    """Prices from which anybody can recompute the bound."""
    conflicts: tuple[Conflict, ...] = ()
    fills: tuple[DemandFill, ...] = ()
    seed: int = 0
    engine: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    disagreeing: tuple[str, ...] = ()
    """Of an answer that was read: which of its figures (``objective``, ``bound``, ``gap``) contradict each other."""

    @property
    def gap(self) -> float | None:
        """(bound - objective) / max(1, |bound|) in minor units; ``None`` without a plan."""
        return relative_gap(self.objective_x60, self.bound_x60)
