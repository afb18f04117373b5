"""The firm's rules for handing in and approving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from datetime import datetime

ESCALATION_MAX_DAYS = 365


class SheetPeriod(StrEnum):
    """How long a timesheet is."""

    WEEK = "week"
    """Monday to Sunday."""
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """One for the firm; what is here is true until somebody says otherwise (version 0)."""

    id: ClassVar[str] = "approval"
    sheet_period: SheetPeriod = SheetPeriod.WEEK
    escalation_days: int | None = 3
    """Days of 24 hours without a decision after which the next level is asked; ``None``: never."""
    reject_needs_reason: bool = True
    tell_deciders: bool = True
    """Whether those whom lines wait for hear of it by mail."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.escalation_days is not None:
            faults.integer("/escalation_days", self.escalation_days, least=1, most=ESCALATION_MAX_DAYS)
        faults.raise_any("approval policy")

    def due_at(self, now: datetime) -> datetime | None:
        """When the next level is asked about what waits from now on."""
        return None if self.escalation_days is None else now + timedelta(days=self.escalation_days)
