"""Prices are changed while work is approved or billed, with real threads on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.delivery.lines import LineStep
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ExchangeRateId, new_id
from scheduler.planning.price_changes import check_approved_stays
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.invoices import InvoiceRows
from scheduler.usecases.records import change_record
from tests import approval_firm
from tests import factories as make
from tests.at_once import at_once
from tests.billing_firm import draft, fill, invoice_of
from tests.billing_firm import log as log_billed
from tests.billing_firm import make_entry as make_billed

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.store import Store

ROUNDS = 5
WAITS_S = 1.0
"""How long whoever began first goes on, if the other does not end meanwhile."""


@pytest.fixture
def rate(store: Store) -> BillRate:
    """Ann's time on Alpha is handed in, at one rate for all."""
    approval_firm.make_firm(store)
    with store.begin(LOCAL, now=approval_firm.NOW) as tx:
        kept = tx.bill_rates.add(make.make_bill_rate(100))
    approval_firm.log(store, *(approval_firm.make_entry(f"e{number}", minutes=30) for number in range(ROUNDS)))
    approval_firm.submit(store, "ann", *(f"e{number}" for number in range(ROUNDS)))
    return kept


def recorded_at(store: Store, area: str, row_id: str) -> datetime:
    with store.read(LOCAL) as view:
        return view.area(area).history(row_id)[-1].recorded_from


def test_an_approval_waits_for_a_rate_that_was_found_free_to_change(store: Store, rate: BillRate) -> None:
    """The change saw nothing approved and is not committed yet: the approval comes after it, so what was approved has one price."""
    checked, approved = threading.Event(), threading.Event()

    def change() -> None:
        with store.begin(LOCAL) as tx:
            tx.bill_rates.save(replace(rate, rate=Decimal(120)))
            check_approved_stays(ApprovedWork(tx))
            checked.set()
            approved.wait(WAITS_S)

    def approve() -> None:
        checked.wait()
        approval_firm.approve(store, "leo", "e0")
        approved.set()

    assert at_once(change, approve) == [None, None]
    assert recorded_at(store, "bill_rates", rate.id) < recorded_at(store, "time_entries", "e0")


def test_of_an_approval_and_a_rate_at_once_the_second_knows_the_first(store: Store, rate: BillRate) -> None:
    """Whichever comes first: the rate was changed before anything was approved, or is refused."""
    for number in range(ROUNDS):
        with store.read(LOCAL) as view:
            before = view.bill_rates.get(rate.id)
        change = partial(change_record, store, actor=LOCAL, value=replace(before, rate=before.rate + 1), now=approval_firm.NOW)
        refused = at_once(change, partial(approval_firm.approve, store, "leo", f"e{number}"))
        assert refused[1] is None
        assert refused[0] in {None, "rate.in_use"}
        if refused[0] is None:
            assert recorded_at(store, "bill_rates", rate.id) < recorded_at(store, "time_entries", f"e{number}")
        approval_firm.step(store, "leo", LineStep.UNAPPROVE, f"e{number}", reason="Again")
        approval_firm.step(store, "ann", LineStep.RECALL, f"e{number}")


@pytest.mark.parametrize("area", ["tax_codes", "exchange_rates"])
def test_a_rate_waits_for_a_draft_that_has_read_it(store: Store, monkeypatch: pytest.MonkeyPatch, area: str) -> None:
    """What a draft was made of was recorded before it; so whoever makes it once more makes the same of it."""
    fill(store)
    log_billed(store, make_billed("e1"))
    read, changed = threading.Event(), threading.Event()
    put = InvoiceRows.put

    def put_slowly(self: InvoiceRows, *parts: object) -> None:
        read.set()
        changed.wait(WAITS_S)
        put(self, *parts)  # type: ignore[arg-type]

    monkeypatch.setattr(InvoiceRows, "put", put_slowly)
    drafts = []
    row_id = new_id()

    def change() -> None:
        read.wait()
        with store.begin(LOCAL) as tx:
            if area == "tax_codes":
                (code,) = tx.area(area).all()
                tx.area(area).save(replace(code, rates=(replace(code.rates[0], percent=Decimal(7)),)))
            else:
                tx.area(area).add(
                    ExchangeRate(id=ExchangeRateId(row_id), currency="USD", day=make.MONDAY, rate=Decimal("0.9"), source="ECB")
                )
        changed.set()

    assert at_once(lambda: drafts.append(draft(store)), change) == [None, None]
    with store.read(LOCAL) as view:
        row = row_id if area == "exchange_rates" else view.area(area).all()[0].id
    assert recorded_at(store, "invoices", invoice_of(store, drafts[0].id).id) < recorded_at(store, area, row)
