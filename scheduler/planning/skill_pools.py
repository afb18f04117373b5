"""How much of each skill is wanted, and how much there is, week by week: where the most is missing is the bottleneck."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.staffing.held_levels import level_throughout
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.fractions import e4
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId
    from scheduler.domain.staffing.work import Demand, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.time_grid import TimeGrid

Pool = tuple["SkillId", int]
"""A skill, and the level from which somebody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolWeek:
    """What is wanted of a pool in a week, and what its people can do."""

    week: date
    wanted_min: int
    """By won projects."""
    expected_min: int
    """By won ones, and by tentative ones times their chance; rounded half up."""
    bookable_min: int
    """Of everybody who holds the skill at the level all week, whatever else they are booked on."""

    @property
    def missing_min(self) -> int:
        """What is expected beyond what is bookable: at least so much stays open, whoever is planned how."""
        return max(0, self.expected_min - self.bookable_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReport:
    """A pool over all weeks."""

    skill_id: SkillId
    skill: str
    level: int
    people: int
    """Who holds the skill at the level in some of the weeks."""
    weeks: tuple[PoolWeek, ...]

    @property
    def missing_min(self) -> int:
        """Of all weeks."""
        return sum(week.missing_min for week in self.weeks)

    @property
    def expected_min(self) -> int:
        """Of all weeks."""
        return sum(week.expected_min for week in self.weeks)

    @property
    def bookable_min(self) -> int:
        """Of all weeks."""
        return sum(week.bookable_min for week in self.weeks)

    @property
    def pressure(self) -> Fraction | None:
        """Expected over bookable minutes; ``None`` where nobody can work."""
        return Fraction(self.expected_min, self.bookable_min) if self.bookable_min else None


def skill_pools(snapshot: Snapshot, grid: TimeGrid) -> tuple[PoolReport, ...]:
    """Every pool that some demand of the weeks asks for, that with the most missing first, then the scarcest."""
    projects = {project.id: project for project in snapshot.projects}
    names = {skill.id: skill.name for skill in snapshot.skills}
    asked = [demand for demand in snapshot.demands if _chance_e4(projects[demand.project_id]) and _weeks(demand, grid)]
    people = availabilities(snapshot, grid)
    found = [_pool(pool, asked, projects, people, grid, name=names[pool[0]]) for pool in _pools(asked)]
    return tuple(
        sorted(found, key=lambda pool: (-pool.missing_min, -pool.expected_min / max(1, pool.bookable_min), pool.skill, pool.level))
    )


def _pools(demands: Iterable[Demand]) -> list[Pool]:
    return sorted({pool for demand in demands for pool in demand.requires.items()})


def _chance_e4(project: Project) -> int:
    match project.state:
        case ProjectState.WON:
            return E4
        case ProjectState.TENTATIVE:
            return e4(project.probability)
        case _:
            return 0


def _weeks(demand: Demand, grid: TimeGrid) -> dict[int, int]:
    found = ((grid.index(wanted.week), wanted.minutes) for wanted in demand.effort)
    return {index: minutes for index, minutes in found if 0 <= index < grid.weeks}


def _pool(
    pool: Pool,
    demands: Iterable[Demand],
    projects: Mapping[ProjectId, Project],
    people: Mapping[PersonId, Availability],
    grid: TimeGrid,
    *,
    name: str,
) -> PoolReport:
    skill, level = pool
    wanted: Counter[int] = Counter()
    expected_e4: Counter[int] = Counter()
    for demand in demands:
        if demand.requires.get(skill, 0) < level:
            continue
        chance_e4 = _chance_e4(projects[demand.project_id])
        for index, minutes in _weeks(demand, grid).items():
            wanted[index] += minutes if chance_e4 == E4 and projects[demand.project_id].state is ProjectState.WON else 0
            expected_e4[index] += minutes * chance_e4
    bookable, holders = _bookable(pool, people.values(), grid)
    weeks = tuple(
        PoolWeek(
            week=grid.monday(index),
            wanted_min=wanted[index],
            expected_min=(expected_e4[index] + E4 // 2) // E4,
            bookable_min=bookable[index],
        )
        for index in range(grid.weeks)
    )
    return PoolReport(skill_id=skill, skill=name, level=level, people=len(holders), weeks=weeks)


def _bookable(pool: Pool, people: Collection[Availability], grid: TimeGrid) -> tuple[defaultdict[int, int], set[PersonId]]:
    skill, level = pool
    minutes: defaultdict[int, int] = defaultdict(int)
    holders: set[PersonId] = set()
    for one in people:
        held = [holding for holding in one.person.skills if holding.skill_id == skill and holding.level >= level]
        if not held:
            continue
        is_lasting = any(holding.valid_from is None and holding.valid_until is None for holding in held)
        for index in range(grid.weeks):
            if is_lasting or level_throughout(held, skill, days=grid.week_days(index)) >= level:
                minutes[index] += one.weeks[index].bookable_min
                holders.add(one.person.id)
    return minutes, holders
