"""Period locks: up to which day nothing that was worked or spent may change any more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ActorId, PeriodLockId, ProjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLock:
    """Every line of a day before ``locked_before`` stays as it is: those of a project, or all (``None``), until it is lifted."""

    id: PeriodLockId
    locked_before: date
    project_id: ProjectId | None = None
    note: str | None = None
    locked_by: ActorId
    locked_at: datetime
    lifted_by: ActorId | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "note", faults.optional_text("/note", self.note))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.lifted_at is not None:
            object.__setattr__(self, "lift_reason", faults.text("/reason", self.lift_reason or ""))
        faults.raise_any("period lock")

    def covers(self, day: date, project_id: str | None) -> bool:
        """Whether a line of that day and project is locked by it."""
        return self.lifted_at is None and day < self.locked_before and self.project_id in (None, project_id)

    def lifted(self, *, by: ActorId, at: datetime, reason: str) -> PeriodLock:
        """The lock after somebody has lifted it. Raises DomainError ``period.not_locked``, ``input.invalid``."""
        if self.lifted_at is not None:
            detail = "The lock was lifted before; nothing is left of it. Lists of period locks say by whom."
            facts = {"period_lock_id": self.id, "lifted_by": self.lifted_by, "lifted_at": self.lifted_at.isoformat()}
            raise DomainError(ErrorKind.CONFLICT, "period.not_locked", detail, facts=facts)
        return replace(self, lifted_by=by, lifted_at=at, lift_reason=reason)


def check_open(days: Iterable[tuple[date, str | None]], locks: Iterable[PeriodLock]) -> None:
    """``days``: days of lines with their projects. Raises DomainError ``period.locked``."""
    wanted = set(days)
    for lock in locks:
        shut = [day for day, project_id in wanted if lock.covers(day, project_id)]
        if shut:
            raise locked(lock, min(shut))


def locked(lock: PeriodLock, day: date) -> DomainError:
    """Somebody wants to touch a line of a locked day."""
    where = "" if lock.project_id is None else " of this project"
    detail = (
        f"{day.isoformat()} is locked: everything{where} before {lock.locked_before.isoformat()} stays as it is. "
        "Log the work on an open day with a note, or ask finance to lift the lock."
    )
    facts = {
        "day": day.isoformat(),
        "locked_before": lock.locked_before.isoformat(),
        "period_lock_id": lock.id,
        "locked_by": lock.locked_by,
        "locked_at": lock.locked_at.isoformat(),
    }
    return DomainError(ErrorKind.CONFLICT, "period.locked", detail, facts=facts)
