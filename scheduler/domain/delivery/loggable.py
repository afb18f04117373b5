"""On what time may be logged: open projects, and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.domain.delivery.time_rules import TimeWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.delivery.tasks import Task
    from scheduler.domain.delivery.time_entries import ActivityType, TimeEntry
    from scheduler.domain.delivery.timers import RunningTimer
    from scheduler.domain.ground.checks import Faults
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.domain.ground.interval import DateInterval

_MISSING = "reference.not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOn:
    """What an entry is about, as far as it was found; ``None`` where it names nothing, or nothing was found."""

    is_open: bool
    """Whether the project is neither lost nor closed."""
    is_agreed: bool
    """Whether it is won."""
    is_internal: bool
    period: DateInterval | None = None
    task: Task | None = None
    demand_project: ProjectId | None = None
    activity: ActivityType | None = None

    @property
    def is_billable(self) -> bool:
        """Whether work on it is billable unless the entry says otherwise."""
        of_task = self.task is None or self.task.is_billable
        return not self.is_internal and of_task and (self.activity is None or self.activity.is_billable)


def check_loggable(entry: TimeEntry | RunningTimer, on: LoggedOn, faults: Faults, *, pointer: str = "") -> None:
    """Note every fault of what the entry is about."""
    if not on.is_open:
        message = "The project is closed or lost, so no time is logged on it; choose another, or have it opened again."
        faults.add(f"{pointer}/project_id", "time.project_closed", message)
    if entry.task_id is not None:
        _check_task(entry, on.task, faults, pointer=f"{pointer}/task_id")
    if entry.demand_id is not None and on.demand_project != entry.project_id:
        faults.add(f"{pointer}/demand_id", _MISSING, "The project has no such demand; give the id of one of its own.")
    if entry.activity_type_id is not None:
        if on.activity is None:
            faults.add(f"{pointer}/activity_type_id", _MISSING, "There is no such activity type; give the id of one.")
        elif not on.activity.is_active:
            faults.add(f"{pointer}/activity_type_id", "activity_type.inactive", "This activity type is not used any more; choose another.")


def hints(entry: TimeEntry, on: LoggedOn) -> Iterator[TimeWarning]:
    """What may be meant so, and probably is not."""
    if on.is_open and not on.is_agreed:
        yield _hint(entry, "time.project_tentative", "The project is not won yet.")
    if on.period is not None and entry.work_date not in on.period:
        yield _hint(entry, "time.outside_project", f"{entry.work_date} does not lie within the days of the project.")
    task = on.task
    if task is not None and task.state is TaskState.DONE:
        yield _hint(entry, "time.task_done", f"The task {task.name!r} is done.")
    if task is not None and task.period is not None and entry.work_date not in task.period:
        yield _hint(entry, "time.outside_task", f"{entry.work_date} does not lie within the days of the task {task.name!r}.")


def _check_task(entry: TimeEntry | RunningTimer, task: Task | None, faults: Faults, *, pointer: str) -> None:
    if task is None or task.project_id != entry.project_id:
        faults.add(pointer, _MISSING, "The project has no such task; give the id of one of its own.")
    elif task.kind is TaskKind.MILESTONE:
        faults.add(pointer, "time.on_milestone", "Nobody works on a milestone; name the task before it.")
    elif task.state is TaskState.CANCELLED:
        faults.add(pointer, "time.on_cancelled", "The task is cancelled; name another, or have it planned again.")


def _hint(entry: TimeEntry, code: str, message: str) -> TimeWarning:
    return TimeWarning(entry_id=entry.id, code=code, message=message)
