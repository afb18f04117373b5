"""Categories of expenses as a policy: what may be spent, what needs a receipt, and what is taken over into each line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import ExpenseCategoryId

MARKUP_MAX = Decimal(10)


class BeyondLimit(StrEnum):
    """What becomes of an expense that is beyond a limit of its category."""

    REFUSED = "refused"
    """It is not taken."""
    WARNED = "warned"
    """It is taken, and whoever decides about it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseCategory:
    """A sort of expenses and its policy. Limits are in minor units of the firm's currency; ``None``: there is none."""

    id: ExpenseCategoryId
    name: str
    is_allowed: bool = True
    """Whether new lines may name it."""
    limit_item_minor: int | None = None
    """Most of one line."""
    limit_day_minor: int | None = None
    """Most of one person on one day."""
    beyond_limit: BeyondLimit = BeyondLimit.REFUSED
    receipt_above_minor: int | None = None
    """A line above this needs a receipt; 0: every line."""
    tax_rate: Decimal = Decimal(0)
    """Share of the net amount that is tax within the amount, unless a line says otherwise: 0.19."""
    tax_category: str | None = None
    """The firm's own word for it, such as an EN 16931 code."""
    markup: Decimal | None = Decimal(0)
    """Share that is added when it is billed, unless a line says otherwise; ``None`` for whoever may not see it."""
    is_reimbursable: bool = True
    is_billable: bool = True
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        for name in ("tax_category", "external_id"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        for name in ("limit_item_minor", "limit_day_minor", "receipt_above_minor"):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=0)
        faults.decimal("/tax_rate", self.tax_rate, least=Decimal(0), most=Decimal(1))
        if self.markup is not None:
            faults.decimal("/markup", self.markup, least=Decimal(0), most=MARKUP_MAX)
        faults.raise_any("expense category")
