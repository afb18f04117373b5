"""What an earlier answer leaves to a search that starts from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """Runs of an earlier plan, the prices of its certificate, and which demands there were: what has no price then was worth none."""

    assignments: tuple[Run, ...] = ()
    prices: Prices | None = None
    demands: frozenset[str] = frozenset()

    @staticmethod
    def of(answer: Answer) -> Warm:
        """What an answer leaves to the next search."""
        demands = frozenset(fill.demand for fill in answer.fills)
        return Warm(assignments=answer.assignments or (), prices=answer.certificate, demands=demands)
