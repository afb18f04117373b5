"""What follows from a problem's figures before any choice is made: windows, units of shift, minutes of runs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Person, Problem, Run


class Terms:
    """
    Look-ups and derived figures of one problem; reads only.

    ``horizon`` is T, ``frozen`` the number of frozen periods (at most T). ``windows`` maps a demand to its first and last
    period with effort, unshifted, or ``None``. ``unit_of`` maps a demand to its unit of shift: its project when that has a
    ``shift``, else itself (ids of demands and projects never coincide).
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.horizon = len(problem.periods)
        self.frozen = min(problem.policy.frozen_periods, self.horizon)
        self.people: dict[str, Person] = {p.id: p for p in problem.people}
        self.demands: dict[str, Demand] = {d.id: d for d in problem.demands}
        self.projects = {p.id: p for p in problem.projects}
        self.windows = {d.id: _window(d) for d in problem.demands}
        self.unit_of = {d.id: d.project if self._moves_as_project(d) else d.id for d in problem.demands}
        self._rows: dict[tuple[str, str, int, int], list[int]] = {}

    def _moves_as_project(self, demand: Demand) -> bool:
        project = self.projects.get(demand.project)
        return project is not None and project.shift is not None

    @cached_property
    def units(self) -> dict[str, list[Demand]]:
        """The demands of every unit of shift."""
        units: dict[str, list[Demand]] = {}
        for d in self.problem.demands:
            units.setdefault(self.unit_of[d.id], []).append(d)
        return units

    @cached_property
    def of_project(self) -> dict[str, list[Demand]]:
        """The demands of every project that has any."""
        projects: dict[str, list[Demand]] = {}
        for d in self.problem.demands:
            projects.setdefault(d.project, []).append(d)
        return projects

    @cached_property
    def current_runs(self) -> dict[tuple[str, str], Run]:
        """The plan in force, by person and demand."""
        return {(r.person, r.demand): r for r in self.problem.current}

    def effort(self, demand: str, shift: int) -> list[int]:
        """The demand's effort in minutes by period when moved by ``shift``; what leaves the horizon is lost."""
        effort = self.demands[demand].effort
        if shift == 0:
            return list(effort)
        return [effort[t - shift] if 0 <= t - shift < self.horizon else 0 for t in range(self.horizon)]

    def promised(self, demand: str, share_e4: int, shift: int) -> list[int]:
        """Minutes a run promises in each period, were it running there."""
        return [share_e4 * e // E4 for e in self.effort(demand, shift)]

    def minutes(self, person: str, demand: str, share_e4: int, shift: int) -> list[int]:
        """Minutes a run delivers in each period, were it running there: shortened like the person's absences, at most the capacity."""
        key = (person, demand, share_e4, shift)
        if (row := self._rows.get(key)) is None:
            p = self.people[person]
            usual = p.capacity if p.usual is None else p.usual
            row = [
                min(share_e4 * e // E4 if c >= u else share_e4 * e * c // (E4 * u), c)
                for e, c, u in zip(self.effort(demand, shift), p.capacity, usual, strict=True)
            ]
            self._rows[key] = row
        return row

    def current_minutes(self, person: str, demand: str) -> list[int] | None:
        """Minutes by period of the pair's run in the plan in force, at today's effort and capacity; ``None`` without one."""
        run = self.current_runs.get((person, demand))
        if run is None:
            return None
        row = self.minutes(person, demand, run.share_e4, run.shift)
        return [m if run.first <= t <= run.last else 0 for t, m in enumerate(row)]

    def value_per_hour(self, person: str, demand: str) -> int:
        """Net minor units per hour: value - cost + preference + preferred levels - overqualification."""
        p, d = self.people[person], self.demands[demand]
        held = p.skills
        preference = p.preferences.get(d.id, p.preferences.get(d.project, 0))
        preferred = sum(bonus * held.get(skill, 0) for skill, bonus in d.prefers.items())
        above = sum(max(0, held.get(skill, 0) - level) for skill, level in d.requires.items())
        return d.value_rate - p.cost_rate + preference + preferred - d.overqualified_cost * above


def _window(demand: Demand) -> tuple[int, int] | None:
    wanted = [t for t, e in enumerate(demand.effort) if e > 0]
    return (wanted[0], wanted[-1]) if wanted else None
