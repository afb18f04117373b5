"""What an invoice counts for in the firm's currency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.money import Money
from scheduler.store.price_locks import hold_prices

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.store.transaction import Transaction


def at_home(tx: Transaction, invoice: Invoice, credited: Invoice | None = None) -> Invoice:
    """
    The amounts in the firm's currency, at the rate of the day of issue; a credit note's at its invoice's, so that they offset.

    Raises DomainError ``rate.exchange_missing``.
    """
    everything = tx.unrestricted
    home = everything.firm.get().currency
    if credited is not None:
        home = credited.home_currency
        rated = replace(
            invoice, home_rate=credited.home_rate, home_rate_on=credited.home_rate_on, home_rate_source=credited.home_rate_source
        )
    else:
        hold_prices(tx.connection, shared=True)
        rates = everything.area("exchange_rates").matching(currency=invoice.currency)
        assert invoice.issued_on is not None
        row = Exchange(rates, home=home).found(invoice.currency, invoice.issued_on)
        rated = invoice if row is None else replace(invoice, home_rate=row.rate, home_rate_on=row.day, home_rate_source=row.source)
    net, tax = (
        Money(amount_minor=amount, currency=invoice.currency).converted(home, rated.home_rate).amount_minor
        for amount in (invoice.net_minor, invoice.tax_minor)
    )
    return replace(rated, home_currency=home, home_net_minor=net, home_tax_minor=tax, home_gross_minor=net + tax)
