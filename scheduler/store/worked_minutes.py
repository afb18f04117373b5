"""Approved time of projects, summed by person, day and what it was spent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.domain.delivery.forecast import WorkedMinutes
from scheduler.domain.delivery.line_states import LineState
from scheduler.store.among import among, chunks
from scheduler.store.history import source
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from scheduler.domain.ground.ids import ProjectId
    from scheduler.store.view import View


def worked_minutes(view: View, project_ids: Iterable[ProjectId], *, until: date) -> Iterator[WorkedMinutes]:
    """Time on these projects before the day ``until`` that was approved, as the view's instant knows it; rights are the caller's to ask for."""
    rows = source(TIME_ENTRIES, view.as_of)
    key = (
        rows.c.project_id,
        rows.c.person_id,
        rows.c.work_date,
        rows.c.is_billable,
        rows.c.task_id,
        rows.c.demand_id,
        rows.c.activity_type_id,
    )
    for part in chunks(sorted(set(project_ids))):
        query = select(*key, func.sum(rows.c.minutes)).where(
            among(rows.c.project_id, part), rows.c.state == LineState.APPROVED, rows.c.work_date < until
        )
        for project_id, person_id, day, is_billable, task_id, demand_id, activity_type_id, minutes in view.connection.execute(
            query.group_by(*key)
        ):
            yield WorkedMinutes(
                project_id=project_id,
                person_id=person_id,
                day=day,
                minutes=int(minutes),
                is_billable=is_billable,
                task_id=task_id,
                demand_id=demand_id,
                activity_type_id=activity_type_id,
            )
