"""Which projects a plan takes in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.request import Tentative
from scheduler.planning.wording import Statement

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.domain.staffing.work import Project
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot


def probability(project: Project) -> Decimal:
    """The chance its work comes: 1 once won, whatever was recorded before."""
    return Decimal(1) if project.state is ProjectState.WON else project.probability


def projects_in_scope(snapshot: Snapshot, request: PlanRequest) -> tuple[dict[ProjectId, Project], list[Statement]]:
    """
    The projects to plan, by id, and a statement for each that was left out.

    Raises
    ------
    DomainError
        If the request names a project that does not exist.
    """
    _check_named(snapshot, request)
    chosen: dict[ProjectId, Project] = {}
    left_out: list[Statement] = []
    for project in sorted(snapshot.projects, key=lambda p: p.id):
        if request.project_ids is not None and project.id not in request.project_ids:
            continue
        why = _why_not(project, request)
        if why is None:
            chosen[project.id] = project
        else:
            left_out.append(Statement(code=why[0], subject="project", id=project.id, name=project.name, text=f"{project.name}: {why[1]}"))
    return chosen, left_out


def _check_named(snapshot: Snapshot, request: PlanRequest) -> None:
    known = {project.id for project in snapshot.projects}
    faults = Faults()
    for index, project_id in enumerate(sorted(request.project_ids or ())):
        if project_id not in known:
            faults.add(f"/project_ids/{index}", "reference.not_found", "There is no such project; name projects that exist.")
    faults.raise_any("plan request")


def _why_not(project: Project, request: PlanRequest) -> tuple[str, str] | None:
    if project.state in {ProjectState.LOST, ProjectState.CLOSED}:
        return f"project.{project.state.value}", f"the project is {project.state.value}; its demands are not planned."
    least = request.min_probability
    if request.tentative is Tentative.AT_OR_ABOVE and least is not None and probability(project) < least:
        return (
            "project.improbable",
            f"its probability {project.probability:f} is below the {least:f} asked for; its demands are not planned.",
        )
    return None
