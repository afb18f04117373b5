"""Lines of worked time: what each item is priced at, and one line for what is alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.amounts import parted, time_minor
from scheduler.domain.billing.bill_parts import Part, left_item, percent_on, told
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.contracts import ContractKind, LineDetail
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceItem, InvoiceLine, ItemKind, LineKind
from scheduler.domain.billing.rounding import billed_minutes
from scheduler.domain.billing.wording import Word, said
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.pricing import TrailStep, hourly

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from scheduler.domain.billing.contract_work import ContractWork
    from scheduler.domain.ground.billable import BillableItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """An item of time with its rate per hour and its tax in percent."""

    item: BillableItem
    rate: Decimal
    percent: Decimal
    trail: tuple[TrailStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What has paid for work beforehand: a block of hours, or a month of a retainer."""

    id: str
    name: str
    row_kind: str
    row_id: str
    row_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Billed minutes of an item at one rate; of what was paid for beforehand, at none."""

    rated: Rated
    minutes: int
    cover: Cover | None = None


def rate_item(work: ContractWork, item: BillableItem) -> Rated | Left:
    """An item with its rate and tax, or why it has none."""
    percent = percent_on(work, item.day)
    if percent is None:
        return left_item(item, LeftReason.NO_TAX_RATE, f"{work.tax.name} has no rate on {item.day}.")
    try:
        priced = work.rate_of(item)
    except DomainError as error:
        return left_item(item, LeftReason.NO_RATE, error.detail)
    if priced.currency != work.contract.currency:
        return left_item(item, LeftReason.OTHER_CURRENCY, f"Its rate is in {priced.currency}, the contract in {work.contract.currency}.")
    return Rated(item=item, rate=hourly(priced.rate), percent=percent, trail=priced.trail)


def rate_items(work: ContractWork, items: Iterable[BillableItem]) -> tuple[tuple[Rated, ...], tuple[Left, ...]]:
    """Items with their rates, and those that have none."""
    found = [rate_item(work, item) for item in items]
    return tuple(one for one in found if isinstance(one, Rated)), tuple(one for one in found if isinstance(one, Left))


def priced_portions(work: ContractWork, rated: Sequence[Rated]) -> tuple[Portion, ...]:
    """Each item with its billed minutes; what is rounded by line is rounded by person, task or grade, rate and tax."""
    keys = {one.item.id: (label(work, one.item), one.rate, one.percent) for one in rated}
    billed = billed_minutes([one.item for one in rated], work.contract.rounding, lambda item: keys[item.id])
    return tuple(Portion(rated=one, minutes=minutes) for one, minutes in zip(rated, billed, strict=True))


def label(work: ContractWork, item: BillableItem) -> str:
    """What of an item stands apart from others, as the contract has its lines."""
    if work.contract.detail is LineDetail.ENTRY:
        return item.id
    if work.contract.detail is LineDetail.PERSON:
        return item.person_id
    return (item.task_id if work.contract.detail is LineDetail.TASK else item.grade) or ""


def portions_net(work: ContractWork, portions: Iterable[Portion]) -> int:
    """What the lines of portions come to, without making them."""
    groups = _grouped(work, portions)
    return sum(time_minor(sum(one.minutes for one in group), _rate(group), work.contract.currency) for group in groups.values())


def time_parts(work: ContractWork, portions: Sequence[Portion]) -> tuple[Part, ...]:
    """
    One line for each cover, person (or task, grade, entry), rate and tax, in order of what they say and when the work began.

    An item stands on one line: where part of it has a price, on the line with that.
    """
    homes: dict[str, Portion] = {}
    billed: dict[str, int] = {}
    for one in portions:
        item_id = one.rated.item.id
        billed[item_id] = billed.get(item_id, 0) + one.minutes
        if item_id not in homes or one.cover is None:
            homes[item_id] = one
    made = [_part(work, group, homes, billed) for group in _grouped(work, portions).values()]
    return tuple(sorted(made, key=_place))


def _grouped(work: ContractWork, portions: Iterable[Portion]) -> Mapping[Hashable, Sequence[Portion]]:
    groups: dict[Hashable, list[Portion]] = {}
    for one in portions:
        rate = Decimal(0) if one.cover else one.rated.rate
        key = (one.cover and one.cover.id, label(work, one.rated.item), rate, one.rated.percent)
        groups.setdefault(key, []).append(one)
    return groups


def _rate(group: Sequence[Portion]) -> Decimal:
    return Decimal(0) if group[0].cover else group[0].rated.rate


def _part(work: ContractWork, group: Sequence[Portion], homes: Mapping[str, Portion], billed: Mapping[str, int]) -> Part:
    first, cover, contract = group[0].rated, group[0].cover, work.contract
    minutes, rate = sum(one.minutes for one in group), _rate(group)
    net = time_minor(minutes, rate, contract.currency)
    shares = parted(net, [one.minutes for one in group])
    items = tuple(_stands(one, share, billed) for one, share in zip(group, shares, strict=True) if homes[one.rated.item.id] is one)
    days = [one.rated.item.day for one in group]
    shows_person = contract.detail in {LineDetail.ENTRY, LineDetail.PERSON}
    line = InvoiceLine(
        position=0,
        kind=LineKind.COVERED if cover else LineKind.TIME,
        description=_description(work, first.item, cover),
        unit=LineUnit.MINUTE,
        quantity=minutes,
        unit_price=rate,
        net_minor=net,
        tax_category=work.tax.category,
        tax_percent=first.percent,
        contract_id=contract.id,
        project_id=contract.project_id,
        person_id=first.item.person_id if shows_person else None,
        service_from=min(days),
        service_until=max(days),
        note=first.item.note if contract.detail is LineDetail.ENTRY else None,
        tells_cost=contract.kind is ContractKind.COST_PLUS,
        trail=told(_trail(work, group, minutes, net)),
    )
    return Part(line=line, items=items)


def _stands(one: Portion, share: int, billed: Mapping[str, int]) -> InvoiceItem:
    item = one.rated.item
    return InvoiceItem(
        position=0,
        kind=ItemKind.TIME_ENTRY,
        source_id=item.id,
        day=item.day,
        net_minor=share,
        person_id=item.person_id,
        minutes=item.minutes,
        billed_minutes=billed[item.id],
    )


def _description(work: ContractWork, item: BillableItem, cover: Cover | None) -> str:
    detail, names = work.contract.detail, work.names
    if detail is LineDetail.GRADE:
        text = item.grade
    elif detail is LineDetail.TASK:
        text = names.get(item.task_id or "")
    else:
        text = names.get(item.person_id)
    text = text or said(work.language, Word.WORK)
    return said(work.language, Word.COVERED, text, cover.name) if cover else text


def _trail(work: ContractWork, group: Sequence[Portion], minutes: int, net_minor: int) -> Iterable[TrailStep]:
    cover, contract = group[0].cover, work.contract
    recorded = sum(one.rated.item.minutes for one in group)
    if cover:
        figures = {"cover": cover.id, "minutes": str(minutes)}
        yield TrailStep(rule="covered", row_kind=cover.row_kind, row_id=cover.row_id, row_version=cover.row_version, figures=figures)
    else:
        for one in group:
            yield from one.rated.trail
    rounding = contract.rounding
    figures = {
        "step_min": str(rounding.step_min),
        "mode": rounding.mode.value,
        "minimum_min": str(rounding.minimum_min),
        "scope": rounding.scope.value,
        "recorded_minutes": str(recorded),
        "billed_minutes": str(minutes),
    }
    yield TrailStep(rule="rounding", row_kind="contract", row_id=contract.id, row_version=contract.version, figures=figures)
    yield tax_step(work, group[0].rated.percent)
    yield amount_step(work, minutes=str(minutes), rate=str(_rate(group)), net_minor=str(net_minor))


def tax_step(work: ContractWork, percent: Decimal) -> TrailStep:
    """Which tax is on a line."""
    figures = {"category": work.tax.category.value, "percent": str(percent)}
    return TrailStep(rule="tax", row_kind="tax_code", row_id=work.tax.id, row_version=work.tax.version, figures=figures)


def amount_step(work: ContractWork, **figures: str) -> TrailStep:
    """What a line comes to, and of what."""
    figures["currency"] = work.contract.currency
    return TrailStep(rule="amount", row_kind="contract", row_id=work.contract.id, row_version=work.contract.version, figures=figures)


def _place(part: Part) -> tuple[bool, str, object, object, Decimal, Decimal]:
    line = part.line
    return (line.kind is LineKind.COVERED, line.description, line.service_from, line.service_until, line.unit_price, line.tax_percent)
