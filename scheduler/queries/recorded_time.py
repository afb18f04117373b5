"""Recorded minutes, summed in the database, as reports read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.planning.person_days import Logged
from scheduler.store.history import source
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Collection

    from scheduler.domain.delivery.line_states import LineState
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store import View


def recorded_time(
    view: View,
    *,
    days: DateInterval,
    states: Collection[LineState],
    people: Collection[str] | None = None,
    projects: Collection[str] | None = None,
) -> tuple[Logged, ...]:
    """
    Minutes by person, project, day and whether they are billable, of ``days``, which have an end.

    Only of ``people`` and on ``projects`` where they are given. The view has to see everything: nothing is asked for here.
    """
    rows = source(TIME_ENTRIES, view.as_of)
    keys = (rows.c.person_id, rows.c.project_id, rows.c.work_date, rows.c.is_billable)
    query = select(*keys, func.sum(rows.c.minutes)).group_by(*keys)
    query = query.where(rows.c.work_date >= days.start, rows.c.work_date < days.end, rows.c.state.in_(sorted(states)))
    found = view.connection.execute(query)
    return tuple(
        Logged(person_id=person, project_id=project, day=day, is_billable=is_billable, minutes=int(minutes))
        for person, project, day, is_billable, minutes in found
        if (people is None or person in people) and (projects is None or project in projects)
    )
