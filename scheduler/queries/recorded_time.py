"""Recorded minutes, summed in the database, as reports read them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import and_, case

from scheduler.planning.person_days import Logged, Recorded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.delivery.line_states import LineState
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store import View

_AREA = "time_entries"


def recorded_time(view: View, *, days: DateInterval, states: Collection[LineState]) -> tuple[Logged, ...]:
    """Minutes by person, project and day, of ``days``, which have an end: what the view's actor may see."""
    found = view.area(_AREA).sums(
        lambda rows: (rows.c.minutes,),
        by=("person_id", "project_id", "work_date"),
        where=lambda rows: _of(rows, days.start, days.end, states),
    )
    return tuple(Logged(person_id=person, project_id=project, day=day, minutes=int(minutes)) for person, project, day, _, minutes in found)


def recorded_by_person(
    view: View, *, starts: Sequence[date], until: date, states: Collection[LineState], internal: Collection[str]
) -> Iterator[Recorded]:
    """
    Minutes of everybody by stretch of days: from each of ``starts``, which ascend, to before the next one, the last one to before ``until``.

    ``internal``: projects that are for no client. Each stretch stands under its first day; the view has to see everything.
    """
    for first, following in pairwise((*starts, until)):
        rows = view.area(_AREA).sums(
            lambda table: (
                table.c.minutes,
                case((table.c.is_billable, table.c.minutes), else_=0),
                case((table.c.project_id.in_(sorted(internal)), 0), else_=table.c.minutes),
            ),
            by=("person_id",),
            where=lambda table, first=first, following=following: _of(table, first, following, states),  # type: ignore[misc]
        )
        for person, _, minutes, billable, productive in rows:
            yield Recorded(person_id=person, day=first, minutes=int(minutes), billable_min=int(billable), productive_min=int(productive))


def _of(rows: FromClause, first: date, until: date | None, states: Collection[LineState]) -> Iterable[ColumnElement[bool]]:
    return (and_(rows.c.work_date >= first, rows.c.work_date < until), rows.c.state.in_(sorted(states)))
