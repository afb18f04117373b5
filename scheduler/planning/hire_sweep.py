"""What one more person of each skill would be worth: the scenarios that ask it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import NAME_MAX, Faults
from scheduler.domain.staffing.scenarios import Change, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scheduler.domain.ground.ids import ScenarioId
    from scheduler.planning.request import PlanRequest

SKILLS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HireSweep:
    """One profile, hired once for each of some skills; raises DomainError ``input.invalid``."""

    request: PlanRequest
    """What is planned; its scenario, if any, is what all the hires stand on."""
    profile: Mapping[str, Any]
    """A person as plain JSON, who has each of the skills beside those named here."""
    skills: tuple[tuple[str, int], ...]
    """Skill id and level, one hire each."""

    def __post_init__(self) -> None:
        faults = Faults()
        if not 1 <= len(self.skills) <= SKILLS_MAX:
            faults.add("/skills", "list.length", f"There are {len(self.skills)} skills; 1 to {SKILLS_MAX} can be asked about at a time.")
        for number, skill in enumerate(self.skills):
            if skill in self.skills[:number]:
                faults.add(f"/skills/{number}", "list.duplicate", "This skill and level are there twice; keep one.")
        faults.raise_any("sweep")

    def scenarios(self, names: Mapping[Any, str], *, next_id: Callable[[], ScenarioId]) -> Iterator[Scenario]:
        """A scenario for each skill, called by the profile, the skill's name and the level."""
        for skill, level in self.skills:
            others = [held for held in self.profile.get("skills", ()) if held["skill_id"] != skill]
            profile = {**self.profile, "skills": [*others, {"skill_id": skill, "level": level}]}
            name = f"{self.profile['name']}: {names[skill]} {level}"[:NAME_MAX]
            hire = Change(kind="hire", body={"count": 1, "profile": profile})
            yield Scenario(id=next_id(), name=name, base_id=self.request.scenario_id, changes=(hire,))
