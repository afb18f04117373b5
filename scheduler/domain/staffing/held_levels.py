"""Levels of skills over time: a certificate that lapses counts only while it is valid."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.ids import SkillId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import HeldSkill


def best_levels(held: Iterable[HeldSkill], *, days: DateInterval) -> dict[SkillId, int]:
    """The best level of each skill held on at least one of ``days``."""
    best: dict[SkillId, int] = {}
    for skill in held:
        if _first(skill) < _end(days) and days.start < _after(skill):
            best[skill.skill_id] = max(skill.level, best.get(skill.skill_id, 0))
    return best


def level_throughout(held: Iterable[HeldSkill], skill_id: SkillId, *, days: DateInterval) -> int:
    """
    The level held on every one of ``days``: 0 when on some day none is.

    Several holdings of one skill complete each other: level 3 until June and level 4 from July are level 3 throughout.
    """
    spans = [(_first(h), _after(h), h.level) for h in held if h.skill_id == skill_id]
    turns = {day for first, after, _ in spans for day in (first, after) if day in days} | {days.start}
    return min(max((level for first, after, level in spans if first <= day < after), default=0) for day in turns)


def lapses_on(held: Iterable[HeldSkill], skill_id: SkillId, *, level: int, days: DateInterval) -> date | None:
    """The first of ``days`` on which the skill is not held at ``level``; ``None`` when it is held throughout."""
    spans = [(_first(h), _after(h)) for h in held if h.skill_id == skill_id and h.level >= level]
    turns = sorted({after for _, after in spans if after in days} | {days.start})
    return next((day for day in turns if not any(first <= day < after for first, after in spans)), None)


def levels_throughout(held: Iterable[HeldSkill], skills: Iterable[SkillId], *, days: DateInterval) -> Mapping[SkillId, int]:
    """``level_throughout`` of each of ``skills``."""
    holdings = tuple(held)
    return {skill_id: level_throughout(holdings, skill_id, days=days) for skill_id in skills}


def _first(skill: HeldSkill) -> date:
    return skill.valid_from or date.min


def _after(skill: HeldSkill) -> date:
    return date.max if skill.valid_until in {None, date.max} else skill.valid_until + timedelta(days=1)


def _end(days: DateInterval) -> date:
    return days.end or date.max
