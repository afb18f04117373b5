"""What is said when bookings do not fit into people's days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import DemandId, PersonId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.person_days import OverbookedWeek

DAYS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Leave to book beyond what there is, and why. Raises DomainError ``input.invalid``."""

    reason: str

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "reason", faults.text("/override_reason", self.reason))
        faults.raise_any("override")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMinutes:
    """What a plan that is being applied has of its people's weeks."""

    horizon: DateInterval
    minutes: Mapping[tuple[PersonId, DemandId], Mapping[date, int]] = field(default_factory=dict)


def capacity_exceeded(found: Sequence[tuple[PersonId, str | None, OverbookedWeek]]) -> DomainError:
    """The refusal, with every day and what is free on it; a person without a name is one whom the actor does not see."""
    _, name, first = found[0]
    more = f" (and {len(found) - 1} more weeks)" if len(found) > 1 else ""
    detail = (
        f"{name or 'Somebody'} has {first.free_min} minutes free on these days of the week of {first.monday}, and this takes"
        f" {first.free_min + first.over_min}{more}. Book less, other weeks or somebody else, or say why it must be (override_reason)."
    )
    days = [_day(person_id, day, week) for person_id, name, week in found if name is not None for day in range(len(week.days))]
    return DomainError(
        ErrorKind.CONFLICT,
        "capacity.exceeded",
        detail,
        facts={"days": days[:DAYS_SHOWN], "count": len(days), "free_minutes": first.free_min},
    )


def _day(person_id: PersonId, number: int, week: OverbookedWeek) -> dict[str, Any]:
    day, counter, free_min = week.days[number]
    return {
        "person_id": person_id,
        "day": day.isoformat(),
        "capacity_minutes": counter.capacity_min,
        "free_minutes": free_min,
        "over_minutes": counter.excess_min,
    }


def taken_meanwhile() -> DomainError:
    """The database's own guard spoke."""
    detail = "Somebody else booked the same people on the same days just now; nothing was changed. Read them again."
    return DomainError(ErrorKind.CONFLICT, "capacity.exceeded", detail, facts={"days": [], "count": 0, "free_minutes": 0})
