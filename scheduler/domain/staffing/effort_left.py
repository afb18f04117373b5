"""What a demand still needs, by its lead's own estimate: its coming weeks wanted more or less, in the proportions that they have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.work import WeekEffort

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.staffing.work import Demand

EFFORT_LEFT_MAX = 60_000_000
"""Minutes: a million hours."""


def with_effort_left(demand: Demand, *, minutes: int, on: date) -> Demand:
    """
    The demand with ``minutes`` left to be done from the first Monday on or after ``on``; what lies before stays as it was.

    Weeks keep their proportions, in whole minutes that add up exactly; weeks that come to nothing go, and with 0 minutes all of them.

    Raises
    ------
    DomainError
        ``input.invalid`` for minutes out of range; ``effort.no_weeks`` (CONFLICT) when no week from then on has effort.
    """
    faults = Faults()
    faults.integer("/minutes", minutes, least=0, most=EFFORT_LEFT_MAX)
    faults.raise_any("effort left")
    before = [one for one in demand.effort if one.week < on]
    coming = [one for one in demand.effort if one.week >= on]
    total = sum(one.minutes for one in coming)
    if not total:
        if minutes == 0:
            return demand
        detail = f"The demand has no effort in a week that begins on or after {on}, so nobody can say when the rest is to be done; give it weeks."
        raise DomainError(ErrorKind.CONFLICT, "effort.no_weeks", detail, facts={"on": on.isoformat()})
    scaled, passed, given = [], 0, 0
    for one in coming:
        passed += one.minutes
        until = minutes * passed // total
        if until > given:
            scaled.append(WeekEffort(week=one.week, minutes=until - given))
        given = until
    return replace(demand, effort=(*before, *scaled))
