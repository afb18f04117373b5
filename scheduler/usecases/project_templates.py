"""Making a project, with its tasks, from a template."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.templates import span_of, working_days
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault
from scheduler.domain.ground.ids import TaskId, new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import DayPart
from scheduler.public_holidays import days_off
from scheduler.store import retried

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.people import Calendar
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
        calendar = None if calendar_id is None else tx.calendars.find(calendar_id)
        if calendar_id is not None and calendar is None:
            raise invalid(
                "request",
                Fault(pointer="/calendar_id", code="reference.not_found", message="There is no such calendar; give the id of one."),
            )
        days = working_days(first_day, template.days, off=_off(calendar, first_day, template.days))
        ids = {part.key: TaskId(new_id()) for part in template.parts}
        tasks = template.tasks(project_id=project.id, ids=ids, day=days.__getitem__)
        made = replace(project, template_id=template.id, template_version=template.version, period=project.period or span_of(tasks))
        added = tx.projects.add(made)
        for task in tasks:
            tx.area("tasks").add(task)
        return tx.answer(added)


def _off(calendar: Calendar | None, first_day: date, count: int) -> frozenset[date]:
    """Whole days off for as long as so many working days can take."""
    if calendar is None:
        return frozenset()
    span = DateInterval(first_day, first_day + timedelta(days=2 * count + _SPARE_DAYS))
    return frozenset(day for day, part in days_off(calendar, days=span).items() if part is DayPart.WHOLE)
