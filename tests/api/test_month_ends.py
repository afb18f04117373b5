"""Month ends as large as the catalogue of bad inputs has them, by what the benchmark of invoicing does."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from benchmarks.invoicing import PEOPLE, billed_once, draft, fill
from scheduler.domain.ground.access import LOCAL

if TYPE_CHECKING:
    from scheduler.application import Application


@pytest.mark.slow
def test_m24_twenty_thousand_entries_on_one_invoice(application: Application) -> None:
    """They make one draft, with every entry on it once and the amount of them all."""
    fill(application.store, entries=20_000, contracts=1)
    draft(application, contracts=1)
    assert billed_once(application.store, entries=20_000)
    with application.store.read(LOCAL) as view:
        (made,) = view.area("invoices").all()
    minutes = sum(15 + n % 120 for n in range(20_000))
    assert abs(made.net_minor - Fraction(minutes * 8750, 60)) <= Fraction(PEOPLE, 2), "one line for each person, rounded once"


@pytest.mark.slow
def test_m24_a_run_of_many_drafts_that_is_begun_again(application: Application) -> None:
    """It stops half-way and goes on after what is done: each contract has one draft, and each entry stands on one of them."""
    fill(application.store, entries=80, contracts=40)
    draft(application, contracts=40)
    assert billed_once(application.store, entries=80)
    with application.store.read(LOCAL) as view:
        made = view.area("invoices").all()
    assert len({one.contract_id for one in made}) == len(made) == 40
