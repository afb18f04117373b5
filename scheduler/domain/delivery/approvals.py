"""
Who decides about which line.

A line waits for one level at a time: the leads of its project, then the resource managers of its person's team, then the admins. Where a
level has nobody but the line's own person it is passed over; after some days without a decision the next one is asked as well. Nobody
decides about their own lines, also not in the name of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.delivery.delegations import Delegation
    from scheduler.domain.delivery.lines import Line


class Level(StrEnum):
    """Whom a line waits for."""

    LEAD = "lead"
    """Project managers of its project."""
    RESOURCE_MANAGER = "resource_manager"
    """Of its person's team, or of every team."""
    ADMIN = "admin"


LEVELS = tuple(Level)
"""From the first that is asked to the last."""
LEVEL_OF: Mapping[Role, Level] = {
    Role.PROJECT_MANAGER: Level.LEAD,
    Role.RESOURCE_MANAGER: Level.RESOURCE_MANAGER,
    Role.ADMIN: Level.ADMIN,
    Role.SYSTEM: Level.ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """
    The standing in which somebody decides: their own, or that of somebody whom they stand in for (``for_person``).

    ``person_id``: whose standing it is, if they are a person; ``project_ids``: of a lead; ``team``: of a resource manager (``None``: all).
    """

    level: Level
    person_id: str | None = None
    project_ids: frozenset[str] = frozenset()
    team: str | None = None
    for_person: str | None = None

    def reaches(self, line: Line) -> bool:
        """Whether it has to do with lines like this one; never with those of the person whose standing it is."""
        if self.person_id is not None and self.person_id == line.person_id:
            return False
        if self.level is Level.LEAD:
            return line.project_id in self.project_ids
        return self.level is Level.ADMIN or self.team is None or self.team == line.team

    def may_decide(self, line: Line, waits_for: Level) -> bool:
        """Whether the line has come to this level, or passed it; an admin need not wait."""
        has_come = LEVELS.index(self.level) <= LEVELS.index(waits_for)
        return self.reaches(line) and (has_come or self.level is Level.ADMIN)


def seat_for(line: Line, waits_for: Level, seats: Iterable[Seat], *, person_id: str | None) -> Seat | None:
    """In which of their standings a person may decide about a line; their own before somebody else's. ``None``: in none."""
    if person_id is not None and person_id == line.person_id:
        return None
    found = [seat for seat in seats if seat.may_decide(line, waits_for)]
    return min(found, key=lambda seat: (seat.for_person is not None, seat.for_person or ""), default=None)


def first_level(line: Line, seats: Sequence[Seat]) -> Level:
    """Whom a line waits for when it is handed in; ``seats``: of everybody."""
    return _level_from(line, LEVELS, seats)


def next_level(line: Line, level: Level, seats: Sequence[Seat]) -> Level | None:
    """Who is asked when that level does not decide; ``None``: nobody is above it."""
    above = LEVELS[LEVELS.index(level) + 1 :]
    return _level_from(line, above, seats) if above else None


def _level_from(line: Line, levels: Sequence[Level], seats: Sequence[Seat]) -> Level:
    return next((level for level in levels if any(seat.level is level and seat.reaches(line) for seat in seats)), Level.ADMIN)


def in_charge(line: Line, level: Level, seats: Iterable[Seat]) -> tuple[Seat, ...]:
    """Whom of everybody a line waits for."""
    return tuple(seat for seat in seats if seat.level is level and seat.reaches(line))


def standings(
    own: Seat | None, *, deputy_id: str | None, delegations: Iterable[Delegation], seats: Sequence[Seat], on: date
) -> tuple[Seat, ...]:
    """The standings somebody has on a day: their own, and those of the people whom they stand in for; not of whom those stand in for."""
    for_whom = {one.person_id for one in delegations if one.is_of(deputy_id, on=on)}
    lent = (replace(seat, for_person=seat.person_id) for seat in seats if seat.person_id in for_whom)
    return (*(() if own is None else (own,)), *lent)


def with_deputies(people: Iterable[str], delegations: Iterable[Delegation], *, on: date) -> frozenset[str]:
    """People, and who stands in for them on a day."""
    asked = frozenset(people)
    return asked | {one.deputy_id for one in delegations if one.person_id in asked and one.is_on(on)}
