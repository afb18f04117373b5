"""Lines of expenses: each on its own, at what the client is charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Part, left_item, percent_on, piece
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.contracts import LineDetail
from scheduler.domain.billing.invoices import InvoiceItem, ItemKind, LineKind
from scheduler.domain.billing.wording import Word, said
from scheduler.domain.billing.worked_lines import amount_step, tax_step
from scheduler.domain.ground.pricing import TrailStep

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from scheduler.domain.billing.contract_work import ContractWork
    from scheduler.domain.ground.billable import BillableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedExpense:
    """An expense with its tax in percent."""

    item: BillableItem
    percent: Decimal


def tax_expenses(work: ContractWork, items: Iterable[BillableItem]) -> tuple[tuple[TaxedExpense, ...], tuple[Left, ...]]:
    """Expenses with their tax, and those that have none."""
    taxed: list[TaxedExpense] = []
    left: list[Left] = []
    for item in items:
        percent = percent_on(work, item.day)
        if percent is None:
            left.append(left_item(item, LeftReason.NO_TAX_RATE, f"{work.tax.name} has no rate on {item.day}."))
        else:
            taxed.append(TaxedExpense(item=item, percent=percent))
    return tuple(taxed), tuple(left)


def expense_part(work: ContractWork, expense: TaxedExpense) -> Part:
    """The line of an expense."""
    item = expense.item
    figures = {"day": item.day.isoformat(), "charged_minor": str(item.amount_minor)}
    trail = [
        TrailStep(rule="expense", row_kind="expense", row_id=item.id, row_version=item.version, figures=figures),
        tax_step(work, expense.percent),
        amount_step(work, pieces="1", net_minor=str(item.amount_minor)),
    ]
    text = item.note or said(work.language, Word.EXPENSE)
    line = piece(work, LineKind.EXPENSE, text, item.amount_minor, expense.percent, trail=trail, period=(item.day, item.day))
    if work.contract.detail in {LineDetail.ENTRY, LineDetail.PERSON}:
        line = replace(line, person_id=item.person_id)
    stands = InvoiceItem(
        position=0, kind=ItemKind.EXPENSE, source_id=item.id, day=item.day, net_minor=item.amount_minor, person_id=item.person_id
    )
    return Part(line=line, items=(stands,))
