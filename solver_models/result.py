"""What every solve returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One moment of a running solve; objective and bound in units of Z (minor units x 60)."""

    seconds: float
    objective_x60: int | None
    bound_x60: int | None

    @property
    def gap(self) -> float | None:
        """(bound - objective) / max(1, |bound|) of the amounts in minor units; ``None`` until both are known."""
        return relative_gap(self.objective_x60, self.bound_x60)


def relative_gap(objective_x60: int | None, bound_x60: int | None) -> float | None:
    """(bound - objective) / max(1, |bound|), both given in minor units x 60."""
    if objective_x60 is None or bound_x60 is None:
        return None
    return (bound_x60 - objective_x60) / max(60, abs(bound_x60))
