"""
Expenses: what a person spent for a project on a day, in the currency in which it was paid.

The rate to the firm's currency is kept with its day and source, and so is the amount that it makes: neither is ever computed anew.
What a category says is taken over into the line when it is written; a category that changes later touches no line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.delivery.expense_categories import MARKUP_MAX, BeyondLimit, ExpenseCategory
from scheduler.domain.delivery.line_states import EDITABLE, LineState
from scheduler.domain.delivery.receipts import RECEIPTS_MAX
from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.money import Money, check_currency, exponent, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.domain.delivery.receipts import Receipt
    from scheduler.domain.ground.ids import ExpenseCategoryId, ExpenseId, PersonId, ProjectId, TaskId

RATE_PLACES = 10
RATE_MAX = Decimal(100_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """A line of an expense. What is ``None`` of tax, markup and flags when it is written is the category's then."""

    id: ExpenseId
    person_id: PersonId
    project_id: ProjectId
    category_id: ExpenseCategoryId
    work_date: date
    """The local day on which it was spent."""
    amount_minor: int
    """Tax included, in minor units of ``currency``."""
    currency: str
    task_id: TaskId | None = None
    rate: Decimal = Decimal(1)
    """What one unit of ``currency`` is worth in the firm's."""
    rate_date: date | None = None
    rate_source: str | None = None
    home_minor: int = 0
    """The amount in the firm's currency; set when it is written."""
    home_currency: str = ""
    tax_rate: Decimal | None = None
    markup: Decimal | None = None
    """Also ``None`` for whoever may not see it."""
    is_reimbursable: bool | None = None
    is_billable: bool | None = None
    note: str | None = None
    receipts: tuple[Receipt, ...] = ()
    state: LineState = LineState.DRAFT
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("rate_source", "note", "external_id"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        faults.integer("/amount_minor", self.amount_minor, least=1)
        self._check_rate(faults)
        if self.tax_rate is not None:
            faults.decimal("/tax_rate", self.tax_rate, least=Decimal(0), most=Decimal(1))
        if self.markup is not None:
            faults.decimal("/markup", self.markup, least=Decimal(0), most=MARKUP_MAX)
        if len(self.receipts) > RECEIPTS_MAX:
            faults.add("/receipts", "receipt.too_many", f"An expense has at most {RECEIPTS_MAX} receipts; delete one first.")
        faults.raise_any("expense")

    def _check_rate(self, faults: Faults) -> None:
        if not self.rate.is_finite():
            faults.add("/rate", "number.not_finite", "The rate is not finite; give a decimal number.")
        elif not 0 < self.rate <= RATE_MAX:
            faults.add("/rate", "number.out_of_range", f"A rate is more than 0 and at most {RATE_MAX}.")
        elif self.rate != round(self.rate, RATE_PLACES):
            faults.add("/rate", "number.too_precise", f"A rate has at most {RATE_PLACES} decimal places.")

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(amount_minor=self.amount_minor, currency=self.currency)

    @property
    def tax_minor(self) -> int:
        """The tax within the amount: what is left of it beside the net, which is rounded once, half up."""
        return self.amount_minor - round_half_up(Fraction(self.amount_minor) / (1 + Fraction(self.tax_rate or 0)))

    @property
    def charged_minor(self) -> int | None:
        """
        What the client is charged, in the firm's currency before their tax: the net amount at the rate, with the markup, rounded once, half up.

        ``None`` for whoever may not see the markup; 0 where it is not billable.
        """
        if self.markup is None:
            return None
        if not self.is_billable:
            return 0
        net = (1 + Fraction(self.markup)) / (1 + Fraction(self.tax_rate or 0))
        return self.amount.converted(self.home_currency or self.currency, self.rate, times=net).amount_minor

    def completed(self, category: ExpenseCategory, *, home: str) -> Expense:
        """
        The line as it is written: the category's tax, markup and flags where it says none of its own, and the amount in the firm's currency.

        Raises DomainError ``input.invalid``: a foreign currency is in use and needs a rate with its day and source, the firm's own has none.
        """
        faults = Faults()
        given = (self.rate_date, self.rate_source)
        check_currency(faults, "/currency", self.currency)
        if self.currency == home and (self.rate != 1 or any(given)):
            faults.add("/rate", "expense.rate_of_own", f"{home} is the firm's own currency; leave the rate, its day and its source out.")
        if self.currency != home:
            for name, value in zip(("rate_date", "rate_source"), given, strict=True):
                if value is None:
                    message = f"From {self.currency} to {home} a rate is needed, of which day, and from where; give all three."
                    faults.add(f"/{name}", "expense.rate_missing", message)
        faults.raise_any("expense")
        return replace(
            self,
            home_minor=self.amount.converted(home, self.rate).amount_minor,
            home_currency=home,
            tax_rate=category.tax_rate if self.tax_rate is None else self.tax_rate,
            markup=category.markup if self.markup is None else self.markup,
            is_reimbursable=category.is_reimbursable if self.is_reimbursable is None else self.is_reimbursable,
            is_billable=category.is_billable if self.is_billable is None else self.is_billable,
        )


def require_editable(expense: Expense) -> None:
    """A line is its person's until it is handed in. Raises DomainError ``expense.locked``."""
    if expense.state not in EDITABLE:
        detail = f"The expense is {expense.state}; it can be changed once it was given back, or taken back before it was decided."
        raise DomainError(ErrorKind.CONFLICT, "expense.locked", detail, facts={"state": expense.state.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule of the category that a line does not keep."""

    pointer: str
    code: str
    message: str
    is_refused: bool
    """Whether the line is not taken for it; otherwise whoever decides about it is told."""
    holds_back: bool = False
    """Whether it is taken, but cannot be handed in so."""


def breaches(expense: Expense, category: ExpenseCategory, *, same_day: Iterable[Expense], today: date) -> tuple[Breach, ...]:
    """
    Every rule that the line does not keep, all at once; ``same_day``: the person's other lines of the category on its day.

    Days may be ahead by one: somewhere it is tomorrow already.
    """
    found: list[Breach] = []
    home = expense.home_currency

    def add(pointer: str, code: str, message: str, *, refused: bool = True, holds_back: bool = False) -> None:
        found.append(Breach(pointer=pointer, code=code, message=message, is_refused=refused, holds_back=holds_back))

    if not category.is_allowed:
        add("/category_id", "expense.category_not_allowed", f"Nothing is spent on {category.name} any more; choose another category.")
    if expense.work_date > today + timedelta(days=1):
        add("/work_date", "expense.in_future", f"The {expense.work_date} has not come yet; give the day on which it was spent.")
    refused = category.beyond_limit is BeyondLimit.REFUSED
    most = category.limit_item_minor
    if most is not None and expense.home_minor > most:
        message = f"{category.name} is at most {_said(most, home)} a time; this is {_said(expense.home_minor, home)}."
        add("/amount_minor", "expense.beyond_item_limit", message, refused=refused)
    most = category.limit_day_minor
    before = sum((Money(amount_minor=one.home_minor, currency=one.home_currency) for one in same_day), Money(amount_minor=0, currency=home))
    if most is not None and before.amount_minor + expense.home_minor > most:
        message = f"{category.name} is at most {_said(most, home)} a day; with this it is {_said(before.amount_minor + expense.home_minor, home)}."
        add("/amount_minor", "expense.beyond_day_limit", message, refused=refused)
    if category.receipt_above_minor is not None and expense.home_minor > category.receipt_above_minor and not expense.receipts:
        message = f"{category.name} above {_said(category.receipt_above_minor, home)} needs a receipt; add one before you hand it in."
        add("/receipts", "expense.receipt_missing", message, refused=False, holds_back=True)
    return tuple(found)


def refuse(found: Sequence[Breach], *others: Fault) -> None:
    """Raise DomainError ``expense.policy`` with everything for which a line is not taken, if there is anything."""
    faults = [*others, *(Fault(pointer=one.pointer, code=one.code, message=one.message) for one in found if one.is_refused)]
    if faults:
        raise replace(invalid("expense", *faults), code="expense.policy")


def require_complete(found: Sequence[Breach]) -> None:
    """Raise DomainError ``expense.policy`` with everything that keeps a line from being handed in, if there is anything."""
    held = [replace(one, is_refused=True) for one in found if one.is_refused or one.holds_back]
    refuse(held)


def _said(amount_minor: int, currency: str) -> str:
    places = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f} {currency}"
