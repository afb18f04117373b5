"""Recorded minutes, summed in the database, as reports read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.planning.person_days import Logged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.delivery.line_states import LineState
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store import View


def recorded_time(
    view: View, *, days: DateInterval, states: Collection[LineState], people: Collection[str] | None = None
) -> tuple[Logged, ...]:
    """
    Minutes by person, project, day and whether they are billable, of ``days``, which have an end: what the view's actor may see.

    Only of ``people``, where they are given.
    """

    def wanted(rows: FromClause) -> Iterable[ColumnElement[bool]]:
        return (rows.c.work_date >= days.start, rows.c.work_date < days.end, rows.c.state.in_(sorted(states)))

    found = view.area("time_entries").sums("minutes", by=("person_id", "project_id", "work_date", "is_billable"), where=wanted)
    return tuple(
        Logged(person_id=person, project_id=project, day=day, is_billable=is_billable, minutes=int(minutes))
        for person, project, day, is_billable, _, minutes in found
        if people is None or person in people
    )
