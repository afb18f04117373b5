"""Which projects, demands and people a plan takes in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.request import Tentative
from scheduler.planning.wording import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
    from scheduler.domain.staffing.work import Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot


def probability(project: Project) -> Decimal:
    """The chance its work comes: 1 once won, whatever was recorded before."""
    return Decimal(1) if project.state is ProjectState.WON else project.probability


def projects_in_scope(snapshot: Snapshot, request: PlanRequest) -> tuple[dict[ProjectId, Project], list[Statement]]:
    """
    The projects to plan, by id and with the priorities asked for, and a statement for each that was left out.

    Raises
    ------
    DomainError
        If the request names a project, skill, team or location that does not exist.
    """
    check_named(
        request,
        projects={project.id for project in snapshot.projects},
        skills={skill.id for skill in snapshot.skills},
        people=snapshot.people,
    )
    priorities = dict(request.policy.priorities)
    chosen: dict[ProjectId, Project] = {}
    left_out: list[Statement] = []
    for project in sorted(snapshot.projects, key=lambda p: p.id):
        if request.project_ids is not None and project.id not in request.project_ids:
            continue
        if request.project_states is not None and project.state not in request.project_states:
            continue
        why = _why_not(project, request)
        if why is None:
            chosen[project.id] = replace(project, priority=priorities.get(project.id, project.priority))
        else:
            left_out.append(Statement(code=why[0], subject="project", id=project.id, name=project.name, text=f"{project.name}: {why[1]}"))
    return chosen, left_out


def check_named(request: PlanRequest, *, projects: Collection[str], skills: Collection[str], people: Sequence[Person]) -> None:
    """Raise DomainError ``input.invalid`` for whatever the request names and nobody knows."""
    faults = Faults()
    for pointer, project_id in named_projects(request):
        if project_id not in projects:
            faults.add(pointer, "reference.not_found", "There is no such project; name projects that exist.")
    for index, skill_id in enumerate(sorted(request.skill_ids or ())):
        if skill_id not in skills:
            faults.add(f"/skill_ids/{index}", "reference.not_found", "No skill has this id; name skills that there are.")
    check_groups(faults, request, people=people)
    faults.raise_any("plan request")


def check_groups(faults: Faults, named: PlanRequest | RebalancePolicy, *, people: Sequence[Person]) -> None:
    """A fault for each team and location that is nobody's."""
    known = {
        "team": {person.team for person in people if person.team},
        "location": {term.location for person in people for term in person.terms if term.location},
    }
    for what, names in (("team", named.teams), ("location", named.locations)):
        for index, one in enumerate(sorted(names or ())):
            if one not in known[what]:
                message = f"No person's {what} is called so; name {what}s that there are."
                faults.add(f"/{what}s/{index}", "reference.not_found", message)


def named_projects(request: PlanRequest) -> list[tuple[str, ProjectId]]:
    """Every project that a request names, with its place."""
    listed = [(f"/project_ids/{index}", project_id) for index, project_id in enumerate(sorted(request.project_ids or ()))]
    return listed + [
        (f"/policy/priorities/{index}/project_id", project_id) for index, (project_id, _) in enumerate(request.policy.priorities)
    ]


def people_in_scope(people: Mapping[PersonId, Availability], request: PlanRequest) -> frozenset[PersonId]:
    """Who is planned, by the team and by where they work at the beginning of the horizon."""
    found = list(people.values())
    if request.teams is not None:
        found = [one for one in found if one.person.team in request.teams]
    if request.locations is not None:
        found = [one for one in found if one.opening_term is not None and one.opening_term.location in request.locations]
    return frozenset(one.person.id for one in found)


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
