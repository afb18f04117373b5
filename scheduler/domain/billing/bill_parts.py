"""Pieces of which a contract's bill is put together: lines with what stands on them, before they have positions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.amounts import main_units
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceLine, ItemKind
from scheduler.domain.ground.billable import BillableKind
from scheduler.domain.ground.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.contract_work import ContractWork, Finding
    from scheduler.domain.billing.invoices import InvoiceItem, LineKind
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.ground.pricing import TrailStep

ITEM_KINDS = {BillableKind.TIME: ItemKind.TIME_ENTRY, BillableKind.EXPENSE: ItemKind.EXPENSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A line and what stands on it; both get their position when all lines are there."""

    line: InvoiceLine
    items: tuple[InvoiceItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one rule puts on the bill, what it leaves, and what it found."""

    parts: tuple[Part, ...] = ()
    left: tuple[Left, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Stage) -> Stage:
        return Stage(parts=self.parts + other.parts, left=self.left + other.left, findings=self.findings + other.findings)

    @property
    def net_minor(self) -> int:
        """The lines' sum."""
        return sum(part.line.net_minor for part in self.parts)


def numbered(stage: Stage) -> tuple[tuple[InvoiceLine, ...], tuple[InvoiceItem, ...]]:
    """The lines with their positions, from 1, and what stands on them."""
    lines = tuple(replace(part.line, position=place) for place, part in enumerate(stage.parts, start=1))
    items = tuple(replace(item, position=place) for place, part in enumerate(stage.parts, start=1) for item in part.items)
    return lines, items


def piece(
    work: ContractWork,
    kind: LineKind,
    description: str,
    amount_minor: int,
    percent: Decimal,
    *,
    trail: Iterable[TrailStep],
    period: tuple[date, date] | None = None,
) -> InvoiceLine:
    """A line of one piece; below 0 it takes one piece off, since prices are never negative."""
    return InvoiceLine(
        position=0,
        kind=kind,
        description=description,
        unit=LineUnit.PIECE,
        quantity=-1 if amount_minor < 0 else 1,
        unit_price=main_units(abs(amount_minor), work.contract.currency),
        net_minor=amount_minor,
        tax_category=work.tax.category,
        tax_percent=percent,
        contract_id=work.contract.id,
        project_id=work.contract.project_id,
        service_from=period and period[0],
        service_until=period and period[1],
        trail=told(trail),
    )


def told(trail: Iterable[TrailStep]) -> tuple[dict[str, Any], ...]:
    """Steps as a line keeps them: each once, in order."""
    found: list[dict[str, Any]] = []
    for step in trail:
        row = {"kind": step.row_kind, "id": step.row_id, "version": step.row_version}
        one = {"rule": step.rule, "row": row, "figures": dict(step.figures)}
        if one not in found:
            found.append(one)
    return tuple(found)


def percent_on(work: ContractWork, day: date) -> Decimal | None:
    """The tax in percent on a day; ``None`` before the tax code has any."""
    try:
        return work.tax.percent(day)
    except DomainError:
        return None


def left_item(item: BillableItem, reason: LeftReason, detail: str = "") -> Left:
    """That an entry or an expense is not billed."""
    kind = ITEM_KINDS[item.kind]
    minutes = item.minutes if item.kind is BillableKind.TIME else None
    return Left(kind=kind, source_id=item.id, day=item.day, reason=reason, detail=detail, minutes=minutes)
