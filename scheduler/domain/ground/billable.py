"""Work and expenses as billing sees them: what passes from time and expenses to contracts, and what a planned booking becomes when it is priced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId, TaskId


class BillableKind(StrEnum):
    """What is billed."""

    TIME = "time"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillableItem:
    """A time entry or an expense that may be billed, or a planned day of somebody's work."""

    kind: BillableKind
    id: str
    """Of the time entry, the expense or the booking."""
    project_id: ProjectId
    person_id: PersonId
    day: date
    """The local work date."""
    minutes: int = 0
    """As recorded; 0 for expenses."""
    amount_minor: int = 0
    """What the client is charged for an expense, before tax, in minor units of the contract's currency; 0 for time."""
    grade: str | None = None
    """The person's on that day."""
    activity_type_id: ActivityTypeId | None = None
    demand_id: DemandId | None = None
    task_id: TaskId | None = None
    note: str | None = None
    version: int = 0
