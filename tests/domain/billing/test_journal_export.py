"""Entries as lines that accounting programs book, in the firm's currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.journal import About, Entry, EntryKind, Posting, Worth
from scheduler.domain.billing.journal_export import lines_in
from scheduler.domain.billing.journal_lines import JournalLine

DAY = date(2026, 3, 10)
ABOUT = About(currency="USD", project="Portal", client="Acme", document_number="INV-1")


def entry(*postings: tuple[str, int, int], about: About = ABOUT) -> Entry:
    lines = tuple(Posting(account=account, worth=Worth(minor=minor, home=home)) for account, minor, home in postings)
    return Entry(id="invoice:1", kind=EntryKind.INVOICE, date=DAY, text="Invoice INV-1", about=about, postings=lines)


def line(account: str, contra: str | None, *, debit: int = 0, credit: int = 0) -> JournalLine:
    return JournalLine(
        entry_id="invoice:1",
        date=DAY,
        account=account,
        contra_account=contra,
        debit_minor=debit,
        credit_minor=credit,
        currency="EUR",
        text="Invoice INV-1 (USD)",
        document_number="INV-1",
        project="Portal",
        client="Acme",
    )


def test_a_line_is_what_a_posting_counts_for_in_the_firms_currency() -> None:
    """Above 0 a debit, below 0 a credit; of two, each names the other's account; the foreign currency is in the text."""
    found = list(lines_in("EUR", [entry(("1400", 119, 107), ("8400", -119, -107))]))
    assert found == [line("1400", "8400", debit=107), line("8400", "1400", credit=107)]


def test_of_several_sides_none_is_the_other() -> None:
    """Three lines name no other account."""
    found = list(lines_in("EUR", [entry(("1400", 119, 107), ("8400", -100, -90), ("1776", -19, -17))]))
    assert found == [line("1400", None, debit=107), line("8400", None, credit=90), line("1776", None, credit=17)]


def test_what_counts_for_nothing_has_no_line() -> None:
    """A posting of 0, which then is no other side either, and an entry of nothing else; entries after it have theirs."""
    rounded = entry(("1400", 119, 107), ("1401", 1, 0), ("8400", -120, -107))
    assert [(one.account, one.contra_account) for one in lines_in("EUR", [rounded])] == [("1400", "8400"), ("8400", "1400")]
    nothing = entry(("1400", 1, 0), ("8400", -1, 0))
    assert len(list(lines_in("EUR", [nothing, rounded]))) == 2


def test_a_single_unit_is_a_line() -> None:
    """The smallest amount that there is."""
    assert list(lines_in("EUR", [entry(("1400", 1, 1), ("8400", -1, -1))])) == [
        line("1400", "8400", debit=1),
        line("8400", "1400", credit=1),
    ]


def test_an_entry_in_the_firms_currency_keeps_its_text() -> None:
    """Nothing is said of a currency."""
    home = entry(("1400", 5, 5), ("8400", -5, -5), about=replace(ABOUT, currency="EUR"))
    assert {one.text for one in lines_in("EUR", [home])} == {"Invoice INV-1"}


@given(homes=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6))
def test_lines_of_an_entry_balance(homes: list[int]) -> None:
    """Debits are credits, whatever some postings come to; each line has one side."""
    postings = [(f"a{number}", 0, home) for number, home in enumerate(homes)]
    found = list(lines_in("EUR", [entry(*postings, ("rest", 0, -sum(homes)))]))
    assert sum(one.debit_minor for one in found) == sum(one.credit_minor for one in found)
    assert {one.account: one.signed_minor for one in found} == {
        account: home for account, _, home in [*postings, ("rest", 0, -sum(homes))] if home
    }
