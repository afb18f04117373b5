"""What an earlier answer leaves to a search that starts from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    def moved(self, periods: int, shifts: Mapping[str, int]) -> Warm:
        """
        The same for a problem that begins ``periods`` later and counts a demand's shift from ``shifts`` (0 where it has none) on.

        What ended before it begins is left out; what goes on is cut at its first period.
        """
        runs = tuple(
            replace(run, first=max(0, run.first - periods), last=run.last - periods, shift=run.shift - shifts.get(run.demand, 0))
            for run in self.assignments
            if run.last >= periods
        )
        return replace(self, assignments=runs, prices=None if self.prices is None else _moved(self.prices, periods, shifts))


def _moved(prices: Prices, periods: int, shifts: Mapping[str, int]) -> Prices:
    share = {(d, s - shifts.get(d, 0), t - periods): v for (d, s, t), v in prices.share.items() if t >= periods}
    return replace(prices, share=share)
