"""What a contract puts on an invoice: each kind of contract by its rules, and what is taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import ITEM_KINDS, Part, Stage, left_item, numbered
from scheduler.domain.billing.blocks import block_stage
from scheduler.domain.billing.caps import capped_stage
from scheduler.domain.billing.charge_lines import charge_stage
from scheduler.domain.billing.contract_work import ContractBill, LeftReason
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, ContractKind
from scheduler.domain.billing.deductions import discounts, draws
from scheduler.domain.billing.expense_lines import expense_part, tax_expenses
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.retainers import fee_stage, usage_stage
from scheduler.domain.billing.worked_lines import priced_portions, rate_items, time_parts
from scheduler.domain.ground.billable import BillableKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scheduler.domain.billing.contract_work import ContractWork, Left
    from scheduler.domain.ground.billable import BillableItem


def bill(work: ContractWork, *, since: date | None, until: date) -> ContractBill:
    """
    What is billable from a day (``None``: ever) up to and with a day, line by line, and what is not and why.

    Nothing is billed twice: charges and retainer periods in ``work.taken`` are passed over, and items that stand on an invoice are none
    of ``work.items``. Reads no clock and changes nothing.
    """
    if work.contract.kind is ContractKind.INTERNAL:
        return ContractBill(left=tuple(left_item(item, LeftReason.INTERNAL) for item in _ordered(work)))
    items, outside = _within(work, since, until)
    charged = charge_stage(work, since=since, until=until)
    stage = charged + _worked(work, items, charged, since, until) + Stage(left=outside)
    allowances = discounts(work, stage.parts)
    deposits = sum(part.line.net_minor for part in stage.parts if part.line.kind is LineKind.DEPOSIT)
    stage += draws(work, net_minor=stage.net_minor - deposits - sum(one.amount_minor for one in allowances))
    lines, stands = numbered(stage)
    return ContractBill(lines=lines, items=stands, allowances=allowances, findings=stage.findings, left=stage.left)


def _ordered(work: ContractWork) -> list[BillableItem]:
    return sorted(work.items, key=lambda item: (item.day, ITEM_KINDS[item.kind], item.id))


def _within(work: ContractWork, since: date | None, until: date) -> tuple[list[BillableItem], tuple[Left, ...]]:
    """Items of the period and of the contract, in order of days, and the others."""
    contract = work.contract
    items: list[BillableItem] = []
    left: list[Left] = []
    for item in _ordered(work):
        if item.day < contract.starts_on or (contract.ends_on is not None and item.day > contract.ends_on):
            left.append(left_item(item, LeftReason.OUTSIDE_CONTRACT))
        elif item.day > until or (since is not None and item.day < since):
            left.append(left_item(item, LeftReason.OUTSIDE_PERIOD))
        else:
            items.append(item)
    return items, tuple(left)


def _worked(work: ContractWork, items: Sequence[BillableItem], charged: Stage, since: date | None, until: date) -> Stage:
    """Time as the kind of contract has it, then expenses."""
    time = [item for item in items if item.kind is BillableKind.TIME]
    taxed, untaxed = tax_expenses(work, [item for item in items if item.kind is BillableKind.EXPENSE])
    kind = work.contract.kind
    if kind is ContractKind.CAPPED:
        rated, left = rate_items(work, time)
        return capped_stage(work, rated, taxed) + Stage(left=left + untaxed)
    expenses = Stage(parts=tuple(expense_part(work, one) for one in taxed), left=untaxed)
    if kind is ContractKind.RETAINER:
        return fee_stage(work, since=since, until=until) + usage_stage(work, time, until=until) + expenses
    if kind is ContractKind.BLOCK_HOURS:
        return block_stage(work, time, billed_now=_charge_ids(charged.parts)) + expenses
    if kind in PRICED_AS_A_WHOLE:
        return Stage(left=tuple(left_item(item, LeftReason.IN_PRICE) for item in time)) + expenses
    rated, left = rate_items(work, time)
    return Stage(parts=time_parts(work, priced_portions(work, rated)), left=left) + expenses


def _charge_ids(parts: Sequence[Part]) -> frozenset[str]:
    return frozenset(item.source_id for part in parts for item in part.items)
