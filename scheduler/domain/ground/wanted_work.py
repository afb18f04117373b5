"""Work that a project's breakdown wants done: what delivery knows of it, and staffing looks for somebody for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scheduler.domain.ground.ids import ProjectId, SkillId, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedWork:
    """The work of one task: minutes by the Monday of their week, ascending, and who could do it."""

    task_id: TaskId
    project_id: ProjectId
    name: str
    weeks: tuple[tuple[date, int], ...]
    requires: Mapping[SkillId, int] = field(default_factory=dict)
    grade: str | None = None

    @property
    def minutes(self) -> int:
        """All of it."""
        return sum(minutes for _, minutes in self.weeks)
