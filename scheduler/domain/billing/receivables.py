"""
What clients owe, for how long, and how long it takes from work to bill to money.

Amounts of unlike currencies are never added: every figure stands under its currency, with what it counts for in the firm's beside it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.journal import Worth
from scheduler.domain.billing.months import following, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

MONTHS_BACK = 24
"""How far sales are looked at for days sales outstanding."""


class Bucket(StrEnum):
    """For how long something has been due."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "days_1_30"
    DAYS_31_60 = "days_31_60"
    DAYS_61_90 = "days_61_90"
    OVER_90 = "over_90"


_UP_TO = ((0, Bucket.NOT_DUE), (30, Bucket.DAYS_1_30), (60, Bucket.DAYS_31_60), (90, Bucket.DAYS_61_90))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What is still owed of a document as of a day, until ``due_on``; below 0 where the client has paid or been credited more."""

    client_id: str
    currency: str
    due_on: date
    worth: Worth
    is_held_back: bool = False
    """Whether it is what a contract's retention holds back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """What one client owes in one currency, by how long it has been due."""

    client_id: str
    currency: str
    buckets: Mapping[Bucket, Worth]

    @property
    def total(self) -> Worth:
        """All of it."""
        return sum(self.buckets.values(), Worth())


def bucket(due_on: date, *, on: date) -> Bucket:
    """The bucket as of the day ``on``: on the day on which it is due it is not overdue."""
    days = (on - due_on).days
    return next((name for most, name in _UP_TO if days <= most), Bucket.OVER_90)


def ageing(items: Iterable[OpenItem], *, on: date) -> tuple[Ageing, ...]:
    """By client and currency, in order; every bucket is there. Clients and currencies with nothing but paid documents are left out."""
    sums: dict[tuple[str, str], dict[Bucket, Worth]] = {}
    for item in items:
        if item.worth:
            buckets = sums.setdefault((item.client_id, item.currency), dict.fromkeys(Bucket, Worth()))
            buckets[bucket(item.due_on, on=on)] += item.worth
    return tuple(Ageing(client_id=client, currency=currency, buckets=found) for (client, currency), found in sorted(sums.items()))


def totals(rows: Iterable[Ageing]) -> dict[str, dict[Bucket, Worth]]:
    """All clients together, by currency."""
    sums: dict[str, dict[Bucket, Worth]] = {}
    for row in rows:
        buckets = sums.setdefault(row.currency, dict.fromkeys(Bucket, Worth()))
        for name, worth in row.buckets.items():
            buckets[name] += worth
    return sums


def days_sales_outstanding(owed_minor: int, sales: Iterable[tuple[date, int]], *, on: date) -> Fraction | None:
    """
    By the count-back method: how many days of sales, the latest first, make up what is owed at the end of the day ``on``.

    ``sales``: documents of one currency with their gross, by day of issue (credit notes below 0). Months are gone back one by one, that of ``on``
    with its days so far; of the last month as many days as its share of the sales. A month without sales counts whole. ``None`` where the sales
    of 24 months do not make it up; 0 where nothing is owed.
    """
    by_month: defaultdict[date, int] = defaultdict(int)
    for day, amount in sales:
        if day <= on:
            by_month[month_of(day)] += amount
    left, days, month = owed_minor, Fraction(0), month_of(on)
    for number in range(MONTHS_BACK):
        if left <= 0:
            return days
        length = (on - month).days + 1 if number == 0 else (following(month) - month).days
        sold = max(0, by_month[month])
        days += length * (Fraction(min(left, sold), sold) if sold else 1)
        left -= sold
        month = following(month, by=-1)
    return days if left <= 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledWork:
    """Work of a day, on an invoice that was issued on another; the amount (minor units) says how much it weighs."""

    work_date: date
    issued_on: date
    amount_minor: int

    @property
    def days(self) -> int:
        """From work to bill; 0 where it was billed before it was done."""
        return max(0, (self.issued_on - self.work_date).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleTime:
    """Days from work to bill, each weighted by its amount."""

    amount_minor: int
    mean: Fraction
    median: int
    """The least number of days within which at least half of the amount was billed."""


def cycle_time(billed: Sequence[BilledWork]) -> CycleTime | None:
    """Of what was billed in one currency; ``None`` where nothing of any amount was. Amounts below 0 and of 0 weigh nothing."""
    counted = sorted((one for one in billed if one.amount_minor > 0), key=lambda one: one.days)
    total = sum(one.amount_minor for one in counted)
    if not total:
        return None
    so_far, median = 0, 0
    for one in counted:
        so_far += one.amount_minor
        median = one.days
        if 2 * so_far >= total:
            break
    return CycleTime(amount_minor=total, mean=Fraction(sum(one.days * one.amount_minor for one in counted), total), median=median)
