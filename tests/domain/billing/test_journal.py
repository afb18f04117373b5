"""Double entries of what is billed, paid and earned."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing import journal
from scheduler.domain.billing.journal import About, Entry, EntryKind, IssuedDocument, LedgerAccounts, Posting, Settled, TaxAmount, Worth
from scheduler.domain.billing.months import following, last_day
from scheduler.domain.billing.recognition import ContractFacts, DayAmount, Method, recognised
from scheduler.domain.billing.roll_forward import BalanceMonth, BilledAmount, Opening, roll_forward
from scheduler.domain.ground.errors import DomainError

JAN = date(2026, 1, 1)
MONTHS = tuple(following(JAN, by=n) for n in range(4))
ACCOUNTS = LedgerAccounts(tax_payable_by_code={"19 %": "3806"})
USD = About(currency="USD", project="Apollo", client="Acme", document_number="R-1")


NOTHING = Worth()


def document(*, retained: Worth = NOTHING, is_credit_note: bool = False) -> IssuedDocument:
    """1,000.00 USD and 19 % of tax, at 0.90."""
    return IssuedDocument(
        id="i1",
        number="R-1",
        issued_on=date(2026, 1, 20),
        currency="USD",
        net=Worth(minor=100_000, home=90_000),
        taxes=(TaxAmount(code="19 %", worth=Worth(minor=19_000, home=17_100)),),
        retained=retained,
        is_credit_note=is_credit_note,
        project="Apollo",
        client="Acme",
    )


def lines(entry: Entry) -> dict[str, tuple[int, int]]:
    """Amounts by account, in the entry's currency and the firm's."""
    return {one.account: (one.worth.minor, one.worth.home) for one in entry.postings}


def test_an_invoice_is_owed_by_the_client_and_takes_from_the_contract() -> None:
    """The gross is receivable, what is held back apart; the net leaves the contract's balance, the tax is owed by its code."""
    entry = journal.issued(document(retained=Worth(minor=11_900, home=10_710)), ACCOUNTS)
    assert lines(entry) == {
        "receivable": (107_100, 96_390),
        "retained_receivable": (11_900, 10_710),
        "contract_asset": (-100_000, -90_000),
        "3806": (-19_000, -17_100),
    }
    assert (entry.id, entry.kind, entry.date, entry.about) == ("invoice:i1", EntryKind.INVOICE, date(2026, 1, 20), USD)
    assert [(one.debit_minor, one.credit_minor) for one in entry.postings][::2] == [(107_100, 0), (0, 100_000)]


def test_credit_note_and_void_take_back_what_an_invoice_entered() -> None:
    """Both are the invoice's entry with the sides changed; a voided credit note is entered as an invoice again."""
    invoice = lines(journal.issued(document(), ACCOUNTS))
    back = {account: (-minor, -home) for account, (minor, home) in invoice.items()}
    assert lines(journal.issued(document(is_credit_note=True), ACCOUNTS)) == back
    assert lines(journal.voided(document(), on=JAN, accounts=ACCOUNTS)) == back
    assert lines(journal.voided(document(is_credit_note=True), on=JAN, accounts=ACCOUNTS)) == invoice


def test_a_payment_at_another_rate_leaves_an_exchange_difference() -> None:
    """1,190.00 USD are carried at 1,071.00 and bring 1,100.00: 29.00 gained, on the credit side, in the firm's currency alone."""
    payment = Settled(id="p1", on=JAN, about=USD, settled=Worth(minor=119_000, home=107_100), received=Worth(minor=119_000, home=110_000))
    assert lines(journal.paid(payment, ACCOUNTS)) == {
        "bank": (119_000, 110_000),
        "receivable": (-119_000, -107_100),
        "exchange_difference": (0, -2_900),
    }


def test_a_write_off_costs_the_net_when_the_tax_is_no_longer_owed() -> None:
    """1,190.00 are given up: 1,000.00 lost, 190.00 less tax."""
    tax = (TaxAmount(code="19 %", worth=Worth(minor=19_000, home=17_100)),)
    loss = Settled(id="w1", on=JAN, about=USD, settled=Worth(minor=119_000, home=107_100), taxes=tax)
    assert lines(journal.written_off(loss, ACCOUNTS)) == {
        "bad_debt": (100_000, 90_000),
        "3806": (19_000, 17_100),
        "receivable": (-119_000, -107_100),
    }


def test_what_was_held_back_becomes_receivable_when_it_is_due() -> None:
    """From one account to the other, of the same amount."""
    entry = journal.retention_due(document(retained=Worth(minor=11_900, home=10_710)), on=JAN, accounts=ACCOUNTS)
    assert lines(entry) == {"receivable": (11_900, 10_710), "retained_receivable": (-11_900, -10_710)}


def test_an_entry_out_of_balance_does_not_exist() -> None:
    """Neither in its own currency nor in the firm's."""
    for worth in (Worth(minor=1), Worth(home=1)):
        with pytest.raises(DomainError) as refused:
            Entry(id="x", kind=EntryKind.PAYMENT, date=JAN, text="", about=USD, postings=(Posting(account="bank", worth=worth),))
        assert [(one.pointer, one.code) for one in refused.value.faults] == [("/postings", "journal.unbalanced")]
        assert refused.value.detail.startswith("The entry is not valid: ")
        assert refused.value.faults[0].message.startswith("The entry x is out of balance by ")


def test_a_provision_is_entered_as_it_changes() -> None:
    """50.00 provided in January cost 50.00 then; in February 20.00 are left, so 30.00 come back."""
    provided = [
        BalanceMonth(
            **dict.fromkeys(("opening_minor", "earned_minor", "billed_minor", "adjusted_minor"), 0),
            **dict.fromkeys(("opening_home_minor", "earned_home_minor", "billed_home_minor", "adjusted_home_minor"), 0),
            exchange_home_minor=0,
            month=month,
            provision_minor=amount,
            provision_home_minor=amount,
        )
        for month, amount in zip(MONTHS, (5_000, 2_000), strict=False)
    ]
    first = journal.month_entries(provided[0], contract_id="c", about=USD, provision_before=Worth(), accounts=ACCOUNTS)
    before = Worth(minor=5_000, home=5_000)
    second = journal.month_entries(provided[1], contract_id="c", about=USD, provision_before=before, accounts=ACCOUNTS)
    assert [lines(one) for one in first] == [{"contract_loss": (5_000, 5_000), "loss_provision": (-5_000, -5_000)}]
    assert [lines(one) for one in second] == [{"contract_loss": (-3_000, -3_000), "loss_provision": (3_000, 3_000)}]


def test_entries_say_what_they_are_of_which_day_and_about_whom() -> None:
    """Id, kind, day, text; everything about a document carries its number, project and client."""
    held, on = document(retained=Worth(minor=1, home=1)), date(2026, 2, 3)
    payment = Settled(id="p1", on=on, about=USD, settled=Worth(minor=1, home=1), received=Worth(minor=1, home=1))
    anonymous = Settled(id="p2", on=on, about=About(currency="USD"), settled=Worth(minor=1, home=1), received=Worth(minor=1, home=1))
    made = [
        journal.issued(document(), ACCOUNTS),
        journal.issued(document(is_credit_note=True), ACCOUNTS),
        journal.voided(document(), on=on, accounts=ACCOUNTS),
        journal.paid(payment, ACCOUNTS),
        journal.paid(anonymous, ACCOUNTS),
        journal.written_off(payment, ACCOUNTS),
        journal.written_off(anonymous, ACCOUNTS),
        journal.retention_due(held, on=on, accounts=ACCOUNTS),
    ]
    assert [(one.id, one.kind, one.date, one.text) for one in made] == [
        ("invoice:i1", EntryKind.INVOICE, date(2026, 1, 20), "Invoice R-1"),
        ("credit_note:i1", EntryKind.CREDIT_NOTE, date(2026, 1, 20), "Credit note R-1"),
        ("void:i1", EntryKind.VOID, on, "Void R-1"),
        ("payment:p1", EntryKind.PAYMENT, on, "Payment R-1"),
        ("payment:p2", EntryKind.PAYMENT, on, "Payment"),
        ("write_off:p1", EntryKind.WRITE_OFF, on, "Write-off R-1"),
        ("write_off:p2", EntryKind.WRITE_OFF, on, "Write-off"),
        ("retention:i1", EntryKind.RETENTION, on, "Retention of R-1 due"),
    ]
    assert [one.about for one in made if not one.id.endswith("p2")] == [USD] * 6


@pytest.mark.parametrize(("earned", "billed", "account"), [(5, 2, "contract_asset"), (2, 5, "contract_liability")])
def test_what_is_taken_over_stands_against_the_opening_balance(earned: int, billed: int, account: str) -> None:
    """WIP on one account, deferred revenue on the other, on the first day; a balance of nothing is no entry."""
    opening = Opening(month=JAN, earned_minor=earned, billed_minor=billed, home_minor=2 * (earned - billed))
    (entry,) = journal.taken_over(opening, contract_id="c", about=USD, accounts=ACCOUNTS)
    assert lines(entry) == {account: (earned - billed, 2 * (earned - billed)), "opening_balance": (billed - earned, 2 * (billed - earned))}
    assert (entry.id, entry.kind, entry.date, entry.text) == ("opening:c", EntryKind.OPENING, JAN, "Contract balance taken over")
    assert entry.about == USD
    even = Opening(month=JAN, earned_minor=5, billed_minor=5, home_minor=0)
    assert not list(journal.taken_over(even, contract_id="c", about=USD, accounts=ACCOUNTS))


@pytest.mark.parametrize("minor", [1, -1])
def test_the_least_balance_that_is_taken_over_stands_on_its_account(minor: int) -> None:
    """One minor unit of WIP, or of deferred revenue."""
    opening = Opening(month=JAN, earned_minor=max(minor, 0), billed_minor=max(-minor, 0), home_minor=minor)
    (entry,) = journal.taken_over(opening, contract_id="c", about=USD, accounts=ACCOUNTS)
    assert lines(entry)["contract_asset" if minor > 0 else "contract_liability"] == (minor, minor)


def test_a_month_enters_all_that_moved_its_balance() -> None:
    """
    Opening 10 deferred (9 in the firm's currency), 3 earned, 5 billed, 2 taken away by hand, 1 of exchange: 14 deferred at the end, that is
    -9 + 3 - 5 - 2 + 1 = -12, so 4 and 3 more than before.
    """
    row = BalanceMonth(
        month=JAN,
        opening_minor=-10,
        earned_minor=3,
        billed_minor=5,
        adjusted_minor=-2,
        opening_home_minor=-9,
        earned_home_minor=3,
        billed_home_minor=5,
        adjusted_home_minor=-2,
        exchange_home_minor=1,
        provision_minor=7,
        provision_home_minor=6,
    )
    made = list(journal.month_entries(row, contract_id="c", about=USD, provision_before=Worth(minor=2, home=1), accounts=ACCOUNTS))
    assert [(one.id, one.kind, one.text, lines(one)) for one in made] == [
        ("revenue:c:2026-01", EntryKind.REVENUE, "Revenue 2026-01", {"contract_asset": (3, 3), "revenue": (-3, -3)}),
        ("adjustment:c:2026-01", EntryKind.ADJUSTMENT, "Revenue adjusted 2026-01", {"contract_asset": (-2, -2), "revenue": (2, 2)}),
        (
            "exchange:c:2026-01",
            EntryKind.EXCHANGE,
            "Exchange difference 2026-01",
            {"contract_asset": (0, 1), "exchange_difference": (0, -1)},
        ),
        (
            "provision:c:2026-01",
            EntryKind.PROVISION,
            "Provision for an expected loss 2026-01",
            {"contract_loss": (5, 5), "loss_provision": (-5, -5)},
        ),
        ("deferral:c:2026-01", EntryKind.DEFERRAL, "Deferred revenue 2026-01", {"contract_asset": (4, 3), "contract_liability": (-4, -3)}),
    ]
    assert {(one.date, one.about) for one in made} == {(date(2026, 1, 31), USD)}


def test_entries_are_in_order_of_their_days_and_ids() -> None:
    """Whatever order they were made in."""
    posting = (Posting(account="bank", worth=Worth()),)
    first, second, third = (
        Entry(id=name, kind=EntryKind.PAYMENT, date=day, text="", about=USD, postings=posting)
        for name, day in (("b", JAN), ("c", JAN), ("a", date(2026, 1, 2)))
    )
    assert journal.in_order([third, second, first]) == (first, second, third)


AMOUNTS = st.integers(min_value=-(10**6), max_value=10**6)
DAYS = st.dates(min_value=JAN, max_value=last_day(MONTHS[-1]))


@given(
    work=st.lists(st.tuples(DAYS, AMOUNTS), max_size=6),
    bills=st.lists(st.tuples(DAYS, st.integers(min_value=0, max_value=10**6), AMOUNTS, st.booleans()), max_size=5),
    opening=st.none() | st.integers(min_value=-(10**6), max_value=10**6).filter(bool),
)
def test_accounts_show_what_the_roll_forward_says(
    *, work: list[tuple[date, int]], bills: list[tuple[date, int, int, bool]], opening: int | None
) -> None:
    """After all entries of a month the pair of accounts holds exactly its WIP and its deferred revenue, in both currencies."""
    taken = None if opening is None else Opening(month=JAN, earned_minor=opening, billed_minor=0, home_minor=opening // 2)
    facts = ContractFacts(
        method=Method.AS_APPROVED,
        work=tuple(DayAmount(day=day, amount_minor=amount) for day, amount in work),
        earned_before_minor=opening or 0,
    )
    documents = [
        IssuedDocument(id=str(n), number=str(n), issued_on=day, currency="USD", net=Worth(minor=net, home=home), is_credit_note=is_back)
        for n, (day, net, home, is_back) in enumerate(bills)
    ]
    signed = [(one, -1 if one.is_credit_note else 1) for one in documents]
    billed = [BilledAmount(day=one.issued_on, amount_minor=s * one.net.minor, home_minor=s * one.net.home) for one, s in signed]
    rates = {month: Fraction(9, 10) + Fraction(n, 7) for n, month in enumerate(MONTHS)}
    rows = roll_forward(revenue=recognised(facts, MONTHS), billed=billed, rates=rates, opening=taken)
    entries = [journal.issued(one, ACCOUNTS) for one in documents]
    entries += [] if taken is None else journal.taken_over(taken, contract_id="c", about=USD, accounts=ACCOUNTS)
    for row in rows:
        entries += journal.month_entries(row, contract_id="c", about=USD, provision_before=Worth(), accounts=ACCOUNTS)
    for row in rows:
        left = journal.balances(one for one in entries if one.date <= last_day(row.month))
        assert left.get(("contract_asset", "USD"), Worth()) == Worth(minor=row.wip_minor, home=row.wip_home_minor)
        assert left.get(("contract_liability", "USD"), Worth()) == Worth(minor=-row.deferred_minor, home=-row.deferred_home_minor)
    everything = journal.balances(entries)
    assert sum(everything.values(), Worth()) == Worth()
    assert len({one.id for one in entries}) == len(entries)
