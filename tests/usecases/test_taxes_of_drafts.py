"""Rates of a tax code that are corrected beneath a draft."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from scheduler.usecases.invoices import cancel_invoice, change_draft
from scheduler.usecases.records import change_record
from tests.billing_firm import FINANCE, NOW, draft, fill, invoice_of, issue, log, make_entry, parts_of

if TYPE_CHECKING:
    from scheduler.store import Store


def test_drafts_keep_the_rates_that_they_were_drafted_with(store: Store) -> None:
    """What was looked at is what is issued, also after a line was left out; a draft that is made anew takes the corrected rate."""
    fill(store)
    log(store, make_entry("e1"), make_entry("e2", person="bob"), make_entry("e3", project="beta"))
    kept, anew = draft(store), draft(store, "beta")
    with store.read(LOCAL) as view:
        (code,) = view.area("tax_codes").all()
    rates = (replace(code.rates[0], percent=Decimal(7)),)
    change_record(store, actor=LOCAL, value=replace(code, rates=rates), now=NOW)
    shorter = change_draft(store, actor=FINANCE, invoice_id=kept.id, expected_version=kept.version, given={}, leave_out=[2], now=NOW)
    issued = issue(store, shorter)
    assert [line.tax_percent for line in parts_of(store, issued.id).lines] == [Decimal(19)]
    assert (issued.net_minor, issued.tax_minor) == (10_000, 1_900)
    cancel_invoice(store, actor=FINANCE, invoice_id=anew.id, expected_version=invoice_of(store, anew.id).version, reason="Tax", now=NOW)
    assert [line.tax_percent for line in parts_of(store, draft(store, "beta").id).lines] == [Decimal(7)]
