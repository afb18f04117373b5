"""A project's tasks as a tree, with what does not add up in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.structure import Part, StructureWarning, tree, warnings
from scheduler.domain.ground.access import require
from scheduler.store import retried

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

TASKS_READ = "tasks:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStructure:
    """The tops of the tree, and its warnings."""

    parts: tuple[Part, ...]
    warnings: tuple[StructureWarning, ...]


@retried
def project_structure(store: Store, *, actor: Actor, project_id: str, today: date, as_of: datetime | None = None) -> ProjectStructure:
    """The tree of a project. Raises DomainError ``record.not_found`` for a project that the actor does not see, ``access.denied``."""
    with store.read(actor, as_of=as_of) as view:
        project = view.projects.get(project_id)
        require(actor, TASKS_READ)
        parts = tree(view.area("tasks").matching(project_id=project_id))
    return ProjectStructure(parts=parts, warnings=tuple(warnings(parts, project_days=project.period, today=today)))
