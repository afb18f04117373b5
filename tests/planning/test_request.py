"""What may be asked of a plan."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.planning.request import ChangePolicy, SolveLimits, Tentative, solver_limits
from tests.factories import MONDAY, make_request, monday


@pytest.mark.parametrize("time_limit_s", [0, -1, math.nan, math.inf, 1e9])
def test_s17_time_limit_out_of_range(time_limit_s: float) -> None:
    """A time limit that is no number of seconds from 1 to 3,600 is refused with the allowed range."""
    with pytest.raises(DomainError) as refused:
        make_request(limits=SolveLimits(time_limit_s=time_limit_s))
    (fault,) = refused.value.faults
    assert fault.pointer == "/limits/time_limit_s"
    assert "1 to 3600" in fault.message


@pytest.mark.parametrize("workers", [-1, 0, 5_000])
def test_s17_workers_out_of_range(workers: int) -> None:
    """A number of search threads that is not 1 to 64 is refused with the allowed range."""
    with pytest.raises(DomainError) as refused:
        make_request(limits=SolveLimits(workers=workers))
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/limits/workers", "number.out_of_range")
    assert "1 to 64" in fault.message


def test_s17_server_cap_wins() -> None:
    """More seconds or threads than the server allows become what it allows; less stays."""
    limits = solver_limits(SolveLimits(time_limit_s=600, workers=8, seed=3, gap=0.01), time_cap_s=60, workers_cap=2)
    assert (limits.time_s, limits.workers, limits.seed, limits.gap) == (60, 2, 3, 0.01)
    assert solver_limits(SolveLimits(time_limit_s=5, workers=1), time_cap_s=60, workers_cap=2).time_s == 5
    assert solver_limits(SolveLimits(), time_cap_s=60, workers_cap=2).workers == 2


def test_every_fault_is_named_at_once() -> None:
    """A request with several faults lists all of them with their places."""
    with pytest.raises(DomainError) as refused:
        make_request(
            horizon_start=date(2027, 3, 2),
            weeks=0,
            policy=ChangePolicy(setup_cost=Decimal(-1), max_churn_hours=Decimal("NaN"), band_low=Decimal("0.9"), band_high=Decimal("0.8")),
            limits=SolveLimits(gap=2, seed=-1),
        )
    pointers = {fault.pointer for fault in refused.value.faults}
    expected = {
        "/horizon_start",
        "/weeks",
        "/policy/setup_cost",
        "/policy/max_churn_hours",
        "/policy/band_low",
        "/limits/gap",
        "/limits/seed",
    }
    assert pointers == expected


def test_horizon_starts_on_a_monday() -> None:
    """Another day is refused and the Mondays beside it are named."""
    with pytest.raises(DomainError) as refused:
        make_request(horizon_start=date(2027, 3, 3))
    assert "2027-03-01" in refused.value.detail
    assert "2027-03-08" in refused.value.detail


@pytest.mark.parametrize(
    "asked", [{"tentative": Tentative.AT_OR_ABOVE}, {"min_probability": Decimal("0.5")}, {"policy": ChangePolicy(frozen_weeks=9)}]
)
def test_inconsistent_requests_are_refused(asked: dict[str, Any]) -> None:
    """A threshold without its rule or the rule without a threshold; more frozen weeks than the horizon has."""
    with pytest.raises(DomainError):
        make_request(**asked)


def test_weeks_and_days_of_the_grid() -> None:
    """Period 0 is the week of the first Monday; days before it have negative indexes; spans are cut to the horizon."""
    grid = make_request(weeks=3).grid
    assert grid.mondays == (MONDAY, monday(1), monday(2))
    assert [grid.index(day) for day in (date(2027, 2, 28), MONDAY, date(2027, 3, 7), date(2027, 3, 22))] == [-1, 0, 0, 3]
    assert (grid.clip(-2, 1), grid.clip(1, 9), grid.clip(3, 9), grid.clip(-3, -1)) == ((0, 1), (1, 2), None, None)
    assert list(grid.week_days(2).days())[-1] == date(2027, 3, 21)
