"""Charges: fixed amounts of a contract that become billable, each once: milestones, agreed days, deposits, blocks of hours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ChargeId, ContractId, TaskId


class ChargeKind(StrEnum):
    """What an amount is charged for."""

    MILESTONE = "milestone"
    """Billable once somebody has approved that it was reached."""
    SCHEDULE = "schedule"
    """Billable on its day."""
    DEPOSIT = "deposit"
    """Paid beforehand, and taken off later invoices."""
    BLOCK = "block"
    """Hours bought beforehand."""


class ChargeState(StrEnum):
    """Whether a milestone was reached; everything else stays planned and becomes billable by its day."""

    PLANNED = "planned"
    APPROVED = "approved"


OF_KINDS: Mapping[ChargeKind, frozenset[ContractKind]] = {
    ChargeKind.MILESTONE: frozenset({ContractKind.FIXED_PRICE}),
    ChargeKind.SCHEDULE: frozenset({ContractKind.FIXED_SCHEDULE}),
    ChargeKind.BLOCK: frozenset({ContractKind.BLOCK_HOURS}),
    ChargeKind.DEPOSIT: frozenset(ContractKind) - {ContractKind.INTERNAL},
}
"""Under which contracts a charge may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A fixed amount, in minor units of its contract's currency, before tax."""

    id: ChargeId
    contract_id: ContractId
    kind: ChargeKind
    name: str
    """What the client reads on the invoice."""
    due_on: date
    """When it becomes billable; of a milestone, when it is expected."""
    amount_minor: int
    """> 0; 0 stands for it where somebody may not see prices."""
    minutes: int | None = None
    """Hours that a block sells; ``None`` for what is no block."""
    task_id: TaskId | None = None
    """The milestone of the project that it goes with."""
    state: ChargeState = ChargeState.PLANNED
    approved_on: date | None = None
    """The day on which the milestone was reached."""
    approved_at: datetime | None = None
    approved_by: str | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.integer("/amount_minor", self.amount_minor, least=0)
        if (self.minutes is not None) != (self.kind is ChargeKind.BLOCK):
            faults.add("/minutes", "contract.terms", "A block of hours says its minutes, and nothing else does.")
        if self.minutes is not None:
            faults.integer("/minutes", self.minutes, least=1)
        if self.state is ChargeState.APPROVED and self.kind is not ChargeKind.MILESTONE:
            faults.add("/state", "charge.not_approvable", "Only milestones are approved; other charges become billable on their day.")
        faults.raise_any("charge")

    def is_billable(self, on: date) -> bool:
        """Whether it may be billed on a day."""
        if self.kind is ChargeKind.MILESTONE:
            return self.state is ChargeState.APPROVED and (self.approved_on is None or self.approved_on <= on)
        return self.due_on <= on
