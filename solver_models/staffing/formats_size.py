"""How large a staffing problem is, estimated before anything is built from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver_models.staffing.formats_faults import Fault
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.problem import Demand, Problem

MAX_PERIODS = 3_660
MAX_PAIRS = 2 * 10**9
"""People x demands: three times 10,000 x 60,000."""
MAX_CELLS = 5 * 10**7
"""(People + demands) x periods: each is a number in memory."""
MAX_RUN_CHOICES = 2 * 10**11
MAX_OBJECTIVE_X60 = 2**60

_BYTES_PER_CELL = 40
_BYTES_PER_CHOICE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeEstimate:
    """What a problem would take; upper estimates, in linear time."""

    pairs: int
    """People x demands."""
    qualified_pairs: int
    """(Person, demand) pairs in which the person holds every required level."""
    run_choices: int
    """Runs those pairs could make: shares x shifts x first and last periods. One variable each in a model of single runs."""
    memory_mb: int
    """If every run choice were a variable."""
    objective_x60: int
    """The sum of the objective's terms cannot exceed this in size."""


def too_many(*, people: int, demands: int, periods: int) -> Fault | None:
    """The fault of a problem whose mere counts are out of reach, before its values are read."""
    pairs, cells = people * demands, (people + demands) * periods
    if pairs <= MAX_PAIRS and cells <= MAX_CELLS:
        return None
    memory_mb = (cells * _BYTES_PER_CELL + pairs * _BYTES_PER_CHOICE) // 2**20
    message = (
        f"{people:,} people x {demands:,} demands x {periods:,} periods are too many: {pairs:,} pairs (variables; at most {MAX_PAIRS:,}), "
        f"{cells:,} numbers (at most {MAX_CELLS:,}), about {memory_mb:,} MB. Plan fewer people, demands or periods at a time."
    )
    return Fault(pointer="", code="problem.too_large", message=message)


def too_large(problem: Problem) -> Fault | None:
    """The fault of a problem that can be read but not solved in integers of 64 bits or in any memory."""
    size = estimate_size(problem)
    if size.objective_x60 >= MAX_OBJECTIVE_X60:
        message = (
            f"The objective's terms could add up to {size.objective_x60:,} (minor units x 60), which must stay below 2^60 = "
            f"{MAX_OBJECTIVE_X60:,}. Use smaller rates, costs or capacities."
        )
        return Fault(pointer="", code="problem.too_large", message=message)
    if size.run_choices > MAX_RUN_CHOICES:
        message = (
            f"About {size.run_choices:,} possible runs (variables; at most {MAX_RUN_CHOICES:,}), {size.memory_mb:,} MB. "
            "Use longer min_run, fewer shares, narrower shifts, or plan fewer people and demands at a time."
        )
        return Fault(pointer="", code="problem.too_large", message=message)
    return None


def estimate_size(problem: Problem) -> SizeEstimate:
    """Estimate what the problem would take, from its values alone."""
    holders = _holders(problem)
    everybody = (1 << len(problem.people)) - 1
    ranges = {p.id: p.shift for p in problem.projects if p.shift is not None}
    qualified = choices = 0
    for demand in problem.demands:
        able = everybody
        for skill, level in demand.requires.items():
            able &= holders.get((skill, level), 0)
        count = able.bit_count()
        qualified += count
        choices += count * _run_choices(demand, ranges.get(demand.project, demand.shift), problem)
    cells = (len(problem.people) + len(problem.demands)) * len(problem.periods)
    return SizeEstimate(
        pairs=len(problem.people) * len(problem.demands),
        qualified_pairs=qualified,
        run_choices=choices,
        memory_mb=(cells * _BYTES_PER_CELL + choices * _BYTES_PER_CHOICE) // 2**20,
        objective_x60=_objective_limit(problem),
    )


def _holders(problem: Problem) -> dict[tuple[str, int], int]:
    """By (skill, level): a bit for each person who holds at least that level."""
    holders: dict[tuple[str, int], int] = {}
    for i, person in enumerate(problem.people):
        for skill, held in person.skills.items():
            for level in range(1, held + 1):
                holders[skill, level] = holders.get((skill, level), 0) | (1 << i)
    return holders


def _run_choices(demand: Demand, shift: tuple[int, int], problem: Problem) -> int:
    """Shares x shifts x (first, last) of one person on the demand."""
    busy = [t for t, minutes in enumerate(demand.effort) if minutes]
    if not busy:
        return 0
    earliest, latest = max(shift[0], -busy[0]), min(shift[1], len(problem.periods) - 1 - busy[-1])
    length = busy[-1] - busy[0] + 1
    shortest = min(demand.min_run or length, length)
    starts = length - shortest + 1
    return len(demand.shares_e4) * max(0, latest - earliest + 1) * (starts * (starts + 1) // 2)


def _objective_limit(problem: Problem) -> int:
    """No feasible plan's objective, nor the sum of its terms' sizes, exceeds this."""
    runs = sum(min(demand.max_people, len(problem.people)) for demand in problem.demands) + len(problem.fixed) + len(problem.current)
    return sum(_person_limits(problem)) + 60 * problem.policy.setup_cost * runs


def largest_person_x60(problem: Problem) -> int:
    """Nobody's part of the objective, nor the sum of its terms' sizes, exceeds this."""
    return max(_person_limits(problem), default=0) + 60 * problem.policy.setup_cost * len(problem.demands)


def _person_limits(problem: Problem) -> Iterator[int]:
    """The same person by person, new pairs apart."""
    policy = problem.policy
    rate = max((_largest_rate(demand) for demand in problem.demands), default=0)
    pinned = Counter(run.person for run in problem.fixed) + Counter(run.person for run in problem.current)
    for person in problem.people:
        capacity = sum(person.capacity)
        minutes = capacity * (1 + pinned[person.id])
        bonus = max(map(abs, person.preferences.values()), default=0)
        high = (person.band or policy.band)[1]
        worth = minutes * (rate + person.cost_rate + bonus + 2 * policy.churn_cost) + capacity * person.idle_cost
        yield worth + policy.fairness_cost * max(minutes, capacity * max(high, E4) // E4)


def _largest_rate(demand: Demand) -> int:
    bonuses = sum(abs(bonus) for bonus in demand.prefers.values())
    return abs(demand.value_rate) + 5 * bonuses + 5 * abs(demand.overqualified_cost) * len(demand.requires)
