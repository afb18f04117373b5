"""Who acts. Roles and permissions arrive with users; until then the installation has one local actor."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.ground.ids import ActorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody or something that acts on the firm's data."""

    id: ActorId
    name: str


LOCAL = Actor(id=ActorId("local"), name="local operator")
