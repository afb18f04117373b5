"""What imported tasks and time entries must keep beside what each checks itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.structure import check_place
from scheduler.domain.delivery.tasks import Task, TaskKind
from scheduler.domain.ground.errors import DomainError
from scheduler.integrations.imports.parts import invalid_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scheduler.domain.delivery.expense_categories import ExpenseCategory
    from scheduler.domain.ground.ids import ProjectId, TaskId
    from scheduler.integrations.imports.draft import Draft


def check_tasks(drafts: Iterable[Draft], stored: Iterable[Task], blame: Callable[[Draft, DomainError], None]) -> None:
    """Every task that is brought has its place in its project's tree."""
    brought = [draft for draft in drafts if draft.area == "tasks"]
    every = {task.id: task for task in stored} | {draft.value.id: draft.value for draft in brought}
    by_project: defaultdict[ProjectId, list[Task]] = defaultdict(list)
    for task in every.values():
        by_project[task.project_id].append(task)
    for draft in brought:
        try:
            check_place(draft.value, by_project[draft.value.project_id])
        except DomainError as error:
            blame(draft, error)


def check_entries(drafts: Iterable[Draft], stored: Iterable[Task], blame: Callable[[Draft, DomainError], None]) -> None:
    """The task of a time entry is one of its project's, and something that is worked on."""
    every = list(drafts)
    tasks = {task.id: task for task in stored} | {draft.value.id: draft.value for draft in every if draft.area == "tasks"}
    for draft in every:
        if draft.area == "time_entries" and draft.value.task_id is not None:
            try:
                _check_entry(draft.value, tasks)
            except DomainError as error:
                blame(draft, error)


def _check_entry(entry: Any, tasks: Mapping[TaskId, Task]) -> None:
    task = tasks[entry.task_id]
    if task.project_id != entry.project_id:
        raise invalid_field("/task_id", "reference.not_found", f"The project has no task {task.name!r}; name one of its own.")
    if task.kind is TaskKind.MILESTONE:
        raise invalid_field("/task_id", "time.on_milestone", f"{task.name!r} is a milestone; nobody works on one. Name the task before it.")


def with_expenses_completed(
    drafts: Iterable[Draft], stored: Iterable[ExpenseCategory], *, home: str, blame: Callable[[Draft, DomainError], None]
) -> Iterator[Draft]:
    """
    Expenses with what their category says where they say none of their own, and with their amount in the firm's currency.

    What was spent before is taken as it is: limits and receipts of categories are rules for those who spend today.
    """
    every = list(drafts)
    categories = {one.id: one for one in stored} | {draft.value.id: draft.value for draft in every if draft.area == "expense_categories"}
    for draft in every:
        if draft.area != "expenses":
            yield draft
            continue
        try:
            yield replace(draft, value=draft.value.completed(categories[draft.value.category_id], home=home))
        except DomainError as error:
            blame(draft, error)


def wholes_first(drafts: Iterable[Draft]) -> list[Draft]:
    """Tasks after those that they are part of, everything else in its order."""
    every = list(drafts)
    parents = {draft.value.id: draft.value.parent_task_id for draft in every if draft.area == "tasks"}

    def depth(draft: Draft) -> int:
        found, task_id = 0, parents.get(draft.value.id) if draft.area == "tasks" else None
        while task_id is not None and found < len(parents):
            found, task_id = found + 1, parents.get(task_id)
        return found

    others = [draft for draft in every if draft.area != "tasks"]
    tasks = sorted((draft for draft in every if draft.area == "tasks"), key=depth)
    at = next((number for number, draft in enumerate(others) if draft.area == "time_entries"), len(others))
    return [*others[:at], *tasks, *others[at:]]
