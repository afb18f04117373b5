"""Making a project, with its tasks, from a template."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.templates import span_of, working_days
from scheduler.domain.ground.ids import TaskId, new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.store import retried
from scheduler.store.calendar_days import whole_days_off

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.work import Project
    from scheduler.store import Store

_SPARE_DAYS = 366


@retried
def create_project_from_template(
    store: Store,
    *,
    actor: Actor,
    template_id: str,
    project: Project,
    first_day: date,
    calendar_id: str | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Project:
    """
    Keep a new project and the tasks of a template, from the first working day on or after ``first_day``.

    Working days are Monday to Friday, without whole days off of the calendar; a project without a period gets the span of its tasks.
    Raises DomainError ``record.not_found`` (template), ``reference.not_found``, ``access.denied``, and what keeping a record raises.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        template = tx.area("project_templates").get(template_id)
        # As long as so many working days can take.
        span = DateInterval(first_day, first_day + timedelta(days=2 * template.days + _SPARE_DAYS))
        days = working_days(first_day, template.days, off=whole_days_off(tx.calendars, calendar_id, days=span))
        ids = {part.key: TaskId(new_id()) for part in template.parts}
        tasks = template.tasks(project_id=project.id, ids=ids, day=days.__getitem__)
        made = replace(project, template_id=template.id, template_version=template.version, period=project.period or span_of(tasks))
        added = tx.projects.add(made)
        for task in tasks:
            tx.area("tasks").add(task)
        return tx.answer(added)
