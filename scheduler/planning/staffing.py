"""A staffing problem together with what the planner needs to read its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.planning.bills import Bill
    from scheduler.planning.day_prices import DayPrices
    from scheduler.planning.time_grid import TimeGrid
    from scheduler.planning.wording import Names, Statement
    from solver_models.staffing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What ``to_problem`` answers: the problem, and everything in it that is a planner's word."""

    problem: Problem
    grid: TimeGrid
    names: Names
    valuation: tuple[Statement, ...] = ()
    """How value and cost were chosen."""
    left_out: tuple[Statement, ...] = ()
    """What the problem does not hold, or holds otherwise than asked, and why."""
    base_shift: Mapping[str, int] = field(default_factory=dict)
    """Weeks by which the plan in force has already moved a demand (by id; 0 where absent): the problem's effort is the moved one."""
    bookable: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Each person's bookable minutes per week, before the bookings that stay."""
    stays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Minutes per week that bookings that stay take of each person (all zero where absent)."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Each planned person's team; without one absent."""
    bills: Mapping[str, Bill] = field(default_factory=dict)
    """What an hour of each demand is billed at in the mean of its weeks: what sweeps reckon with while they search."""
    day_prices: DayPrices | None = field(default=None, compare=False, repr=False)
    """Prices of every day, from the rows that the problem was made from; a staffing that was read back from JSON has none."""
