"""Journal lines: an entry's debits are its credits, and it can be told as amounts from account to account."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.journal_lines import JournalLine, entries, postings
from scheduler.domain.ground.errors import DomainError, ErrorKind


def make_journal_line(**changes: Any) -> JournalLine:
    fields: dict[str, Any] = {
        "entry_id": "e1",
        "date": date(2026, 11, 30),
        "account": "1400",
        "contra_account": None,
        "debit_minor": 0,
        "credit_minor": 0,
        "currency": "EUR",
        "text": "Invoice",
        "document_number": "2026-0001",
        "project": "Apollo",
        "client": "Client SA",
    }
    return JournalLine(**{**fields, **changes})


def entry(*amounts: int, entry_id: str = "e1") -> list[JournalLine]:
    """Lines of these amounts, debits above 0, each on an account of its own."""
    return [
        make_journal_line(entry_id=entry_id, account=f"{1000 + place}", debit_minor=max(amount, 0), credit_minor=max(-amount, 0))
        for place, amount in enumerate(amounts)
    ]


def test_a_line_has_one_side() -> None:
    """Both sides, neither, an amount below 0 or an unknown currency are refused."""
    for changes in ({}, {"debit_minor": 1, "credit_minor": 1}):
        with pytest.raises(DomainError) as refused:
            make_journal_line(**changes)
        assert [fault.code for fault in refused.value.faults] == ["journal.one_side"]
    for wrong in ({"debit_minor": -1}, {"debit_minor": 1, "currency": "BTC"}, {"debit_minor": 1, "account": ""}):
        with pytest.raises(DomainError):
            make_journal_line(**wrong)


def test_entries_are_balanced() -> None:
    """One minor unit left over, and the entry is refused with its id and what is left."""
    assert [len(one) for one in entries([*entry(119, -100, -19), *entry(5, -5, entry_id="e2")])] == [3, 2]
    with pytest.raises(DomainError) as refused:
        list(entries(entry(119, -100, -18)))
    assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "journal.unbalanced")
    assert refused.value.facts == {"entry_id": "e1", "left_minor": 1}


def test_m09_an_entry_has_one_currency() -> None:
    """Euros against dollars are refused, whatever the figures."""
    with pytest.raises(DomainError) as refused:
        list(entries([make_journal_line(debit_minor=5), make_journal_line(credit_minor=5, currency="USD")]))
    assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "money.currency_mismatch")
    assert refused.value.facts == {"entry_id": "e1"}


def test_the_lines_of_an_entry_stand_together() -> None:
    """Lines of another entry between them, or another day, are refused."""
    mixed = [*entry(5, -5), *entry(7, -7, entry_id="e2"), *entry(1, -1)]
    days = [make_journal_line(debit_minor=5), make_journal_line(credit_minor=5, date=date(2026, 12, 1))]
    for lines in (mixed, days):
        with pytest.raises(DomainError) as refused:
            list(entries(lines))
        assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "journal.entry_split")
        assert refused.value.facts == {"entry_id": "e1"}


def test_an_invoice_becomes_two_postings() -> None:
    """119 receivable against 100 revenue and 19 tax: the detail of each is the revenue's and the tax's line."""
    made = postings(entry(119, -100, -19))
    assert [(one.debit.account, one.credit.account, one.amount_minor, one.detail.account) for one in made] == [
        ("1000", "1001", 100, "1001"),
        ("1000", "1002", 19, "1002"),
    ]


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=12))
def test_postings_book_exactly_what_the_lines_say(amounts: list[int]) -> None:
    """Every account gets what its lines say, to the minor unit, however many lines stand on either side."""
    left = -sum(amounts)
    lines = entry(*amounts, *([left] if left else []))
    booked: Counter[str] = Counter()
    for posting in postings(lines):
        assert posting.amount_minor > 0
        booked[posting.debit.account] += posting.amount_minor
        booked[posting.credit.account] -= posting.amount_minor
    assert booked == Counter({line.account: line.signed_minor for line in lines})
