"""Who may work on what (rule 1), whole demands at a time, and by which rule the others may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.problem import Demand, Person


class Eligibility:
    """Answers for one problem; levels are held as a people x skills matrix."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        people = terms.problem.people
        self._ids = [p.id for p in people]
        self._skill = {s: k for k, s in enumerate(sorted({s for p in people for s in p.skills}))}
        self._levels = np.zeros((len(people), len(self._skill)), dtype=np.int8)
        for i, p in enumerate(people):
            for skill, level in p.skills.items():
                self._levels[i, self._skill[skill]] = level

    def qualified(self, demand: Demand) -> list[str]:
        """Ids of the people who hold every required level."""
        mask = np.ones(len(self._ids), dtype=bool)
        for skill, level in demand.requires.items():
            column = self._skill.get(skill)
            mask &= False if column is None else self._levels[:, column] >= level
        return [self._ids[i] for i in np.flatnonzero(mask)]

    def allowed(self, demand: Demand) -> set[str]:
        """Ids of the people whom every part of rule 1 lets work on the demand."""
        people = self._terms.people
        return {i for i in self.qualified(demand) if not blocking_rules(people[i], demand)}


def blocking_rules(person: Person, demand: Demand) -> tuple[str, ...]:
    """The keys, skills apart, that bar the person from the demand."""
    barred = {
        "locations": demand.locations is not None and person.location not in demand.locations,
        "only": demand.only is not None and person.id not in demand.only,
        "never": person.id in demand.never,
        "available_for": person.available_for is not None and demand.id not in person.available_for,
        "not_for": demand.id in person.not_for,
    }
    return tuple(rule for rule, applies in barred.items() if applies)


def missing_levels(person: Person, demand: Demand) -> dict[str, tuple[int, int]]:
    """Required and held level of each skill the person falls short of."""
    held = person.skills
    return {s: (level, held.get(s, 0)) for s, level in demand.requires.items() if held.get(s, 0) < level}
