"""Everybody's team and cost rate as they were recorded, day by day: what means of groups are fixed over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.staffing.group_rates import Standing
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.people import PEOPLE, PERSON_TERMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scheduler.domain.ground.ids import PersonId

SETTLED = timedelta(hours=1)
"""A day's beginning counts once it is so long ago: what was changed before it has been committed by then."""


@dataclass(slots=True)
class _Recorded:
    """Versions of one person."""

    teams: list[Any] = field(default_factory=list)
    """Rows with a team."""
    terms: list[Any] = field(default_factory=list)
    """Rows with a period and a cost rate."""


def standings_by_day(connection: Connection, *, now: datetime) -> Sequence[tuple[date, Mapping[PersonId, Standing | None]]]:
    """
    Days on which something changed, ascending, each with whose standing is another from then on.

    The first is the moment at which the first employment period was recorded; after it each day counts as it was at its beginning (UTC).
    Nothing that is recorded later changes what comes out for a day.
    """
    people = _recorded(connection)
    first = min((term.recorded_from for one in people.values() for term in one.terms), default=None)
    if first is None:
        return []
    last = (now - SETTLED).date()
    changes: dict[date, dict[PersonId, Standing | None]] = defaultdict(dict)
    for person_id, recorded in people.items():
        before = None
        for day in sorted({first.date(), *(day for day in _turns(recorded) if first.date() < day <= last)}):
            standing = _standing(recorded, day, at=first if day == first.date() else _beginning(day))
            if standing != before:
                changes[day][person_id] = standing
            before = standing
    return sorted(changes.items())


def _recorded(connection: Connection) -> Mapping[PersonId, _Recorded]:
    found: dict[PersonId, _Recorded] = defaultdict(_Recorded)
    people, terms = TWINS[PEOPLE.name].c, TWINS[PERSON_TERMS.name].c
    for row in connection.execute(select(people.id, people.team, people.recorded_from, people.recorded_to)):
        found[row.id].teams.append(row)
    columns = (terms.parent_id, terms.period_start, terms.period_end, terms.cost_rate, terms.recorded_from, terms.recorded_to)
    for term in connection.execute(select(*columns).where(terms.cost_rate > Decimal(0))):
        found[term.parent_id].terms.append(term)
    return found


def _turns(recorded: _Recorded) -> set[date]:
    """Days on which the person's standing may be another than the day before."""
    instants = [at for row in (*recorded.teams, *recorded.terms) for at in (row.recorded_from, row.recorded_to) if at is not None]
    days = {at.date() if at == _beginning(at.date()) else at.date() + timedelta(days=1) for at in instants}
    return days | {day for term in recorded.terms for day in (term.period_start, term.period_end) if day is not None}


def _standing(recorded: _Recorded, day: date, *, at: datetime) -> Standing | None:
    """As it was recorded at an instant."""
    teams = [row.team for row in recorded.teams if _is_valid(row, at)]
    in_force = (term for term in recorded.terms if term.period_start <= day and (term.period_end is None or day < term.period_end))
    rates = [term.cost_rate for term in in_force if _is_valid(term, at)]
    return Standing(team=teams[0], cost_rate=rates[0]) if teams and rates else None


def _is_valid(row: Any, at: datetime) -> bool:
    return bool(row.recorded_from <= at and (row.recorded_to is None or at < row.recorded_to))


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
