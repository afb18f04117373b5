"""The certificate of a bound as plain values: prices of what people share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver_models.staffing.problem import Project

Cut = tuple[tuple[str, ...], str | None]
"""Demands, sorted, and the person that counts as one run more (nobody: ``None``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """
    Prices that stand in for the demand-side rules (3, 6, 7, 8), in units of Z; what is not listed is 0.

    ``share`` by demand, shift and period: of the demand's whole share there; ``heads`` by demand: of one run; ``fresh``: of a new
    minute; ``apart`` by project and group: of a person of the group on the project; ``together`` by project, group and person.
    ``cuts`` by demands (sorted) and a person or nobody: of every second run that one person has on the demands, where the person
    named counts as one run more; so many halves of them, rounded down, there are at most, as each of the demands has one run.
    """

    share: Mapping[tuple[str, int, int], int] = field(default_factory=dict)
    heads: Mapping[str, int] = field(default_factory=dict)
    fresh: int = 0
    apart: Mapping[tuple[str, int], int] = field(default_factory=dict)
    together: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    cuts: Mapping[Cut, int] = field(default_factory=dict)

    def projects(self, listed: Iterable[Project]) -> list[Project]:
        """Those with a priced group."""
        priced = {project for project, _ in self.apart} | {project for project, _, _ in self.together}
        return [p for p in listed if p.id in priced]

    def of_working_on(self, project: Project, person: str) -> int:
        """What a person pays for having a run on the project."""
        apart = sum(self.apart.get((project.id, g), 0) for g, group in enumerate(project.apart) if person in group)
        return apart + sum(self.together.get((project.id, g, person), 0) for g, group in enumerate(project.together) if person in group)
