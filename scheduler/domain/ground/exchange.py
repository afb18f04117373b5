"""What foreign currencies are worth in the firm's own, day by day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.money import check_currency

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scheduler.domain.ground.ids import ExchangeRateId
    from scheduler.domain.ground.money import Money

RATE_MAX = Decimal(100_000_000)
RATE_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """What one unit of a currency is worth in the firm's, on a day and until the next one that is stored."""

    id: ExchangeRateId
    currency: str
    day: date
    rate: Decimal
    source: str
    """Who says so, such as ``ECB``."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        check_currency(faults, "/currency", self.currency)
        if not self.rate.is_finite():
            faults.add("/rate", "number.not_finite", "The rate is not finite; give a decimal number.")
        elif not 0 < self.rate <= RATE_MAX:
            faults.add("/rate", "number.out_of_range", f"A rate is more than 0 and at most {RATE_MAX}.")
        elif self.rate != round(self.rate, RATE_PLACES):
            faults.add("/rate", "number.too_precise", f"A rate has at most {RATE_PLACES} decimal places.")
        object.__setattr__(self, "source", faults.text("/source", self.source))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("exchange rate")


class Exchange:
    """The stored rates, for look-up: that of a day is the latest on or before it."""

    def __init__(self, rates: Iterable[ExchangeRate], *, home: str) -> None:
        """``home``: the firm's currency, which is worth itself."""
        self.home = home
        self._rates: dict[str, list[ExchangeRate]] = defaultdict(list)
        for rate in sorted(rates, key=lambda one: one.day):
            self._rates[rate.currency].append(rate)
        self._days = {currency: [one.day for one in found] for currency, found in self._rates.items()}

    def found(self, currency: str, day: date) -> ExchangeRate | None:
        """
        The row that counts on a day; ``None`` for the firm's own currency, which needs none.

        Raises DomainError ``rate.exchange_missing``.
        """
        if currency == self.home:
            return None
        index = bisect_right(self._days.get(currency, []), day) - 1
        if index < 0:
            raise DomainError(
                ErrorKind.CONFLICT,
                "rate.exchange_missing",
                f"There is no exchange rate from {currency[:10]} to {self.home} on {day} or before; add one to the exchange rates.",
                facts={"currency": currency[:10], "day": day.isoformat()},
            )
        return self._rates[currency][index]

    def rate(self, currency: str, day: date) -> Decimal:
        """What one unit is worth in the firm's currency on a day. Raises DomainError ``rate.exchange_missing``."""
        found = self.found(currency, day)
        return Decimal(1) if found is None else found.rate

    def to_home(self, money: Money, day: date) -> Money:
        """The amount in the firm's currency at the rate of a day, rounded once, half up. Raises DomainError ``rate.exchange_missing``."""
        return money.converted(self.home, self.rate(money.currency, day))


def check_foreign(rate: ExchangeRate, *, home: str) -> None:
    """The firm's own currency has no rate. Raises DomainError ``input.invalid``."""
    if rate.currency == home:
        message = f"{home} is the firm's own currency and worth itself; rates are for other currencies."
        raise invalid("exchange rate", Fault(pointer="/currency", code="rate.of_home", message=message))
