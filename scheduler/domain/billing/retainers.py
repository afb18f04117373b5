"""Retainers: a fee for each month on its first day, and the work of a month settled after it ended."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Part, Stage, left_item, percent_on, piece
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.coverage import Bucket, covered
from scheduler.domain.billing.invoices import InvoiceItem, ItemKind, LineKind
from scheduler.domain.billing.wording import Word, said
from scheduler.domain.billing.worked_lines import Cover, Rated, amount_step, rate_item, tax_step, time_parts
from scheduler.domain.ground.pricing import TrailStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scheduler.domain.billing.contract_work import BilledBefore, ContractWork
    from scheduler.domain.billing.contracts import Contract, Retainer
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.ground.ids import ContractId


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainerMonth:
    """A month of a retainer, as far as the contract runs in it."""

    first: date
    """The first day of the month itself."""
    begins_on: date
    """Also the day on which its fee is due."""
    ends_on: date

    @property
    def name(self) -> str:
        """As 2026-11."""
        return f"{self.first:%Y-%m}"

    def source_id(self, contract_id: ContractId) -> str:
        """What stands on an invoice once it is billed."""
        return f"{contract_id}:{self.name}"


def months_until(contract: Contract, day: date) -> Iterator[RetainerMonth]:
    """Months of a retainer that have begun by a day, in order."""
    last = day if contract.ends_on is None else min(day, contract.ends_on)
    first = contract.starts_on.replace(day=1)
    while max(first, contract.starts_on) <= last:
        end = month_end(first)
        ends_on = end if contract.ends_on is None else min(end, contract.ends_on)
        yield RetainerMonth(first=first, begins_on=max(first, contract.starts_on), ends_on=ends_on)
        if end == date.max:
            return
        first = end + timedelta(days=1)


def month_end(day: date) -> date:
    """The last day of the month that holds a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def fee_stage(work: ContractWork, *, since: date | None, until: date) -> Stage:
    """The fee of each month that has begun and is on no invoice; a part of a month costs the whole fee."""
    terms, contract = _terms(work.contract), work.contract
    parts: list[Part] = []
    left: list[Left] = []
    for month in months_until(contract, until):
        source_id = month.source_id(contract.id)
        if not terms.fee_minor or (ItemKind.RETAINER_PERIOD, source_id) in work.taken:
            continue
        percent = percent_on(work, month.begins_on)
        if percent is None or (since is not None and month.begins_on < since):
            reason = LeftReason.NO_TAX_RATE if percent is None else LeftReason.OUTSIDE_PERIOD
            left.append(Left(kind=ItemKind.RETAINER_PERIOD, source_id=source_id, day=month.begins_on, reason=reason))
            continue
        figures = {"month": month.name, "fee_minor": str(terms.fee_minor), "included_min": str(terms.included_min)}
        trail = [
            TrailStep(rule="retainer", row_kind="contract", row_id=contract.id, row_version=contract.version, figures=figures),
            tax_step(work, percent),
            amount_step(work, pieces="1", net_minor=str(terms.fee_minor)),
        ]
        text = said(work.language, Word.FEE, month.name)
        period = (month.begins_on, month.ends_on)
        line = piece(work, LineKind.RETAINER, text, terms.fee_minor, percent, trail=trail, period=period)
        item = InvoiceItem(position=0, kind=ItemKind.RETAINER_PERIOD, source_id=source_id, day=month.begins_on, net_minor=terms.fee_minor)
        parts.append(Part(line=line, items=(item,)))
    return Stage(parts=tuple(parts), left=tuple(left))


def usage_stage(work: ContractWork, items: Sequence[BillableItem], *, until: date) -> Stage:
    """
    Work of months that ended: in order of days on what is rolled over, oldest first, then on the month's own time, then beyond.

    Work of a month that goes on is left until its end.
    """
    ended = [item for item in items if month_end(item.day) <= until]
    waiting = tuple(left_item(item, LeftReason.NOT_DUE) for item in items if month_end(item.day) > until)
    portions, left = covered(
        work,
        ended,
        month_buckets(work.contract, work.before, until),
        beyond=lambda item: _beyond(work, item),
        within=lambda item: month_end(item.day),
    )
    return Stage(parts=time_parts(work, portions), left=waiting + left)


def month_buckets(contract: Contract, before: BilledBefore, until: date) -> tuple[Bucket, ...]:
    """What is left of the time of each month that has begun by a day, and until when it can be used."""
    terms = _terms(contract)
    return tuple(
        Bucket(
            cover=Cover(id=month.name, name=month.name, row_kind="contract", row_id=contract.id, row_version=contract.version),
            since=month.first,
            until=months_later(month.first, terms.roll_months),
            minutes=max(0, terms.included_min - before.covered_minutes.get(month.name, 0)),
        )
        for month in months_until(contract, until)
    )


def months_later(first: date, months: int) -> date:
    """The last day of the month so many months after one that begins on ``first``."""
    number = first.year * 12 + first.month - 1 + months
    if number // 12 > date.max.year:
        return date.max
    return month_end(date(number // 12, number % 12 + 1, 1))


def _beyond(work: ContractWork, item: BillableItem) -> Rated | Left:
    terms, contract = _terms(work.contract), work.contract
    percent = percent_on(work, item.day)
    if terms.overage_rate is None or percent is None:
        return rate_item(work, item)
    figures = {"rate": str(terms.overage_rate)}
    step = TrailStep(rule="overage_rate", row_kind="contract", row_id=contract.id, row_version=contract.version, figures=figures)
    return Rated(item=item, rate=terms.overage_rate, percent=percent, trail=(step,))


def _terms(contract: Contract) -> Retainer:
    if contract.retainer is None:  # a contract of this kind has them, see Contract
        raise ValueError("a retainer has its terms")
    return contract.retainer
