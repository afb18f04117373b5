"""Expense categories, expenses, receipts, and what an expense does not keep."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field

from api.schemas.fields import (
    Currency,
    Day,
    ExchangeRate,
    Flag,
    Fraction,
    Id,
    Integer,
    Markup,
    Minor,
    Name,
    RecordWrite,
    Schema,
    WriteSchema,
)
from scheduler.domain.delivery.expense_categories import BeyondLimit, ExpenseCategory
from scheduler.domain.delivery.expenses import Expense
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.receipts import MediaType
from scheduler.domain.ground.ids import ExpenseCategoryId, ExpenseId, PersonId, ProjectId, TaskId

if TYPE_CHECKING:
    from scheduler.domain.delivery.expenses import Breach

Limit = Annotated[Minor | None, Field(description="In minor units of the firm's currency; null: none.")]


class ExpenseCategoryWrite(RecordWrite):
    """
    A sort of expenses and its policy. What changes here touches no line that is written already.

    ``tax_rate``, ``markup``, ``is_reimbursable`` and ``is_billable`` hold for lines that say none of their own.
    """

    name: Name
    is_allowed: Annotated[Flag, Field(description="Whether new lines may name it.")] = True
    limit_item_minor: Limit = None
    limit_day_minor: Annotated[Limit, Field(description="Most of one person on one day.")] = None
    beyond_limit: BeyondLimit = BeyondLimit.REFUSED
    receipt_above_minor: Annotated[Limit, Field(description="A line above this needs a receipt; 0: every line.")] = None
    tax_rate: Annotated[Fraction, Field(description="Share of the net amount that is tax within the amount.")] = Decimal(0)
    tax_category: Name | None = None
    markup: Annotated[Markup | None, Field(description="Share added when it is billed; null for whoever may not see prices.")] = None
    is_reimbursable: Flag = True
    is_billable: Flag = True
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> ExpenseCategory:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in ExpenseCategoryWrite.model_fields}
        return ExpenseCategory(id=ExpenseCategoryId(own_id), version=version, **given)

    @classmethod
    def of(cls, value: ExpenseCategory) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in ExpenseCategoryWrite.model_fields})


class ReceiptRead(Schema):
    """A file that proves an expense."""

    id: Id
    name: str | None
    media_type: MediaType
    size_bytes: Integer
    sha256: str


class ExpenseWrite(RecordWrite):
    """
    What a person spent for a project on a day, tax included, in the currency in which it was paid.

    A foreign currency needs ``rate`` (what one unit is worth in the firm's), ``rate_date`` and ``rate_source``. ``tax_rate``, ``markup`` and
    the flags are the category's where they are left out; the answer shows what was taken over.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {
        "state": LineState,
        "home_minor": int,
        "home_currency": str,
        "tax_minor": int,
        "charged_minor": int | None,
        "receipts": list[ReceiptRead],
    }
    read_only: ClassVar[frozenset[str]] = WriteSchema.read_only | set(shown_only)

    person_id: Id
    project_id: Id
    category_id: Id
    work_date: Day
    amount_minor: Annotated[Minor, Field(ge=1)]
    currency: Currency
    task_id: Id | None = None
    rate: ExchangeRate = Decimal(1)
    rate_date: Day | None = None
    rate_source: Name | None = None
    tax_rate: Fraction | None = None
    markup: Annotated[Markup | None, Field(description="Null as well for whoever may not see prices.")] = None
    is_reimbursable: Flag | None = None
    is_billable: Flag | None = None
    note: Name | None = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Expense:
        """As the domain knows it."""
        ids = ("person_id", "project_id", "category_id", "task_id")
        given = {name: getattr(self, name) for name in ExpenseWrite.model_fields if name not in ids}
        return Expense(
            id=ExpenseId(own_id),
            version=version,
            person_id=PersonId(self.person_id),
            project_id=ProjectId(self.project_id),
            category_id=ExpenseCategoryId(self.category_id),
            task_id=None if self.task_id is None else TaskId(self.task_id),
            **given,
        )

    @classmethod
    def of(cls, value: Expense) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in ExpenseWrite.model_fields})


class BreachRead(Schema):
    """A rule of the category that the line does not keep; ``holds_back``: it cannot be handed in so."""

    pointer: str
    code: str
    message: str
    holds_back: bool


class ExpenseCheckRead(Schema):
    """Every rule that the line does not keep."""

    can_be_submitted: bool
    breaches: list[BreachRead]


def shown_check(found: tuple[Breach, ...]) -> ExpenseCheckRead:
    """As HTTP shows it."""
    rows = [
        BreachRead(pointer=one.pointer, code=one.code, message=one.message, holds_back=one.is_refused or one.holds_back) for one in found
    ]
    return ExpenseCheckRead(can_be_submitted=not any(row.holds_back for row in rows), breaches=rows)
