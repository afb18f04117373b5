"""The best plan that does one thing more, by trying everything; what fills a demand, counted once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.solver_models.staffing.brute_force import (
    NOTHING,
    Optimum,
    _all_or_nothing_holds,
    _DemandSide,
    _schedules,
    _Search,
    _together_holds,
)
from tests.solver_models.staffing.brute_force_rules import Rules, fixed_contradict

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.problem import Problem, Run

Test = "Callable[[Rules, tuple[Run, ...]], bool]"


def best_plan_that(problem: Problem, does: Callable[[Rules, tuple[Run, ...]], bool]) -> Optimum | None:
    """The best of the plans that pass; ``None`` when none does."""
    rules = Rules(problem)
    if fixed_contradict(rules):
        return None
    side = _DemandSide(rules)
    everybody = [_schedules(rules, side, person) for person in problem.people]
    return _Choosy(rules, side, sorted(everybody, key=len), does).run()


def can_fill(problem: Problem, demand_id: str, *, over_x60: int) -> bool:
    """Whether some plan fills the demand and is worth more than that: everything is tried that could still come to both."""
    rules = Rules(problem)
    if fixed_contradict(rules):
        return False
    side = _DemandSide(rules)
    everybody = [_schedules(rules, side, person) for person in problem.people]
    return _Filling(rules, side, sorted(everybody, key=len), demand_id, over_x60).run() is not None


def fills(demand_id: str) -> Callable[[Rules, tuple[Run, ...]], bool]:
    """Whether what is open is at most a hundredth and three minutes in each period with effort, and something is done."""

    def does(rules: Rules, runs: tuple[Run, ...]) -> bool:
        effort = rules.demands[demand_id].effort
        delivered = sum(rules.minutes(run, t) for run in runs if run.demand == demand_id for t in rules.periods)
        still = sum(effort) - delivered
        return delivered >= 1 and 100 * still <= sum(effort) + 300 * sum(minutes > 0 for minutes in effort)

    return does


def employs(person_id: str, demand_id: str) -> Callable[[Rules, tuple[Run, ...]], bool]:
    """Whether the person has a run on the demand."""
    return lambda _, runs: any((run.person, run.demand) == (person_id, demand_id) for run in runs)


class _Choosy(_Search):
    def __init__(self, rules, side, everybody, does) -> None:  # type: ignore[no-untyped-def]
        super().__init__(rules, side, everybody)
        self._does = does

    def _extend(self, number: int, value: int, runs: tuple[Run, ...], use: int, blocked: int) -> None:
        if number == len(self.everybody):
            holds = _together_holds(self.rules, runs) and _all_or_nothing_holds(self.rules, runs)
            if holds and self._does(self.rules, runs):
                self.best, self.best_value = Optimum(objective_x60=value, plan=runs), value
            return
        super()._extend(number, value, runs, use, blocked)


class _Filling(_Search):
    """Ends with the first plan that will do; gives up what could not fill the demand any more, whatever everybody left does."""

    def __init__(self, rules, side, everybody, demand_id: str, over_x60: int) -> None:  # type: ignore[no-untyped-def]
        super().__init__(rules, side, everybody)
        self.best_value = over_x60
        self._demand = demand_id
        effort = rules.demands[demand_id].effort
        # What may be open is a hundredth and three minutes in each period with effort, and something must be done.
        self._needed_x100 = max(100, 100 * sum(effort) - sum(effort) - 300 * sum(minutes > 0 for minutes in effort))
        most = [max(self._delivered(schedule.runs) for schedule in schedules) for schedules in everybody]
        self._most_of_rest = [sum(most[number:]) for number in range(len(most) + 1)]

    def _delivered(self, runs: tuple[Run, ...]) -> int:
        return sum(self.rules.minutes(run, t) for run in runs if run.demand == self._demand for t in self.rules.periods)

    def _extend(self, number: int, value: int, runs: tuple[Run, ...], use: int, blocked: int) -> None:
        if self.best is None and 100 * (self._delivered(runs) + self._most_of_rest[number]) >= self._needed_x100:
            super()._extend(number, value, runs, use, blocked)


__all__ = ["NOTHING", "best_plan_that", "can_fill", "employs", "fills"]
