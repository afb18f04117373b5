"""Who acts, and from where. Roles and permissions arrive with users; until then the installation has one local actor."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduler.domain.ground.ids import ActorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where an actor acts: a network address, ``cli`` or ``job``; the browser or program, and the request, where there is one."""

    source: str
    user_agent: str | None = None
    request_id: str | None = None


CLI = Origin(source="cli")
JOB = Origin(source="job")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody or something that acts on the firm's data. The origin says from where; it makes nobody another."""

    id: ActorId
    name: str
    origin: Origin = field(default=CLI, compare=False)


LOCAL = Actor(id=ActorId("local"), name="local operator")
