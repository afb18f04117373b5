"""What a plan may be limited to: projects, demands and people. What is outside keeps its bookings."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.ids import ProjectId, SkillId
from scheduler.domain.staffing.work import ProjectState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class DemandState(StrEnum):
    """How much of a demand's effort in the horizon is booked."""

    OPEN = "open"
    """Nothing."""
    PARTLY_BOOKED = "partly_booked"
    BOOKED = "booked"
    """All but a thousandth, which rounding may take."""


PLANNED_STATES = frozenset({ProjectState.WON, ProjectState.TENTATIVE})
"""Work that is lost or closed is never planned."""
SCOPE: Mapping[str, Callable[[str], Any]] = {
    "project_ids": ProjectId,
    "project_states": ProjectState,
    "demand_states": DemandState,
    "skill_ids": SkillId,
    "teams": str,
    "locations": str,
}
"""What a plan is limited to, each a set or (all) nothing, and what is in the set."""
NOT_PLANNED = "Work that is lost or closed is not planned; give won, tentative, or both."
