"""
A contract's balance from month to month: opening + earned - billed + adjusted = closing.

Above 0 it is work in progress (earned and not billed), below 0 deferred revenue (billed and not earned). A closed month is a stored row
and stays as it is: what is learnt of it later counts in the first open month, because each month is what has come about by its end less what
the months before it have. Amounts are minor units of the contract's currency, and beside them (``home``) of the firm's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from scheduler.domain.billing.months import check_month, following
from scheduler.domain.billing.recognition import sums_before
from scheduler.domain.ground.checks import INTEGER_MAX, Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.billing.recognition import MonthRevenue


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What other books say was earned and billed before the month, and what the difference is carried at in the firm's currency."""

    month: date
    earned_minor: int
    billed_minor: int
    home_minor: int

    def __post_init__(self) -> None:
        faults = Faults()
        check_month(faults, "/month", self.month)
        for name in ("earned_minor", "billed_minor", "home_minor"):
            faults.integer(f"/{name}", getattr(self, name), least=-INTEGER_MAX)
        if not self.balance_minor and self.home_minor:
            message = "As much was billed as earned, so there is no balance, also in the firm's currency; give 0."
            faults.add("/home_minor", "opening.home_without_balance", message)
        faults.raise_any("opening balance")

    @property
    def balance_minor(self) -> int:
        """Earned less billed."""
        return self.earned_minor - self.billed_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledAmount:
    """The net of a document on its day of issue: below 0 for a credit note, and for an invoice on the day on which it was voided."""

    day: date
    amount_minor: int
    home_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedAmount:
    """What somebody added to revenue and balance by hand (below 0: took away), with a reason."""

    day: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceMonth:
    """One row of the roll-forward."""

    month: date
    opening_minor: int
    earned_minor: int
    billed_minor: int
    adjusted_minor: int
    opening_home_minor: int
    earned_home_minor: int
    billed_home_minor: int
    adjusted_home_minor: int
    exchange_home_minor: int
    """What the balance gained (or lost) because it was billed at another rate than it was carried at."""
    provision_minor: int = 0
    """By the month's end, for a loss that is expected."""
    provision_home_minor: int = 0

    @property
    def closing_minor(self) -> int:
        """Opening + earned - billed + adjusted."""
        return self.opening_minor + self.earned_minor - self.billed_minor + self.adjusted_minor

    @property
    def closing_home_minor(self) -> int:
        """The same in the firm's currency, with what exchange rates did."""
        moved = self.earned_home_minor - self.billed_home_minor + self.adjusted_home_minor + self.exchange_home_minor
        return self.opening_home_minor + moved

    @property
    def wip_minor(self) -> int:
        """Work in progress at the month's end."""
        return max(0, self.closing_minor)

    @property
    def deferred_minor(self) -> int:
        """Deferred revenue at the month's end, as a figure above 0."""
        return max(0, -self.closing_minor)

    @property
    def wip_home_minor(self) -> int:
        """Work in progress in the firm's currency."""
        return self.closing_home_minor if self.closing_minor > 0 else 0

    @property
    def deferred_home_minor(self) -> int:
        """Deferred revenue in the firm's currency."""
        return -self.closing_home_minor if self.closing_minor < 0 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """A balance and what it is carried at in the firm's currency."""

    minor: int
    home: int

    def moved(self, minor: int, home: int) -> tuple[_Carried, int]:
        """
        The balance after a movement worth ``home`` on its day, and what the movement counts for.

        What reduces the balance goes at what the balance is carried at, the rest at its own worth; so no balance leaves nothing over.
        """
        if not minor:
            return self, 0
        against = 0 if self.minor * minor >= 0 else min(abs(minor), abs(self.minor)) * (1 if minor > 0 else -1)
        carried = round_half_up(Fraction(self.home * against, self.minor)) if against else 0
        booked = carried + round_half_up(Fraction(home * (minor - against), minor))
        return _Carried(minor=self.minor + minor, home=self.home + booked), booked


def roll_forward(
    *,
    revenue: Sequence[MonthRevenue],
    billed: Iterable[BilledAmount],
    adjusted: Iterable[AdjustedAmount] = (),
    rates: Mapping[date, Fraction],
    opening: Opening | None = None,
    closed: Sequence[BalanceMonth] = (),
) -> tuple[BalanceMonth, ...]:
    """
    The closed months as they are, and after them the open ones.

    Parameters
    ----------
    revenue
        Of every open month, in order: the cumulative figures, those of what was taken over included.
    billed, adjusted
        All of them, also those of closed months. With an opening, those before its month are in it and do not count.
    rates
        What one minor unit of the contract's currency is worth in minor units of the firm's, at the end of each open month in which something came about.

    Raises
    ------
    ValueError
        Where the open months do not follow each other and the closed ones.
    """
    _check_order([one.month for one in closed] + [one.month for one in revenue])
    since = None if opening is None else opening.month
    ends = [following(one.month) for one in revenue]
    bills = [one for one in billed if since is None or one.day >= since]
    bills_minor = sums_before(((one.day, one.amount_minor) for one in bills), ends)
    bills_home = sums_before(((one.day, one.home_minor) for one in bills), ends)
    by_hand = sums_before(((one.day, one.amount_minor) for one in adjusted if since is None or one.day >= since), ends)
    total = _Totals.of(closed, opening)
    rows = list(closed)
    for number, month in enumerate(revenue):
        row = total.next_row(month, bills_minor[number], bills_home[number], by_hand[number], rates)
        total = total.after(row)
        rows.append(row)
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Totals:
    """What all rows so far add up to, beside the balance that they leave."""

    balance: _Carried
    earned: int
    billed: int
    billed_home: int
    adjusted: int

    @classmethod
    def of(cls, rows: Sequence[BalanceMonth], opening: Opening | None) -> _Totals:
        start = _Carried(minor=0, home=0)
        if opening is not None:
            start = _Carried(minor=opening.balance_minor, home=opening.home_minor)
        made = cls(balance=start, earned=0 if opening is None else opening.earned_minor, billed=0, billed_home=0, adjusted=0)
        for row in rows:
            made = made.after(row)
        return made

    def after(self, row: BalanceMonth) -> _Totals:
        return _Totals(
            balance=_Carried(minor=row.closing_minor, home=row.closing_home_minor),
            earned=self.earned + row.earned_minor,
            billed=self.billed + row.billed_minor,
            billed_home=self.billed_home + row.billed_home_minor,
            adjusted=self.adjusted + row.adjusted_minor,
        )

    def next_row(
        self, month: MonthRevenue, billed_by: int, billed_home_by: int, adjusted_by: int, rates: Mapping[date, Fraction]
    ) -> BalanceMonth:
        """The next month, from what has come about by its end. Bills come first: what they pay in advance is earned at their rate."""
        earned = month.cumulative_minor - self.earned

        def worth(minor: int) -> int:
            return round_half_up(minor * rates[month.month]) if minor else 0

        billed, billed_home = billed_by - self.billed, billed_home_by - self.billed_home
        adjusted = adjusted_by - self.adjusted
        balance, bill_booked = self.balance.moved(-billed, -billed_home)
        balance, earned_home = balance.moved(earned, worth(earned))
        balance, adjusted_home = balance.moved(adjusted, worth(adjusted))
        return BalanceMonth(
            month=month.month,
            opening_minor=self.balance.minor,
            earned_minor=earned,
            billed_minor=billed,
            adjusted_minor=adjusted,
            opening_home_minor=self.balance.home,
            earned_home_minor=earned_home,
            billed_home_minor=billed_home,
            adjusted_home_minor=adjusted_home,
            exchange_home_minor=bill_booked + billed_home,
            provision_minor=month.provision_minor,
            provision_home_minor=worth(month.provision_minor),
        )


def check_closable(month: date, *, closed: Iterable[date], first: date | None, today: date) -> None:
    """
    Months are closed one after the other, once they are over. ``first``: the month in which anything happened at first.

    Raises DomainError ``month.closed``, ``month.not_over``, ``month.earlier_open``.
    """
    done = set(closed)
    if month in done:
        detail = f"{month:%Y-%m} is closed and stays as it is; correct it by an adjustment in an open month."
        raise DomainError(ErrorKind.CONFLICT, "month.closed", detail, facts={"month": month.isoformat()})
    if today < following(month):
        detail = f"{month:%Y-%m} ends on {following(month)}; it can be closed from then on."
        raise DomainError(ErrorKind.CONFLICT, "month.not_over", detail, facts={"month": month.isoformat()})
    expected = following(max(done)) if done else first
    if expected is not None and expected < month:
        detail = f"{expected:%Y-%m} is still open; close it before {month:%Y-%m}."
        raise DomainError(ErrorKind.CONFLICT, "month.earlier_open", detail, facts={"month": expected.isoformat()})
    if done and month < max(done):
        detail = f"{max(done):%Y-%m} is closed, and {month:%Y-%m} lies before it: what is learnt of it counts in the first open month."
        raise DomainError(ErrorKind.CONFLICT, "month.closed", detail, facts={"month": month.isoformat()})


def check_month_open(day: date, closed: Iterable[date]) -> None:
    """Raise DomainError ``month.closed`` for a day that lies in a closed month or before one."""
    last = max(closed, default=None)
    if last is not None and day < following(last):
        detail = f"The months up to {last:%Y-%m} are closed; date it {following(last)} or later."
        raise DomainError(ErrorKind.CONFLICT, "month.closed", detail, facts={"month": last.isoformat()})


def _check_order(months: Sequence[date]) -> None:
    for earlier, later in pairwise(months):
        if later != following(earlier):
            raise ValueError(f"{later} does not follow {earlier}")
