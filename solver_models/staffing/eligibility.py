"""Who may work on what (rule 1), whole demands at a time, and by which rule the others may not."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.problem import Demand, Person

    Mask = npt.NDArray[np.bool_]
    Rows = npt.NDArray[np.intp]


class Eligibility:
    """Answers for one problem, for everybody at once; a person is known by the row of ``problem.people``."""

    def __init__(self, terms: Terms) -> None:
        people = terms.problem.people
        self._ids = [p.id for p in people]
        self._row = {p.id: i for i, p in enumerate(people)}
        self._skill = {s: k for k, s in enumerate(sorted({s for p in people for s in p.skills}))}
        # One line per skill: a demand reads few skills of everybody.
        self._levels = np.zeros((len(self._skill), len(people)), dtype=np.int8)
        for i, p in enumerate(people):
            for skill, level in p.skills.items():
                self._levels[self._skill[skill], i] = level
        self._is_reserved = np.array([p.available_for is not None for p in people], dtype=bool)
        self._somebody_is_reserved = bool(self._is_reserved.any())
        self._reserved_for = _rows_of((d, i) for i, p in enumerate(people) for d in p.available_for or ())
        self._not_for = _rows_of((d, i) for i, p in enumerate(people) for d in p.not_for)
        self._place = {place: k for k, place in enumerate(sorted({p.location for p in people if p.location is not None}))}
        self._at = np.array([-1 if p.location is None else self._place[p.location] for p in people], dtype=np.int32)

    def levels(self, skill: str) -> npt.NDArray[np.int8]:
        """Everybody's level of a skill."""
        line = self._skill.get(skill)
        return np.zeros(len(self._ids), dtype=np.int8) if line is None else self._levels[line]

    def qualified(self, demand: Demand) -> list[str]:
        """Ids of the people who hold every required level."""
        return [self._ids[i] for i in np.flatnonzero(self._qualified(demand))]

    def allowed(self, demand: Demand) -> set[str]:
        """Ids of the people whom every part of rule 1 lets work on the demand."""
        return {self._ids[i] for i in self.allowed_rows(demand)}

    def allowed_rows(self, demand: Demand) -> Rows:
        """Rows of the people whom every part of rule 1 lets work on the demand, in order."""
        mask = self._qualified(demand)
        if demand.locations is not None:
            mask &= self._located(demand.locations)
        if demand.only is not None:
            mask &= self._among(self._row[p] for p in demand.only if p in self._row)
        if demand.never:
            mask[[self._row[p] for p in demand.never if p in self._row]] = False
        if self._somebody_is_reserved:
            mask &= ~self._is_reserved | self._among(self._reserved_for.get(demand.id, ()))
        if demand.id in self._not_for:
            mask[self._not_for[demand.id]] = False
        return np.flatnonzero(mask)

    def nearest_rows(self, demand: Demand) -> Rows:
        """Rows of the people who lack the fewest levels, in as few skills as possible."""
        short = np.zeros(len(self._ids), dtype=np.int64)
        skills = np.zeros(len(self._ids), dtype=np.int64)
        for skill, level in demand.requires.items():
            lack = np.maximum(0, level - self.levels(skill).astype(np.int64))
            short += lack
            skills += lack > 0
        distance = short * (len(demand.requires) + 1) + skills
        return np.flatnonzero(distance == distance.min()) if distance.size else np.flatnonzero(distance)

    def _located(self, places: Iterable[str]) -> Mask:
        mask = np.zeros(len(self._ids), dtype=bool)
        for place in places:
            if (number := self._place.get(place)) is not None:
                mask |= self._at == number
        return mask

    def _qualified(self, demand: Demand) -> Mask:
        mask = np.ones(len(self._ids), dtype=bool)
        for skill, level in demand.requires.items():
            mask &= self.levels(skill) >= level
        return mask

    def _among(self, rows: Iterable[int]) -> Mask:
        mask = np.zeros(len(self._ids), dtype=bool)
        mask[list(rows)] = True
        return mask


def _rows_of(pairs: Iterable[tuple[str, int]]) -> Mapping[str, list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for key, row in pairs:
        rows[key].append(row)
    return rows


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
