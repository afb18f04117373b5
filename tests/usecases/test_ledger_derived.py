"""
M31: what was billed and earned follows from primary rows, also for whoever rewrites versions and hashes with a row.

Each row is changed together with its versions, and all hashes are made anew: only what is derived once more can tell.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update

from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.contracts import ContractKind, LineDetail, Recognition, Retainer, Rounding, RoundingMode, RoundingScope
from scheduler.domain.billing.crediting import WantedCredit
from scheduler.domain.billing.invoices import NUMBERED
from scheduler.domain.billing.ledger import RevenueAdjustment, chain_hash, content_hash
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import (
    AdjustmentId,
    ChargeId,
    ClientId,
    ContractId,
    ExchangeRateId,
    ExpenseId,
)
from scheduler.domain.staffing.work import ContractKind as ProjectContract
from scheduler.queries.ledger_verify import verified, verify_ledger
from scheduler.store import View
from scheduler.store.invoices import InvoiceReader
from scheduler.store.ledger_rows import kept_rows
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.billing import NUMBER_SERIES
from scheduler.store.tables.invoices import INVOICES
from scheduler.store.tables.ledger import CLOSED_MONTHS
from scheduler.usecases.erasure import erase_person
from scheduler.usecases.invoices import change_draft
from scheduler.usecases.ledger import adjust_revenue, close_month
from tests import factories as make
from tests.billing_firm import FINANCE, NOW, UNTIL, credit, draft, fill, issue, log, make_contract, make_entry, parts_of, pay, void

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from scheduler.domain.billing.verification import Difference
    from scheduler.domain.delivery.expenses import Expense
    from scheduler.store import Store

MAR, APR = date(2027, 3, 1), date(2027, 4, 1)
MAY = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
QUARTER = Rounding(step_min=15, mode=RoundingMode.UP, minimum_min=20, scope=RoundingScope.DAY)
TERMS: dict[str, dict[str, Any]] = {
    "retained": {"kind": ContractKind.RETAINER, "retainer": Retainer(fee_minor=10_000, included_min=30, overage_rate=Decimal("77.77"))},
    "blocks": {"kind": ContractKind.BLOCK_HOURS},
    "capped": {"kind": ContractKind.CAPPED, "cap_minor": 10_000},
    "whole": {"kind": ContractKind.FIXED_PRICE, "recognition": Recognition.COST_TO_COST},
    "dollars": {"currency": "USD"},
}


def make_charge(name: str, project: str, kind: ChargeKind, amount_minor: int, **more: Any) -> Charge:
    ids: dict[str, Any] = {"id": ChargeId(name), "contract_id": ContractId(f"c-{project}"), "name": name.title(), "due_on": MAR}
    return Charge(**{**ids, "kind": kind, "amount_minor": amount_minor, **more})


def spent(name: str, project: str, *, is_billable: bool) -> Expense:
    """119.00 of which 19.00 are tax, approved; charged with 10 % on top."""
    own: dict[str, Any] = {"home_minor": 119_00, "home_currency": "EUR", "tax_rate": Decimal("0.19"), "markup": Decimal("0.1")}
    states: dict[str, Any] = {"is_reimbursable": True, "is_billable": is_billable, "state": LineState.APPROVED}
    return make.make_expense(project=project, id=ExpenseId(name), **own, **states)


def fill_books(store: Store) -> None:
    """A contract of each sort with its work, expenses and charges; nothing is billed."""
    terms: dict[str, Any] = {
        "rounding": QUARTER,
        "discount": Decimal("0.07"),
        "retention": Decimal("0.05"),
        "retention_due_on": date(2028, 1, 1),
    }
    fill(store, alpha=make_contract(starts_on=MAR, **terms), starts_on=MAR)
    with store.begin(LOCAL, now=NOW) as tx:
        for number, rate in enumerate(("0.9", "0.8"), start=3):
            day = date(2027, number, 1)
            tx.area("exchange_rates").add(
                ExchangeRate(id=ExchangeRateId(f"usd-{number}"), currency="USD", day=day, rate=Decimal(rate), source="ECB")
            )
        tx.bill_rates.add(make.make_bill_rate(120, rate_id="in-dollars", currency="USD"))
        for name, own in TERMS.items():
            fixed: dict[str, Any] = {"contract": ProjectContract.FIXED_PRICE, "contract_value_minor": 1_000_000} if name == "whole" else {}
            tx.projects.add(make.make_project(name, client_id=ClientId("acme"), **fixed))
            tx.area("contracts").add(make_contract(name, starts_on=MAR, **own))
        tx.area("charges").add(make_charge("deposit", "beta", ChargeKind.DEPOSIT, 5_000))
        tx.area("charges").add(make_charge("block", "blocks", ChargeKind.BLOCK, 45_000, minutes=300))
        reached: dict[str, Any] = {"state": ChargeState.APPROVED, "approved_on": date(2027, 3, 20)}
        tx.area("charges").add(make_charge("design", "whole", ChargeKind.MILESTONE, 400_000, **reached))
        tx.area("charges").add(make_charge("build", "whole", ChargeKind.MILESTONE, 600_000))
        tx.bookings.add(make.make_booking(project="whole", demand=None, period=make.weeks(6, 9)))
        tx.area("expense_categories").add(make.make_expense_category())
        for number, project in enumerate(("alpha", "beta", "whole")):
            tx.area("expenses").add(spent(f"x{number}", project, is_billable=project != "whole"))
    for project in ("alpha", "beta", *TERMS):
        log(
            store,
            make_entry(f"{project}-1", project=project, minutes=61),
            make_entry(f"{project}-2", project=project, day=1, minutes=47),
            make_entry(f"{project}-3", project=project, day=2, minutes=7, person="bob"),
        )


@pytest.fixture
def books(store: Store) -> Store:
    """Everything billed but Gamma's work and part of Alpha's; March is closed with drafts and open work, April too."""
    fill_books(store)
    issue(store, draft(store, "beta", until=MAR), issued_on=MAR)
    first = issue(store, draft(store), issued_on=UNTIL)
    for part in (3, 3):
        issue(store, credit(store, first, wanted=[WantedCredit(position=1, amount_minor=part)]), issued_on=APR)
    for project in ("beta", "retained", "blocks", "capped", "whole"):
        issue(store, draft(store, project), issued_on=UNTIL)
    dollars = issue(store, draft(store, "dollars"), issued_on=UNTIL)
    pay(store, dollars, 1_000, paid_on=APR)
    log(store, make_entry("gamma-1", project="gamma", minutes=50), make_entry("gamma-2", project="gamma", person="bob", minutes=40))
    drafted = draft(store, "gamma")
    log(store, make_entry("late", minutes=45, day=20))
    value = RevenueAdjustment(
        id=AdjustmentId("adj"), contract_id=ContractId("c-alpha"), day=MAR, amount_minor=5, reason="By hand", made_at=NOW, made_by=LOCAL.id
    )
    adjust_revenue(store, actor=LOCAL, value=value, now=NOW)
    close_month(store, actor=LOCAL, month=MAR, now=MAY)
    # A line goes from the draft that counted in March, and is billed apart.
    changed = change_draft(store, actor=FINANCE, invoice_id=drafted.id, expected_version=drafted.version, given={}, leave_out=[1], now=MAY)
    issue(store, changed, issued_on=MAY.date(), now=MAY)
    close_month(store, actor=LOCAL, month=APR, now=MAY)
    assert verify_ledger(store, actor=LOCAL).difference is None
    return store


@contextmanager
def planted(store: Store, *statements: str) -> Iterator[Connection]:
    """A change that is taken back at the end, in rows, in their versions (braces after the name of a table) and in all hashes."""
    with store.engine.connect() as connection:
        for statement in statements:
            for name in ("", "_versions"):
                if name and "{}" not in statement:
                    continue
                assert connection.execute(text(statement.format(name))).rowcount > 0, statement
        hashed_anew(connection)
        yield connection
        connection.rollback()


def hashed_anew(connection: Connection) -> None:
    """All hashes and chains fit what is stored, in rows and in their versions."""
    view = View(connection, LOCAL).unrestricted
    reader = InvoiceReader(connection)
    series = defaultdict(list)
    for one in view.area("invoices").selected(lambda rows: [rows.c.state.in_(sorted(NUMBERED))]):
        series[one.legal_entity_id, one.series].append(one)
    for (entity, name), found in series.items():
        chain: str | None = None
        for one in sorted(found, key=lambda invoice: invoice.sequence):
            content = content_sha256(one, reader.parts(one.id))
            chain = chained(chain, content)
            for table in (INVOICES, TWINS["invoices"]):
                of_it = update(table).where(table.c.id == one.id, table.c.content_sha256.is_not(None))
                connection.execute(of_it.values(content_sha256=content, chain_sha256=chain))
        where = (NUMBER_SERIES.c.legal_entity_id == entity, NUMBER_SERIES.c.series == name)
        connection.execute(update(NUMBER_SERIES).where(*where).values(chain_sha256=chain))
    before: str | None = None
    for month in (MAR, APR):
        content = content_hash(month, *kept_rows(connection, month))
        before = chain_hash(before, content)
        for table in (CLOSED_MONTHS, TWINS["closed_months"]):
            connection.execute(update(table).where(table.c.month == month).values(content_sha256=content, chain_sha256=before))


def seen(connection: Connection) -> Difference | None:
    return verified(View(connection, LOCAL).unrestricted).difference


INVOICE_OF = "invoice_id = (SELECT id FROM invoices WHERE contract_id = 'c-{}' AND kind = 'invoice' ORDER BY sequence DESC LIMIT 1)"


def of(project: str) -> str:
    return INVOICE_OF.format(project)


PLANTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    # What was worked, spent and agreed: the bill that was made of it no longer follows.
    "minutes": (("UPDATE time_entries{} SET minutes = minutes + 30 WHERE id = 'alpha-1'",), "invoice_lines", "quantity"),
    "work_date": (("UPDATE time_entries{} SET work_date = '2027-03-01' WHERE id = 'alpha-3'",), "invoice_lines", "service_from"),
    "unapproved": (("UPDATE time_entries{} SET state = 'submitted' WHERE id = 'alpha-3'",), "invoice_lines", "kind"),
    "project": (("UPDATE time_entries{} SET project_id = 'beta' WHERE id = 'alpha-3'",), "invoice_lines", "kind"),
    "expense": (
        ("UPDATE expenses{} SET home_minor = home_minor + 100, amount_minor = amount_minor + 100 WHERE id = 'x0'",),
        "invoice_lines",
        "unit_price",
    ),
    "markup": (("UPDATE expenses{} SET markup = 2000 WHERE id = 'x0'",), "invoice_lines", "unit_price"),
    "rate": (("UPDATE bill_rates{} SET rate = rate + 10000 WHERE id = 'rate-100'",), "invoice_lines", "unit_price"),
    "tax": (("UPDATE tax_rates{} SET percent = 160000 WHERE parent_id = 'vat'",), "invoice_lines", "tax_percent"),
    "rounding": (("UPDATE contracts{} SET rounding_step_min = 30 WHERE id = 'c-alpha'",), "invoice_lines", "quantity"),
    "discount": (("UPDATE contracts{} SET discount = 800 WHERE id = 'c-alpha'",), "invoice_allowances", "percent"),
    "retention": (("UPDATE contracts{} SET retention = 600 WHERE id = 'c-alpha'",), "invoices", "retained_minor"),
    "cap": (("UPDATE contracts{} SET cap_minor = 9000 WHERE id = 'c-capped'",), "invoice_lines", "unit_price"),
    "fee": (("UPDATE contracts{} SET retainer_fee_minor = 11000 WHERE id = 'c-retained'",), "invoice_lines", "unit_price"),
    "included": (("UPDATE contracts{} SET retainer_included_min = 20 WHERE id = 'c-retained'",), "invoice_lines", "quantity"),
    "milestone": (("UPDATE charges{} SET amount_minor = amount_minor + 1 WHERE id = 'design'",), "invoice_lines", "unit_price"),
    "reached": (("UPDATE charges{} SET approved_on = '2027-03-21' WHERE id = 'design'",), "invoice_lines", "service_from"),
    "block": (("UPDATE charges{} SET minutes = 60 WHERE id = 'block'",), "invoice_lines", "kind"),
    "drawn": (("UPDATE charges{} SET amount_minor = 4000 WHERE id = 'deposit'",), "invoice_lines", "unit_price"),
    "exchange": (("UPDATE exchange_rates{} SET rate = rate + 10000 WHERE id = 'usd-3'",), "invoices", "home_rate"),
    # What was billed: sums and taxes fit, the lines no longer follow from the work.
    "line": (
        (
            f"UPDATE invoice_lines{{}} SET quantity = quantity + 60, net_minor = net_minor + 12000 WHERE position = 1 AND {of('dollars')}",
            "UPDATE invoice_items{} SET billed_minutes = billed_minutes + 60, net_minor = net_minor + 12000 WHERE source_id = 'dollars-1'",
            f"UPDATE invoice_taxes SET net_minor = net_minor + 12000, tax_minor = tax_minor + 2280 WHERE {of('dollars')}",
            (
                "UPDATE invoices{} SET net_minor = net_minor + 12000, tax_minor = tax_minor + 2280, gross_minor = gross_minor + 14280,"
                " home_net_minor = home_net_minor + 10800, home_tax_minor = home_tax_minor + 2052, home_gross_minor = home_gross_minor + 12852"
                " WHERE contract_id = 'c-dollars'"
            ),
        ),
        "invoice_lines",
        "quantity",
    ),
    "item": (("UPDATE invoice_items{} SET net_minor = net_minor + 1 WHERE source_id = 'alpha-1'",), "invoice_items", "net_minor"),
    "billed_minutes": (("UPDATE invoice_items{} SET billed_minutes = 1 WHERE source_id = 'alpha-1'",), "invoice_items", "billed_minutes"),
    "person": ((f"UPDATE invoice_lines{{}} SET person_id = 'bob' WHERE position = 1 AND {of('dollars')}",), "invoice_lines", "person_id"),
    "allowance": (
        (f"UPDATE invoice_allowances{{}} SET base_minor = base_minor + 1 WHERE {of('alpha')}",),
        "invoice_allowances",
        "base_minor",
    ),
    "retained": (
        ("UPDATE invoices{} SET retained_minor = retained_minor + 1 WHERE contract_id = 'c-alpha' AND kind = 'invoice'",),
        "invoices",
        "retained_minor",
    ),
    "credit_tax": (
        (
            "UPDATE invoice_taxes SET tax_minor = 1 WHERE tax_minor = 0",
            (
                "UPDATE invoices{} SET tax_minor = 1, gross_minor = gross_minor + 1, home_tax_minor = 1, home_gross_minor = home_gross_minor + 1"
                " WHERE kind = 'credit_note' AND tax_minor = 0 AND home_tax_minor IS NOT NULL"
            ),
        ),
        "invoice_taxes",
        "tax_minor",
    ),
    "payment": (("UPDATE payments{} SET home_minor = home_minor + 1",), "payments", "home_minor"),
    # What is in no bill: the closed month no longer follows.
    "open_work": (("UPDATE time_entries{} SET minutes = minutes + 60 WHERE id = 'late'",), "contract_balances", "earned_minor"),
    "cost_of_work": (("UPDATE person_terms{} SET cost_rate = cost_rate + 100000",), "contract_balances", "earned_minor"),
    "cost_of_expense": (("UPDATE expenses{} SET tax_rate = 0 WHERE id = 'x2'",), "contract_balances", "earned_minor"),
    "booked": (("UPDATE bookings{} SET weekly_minutes = weekly_minutes + 60",), "contract_balances", "earned_minor"),
    "price": (("UPDATE projects{} SET contract_value_minor = 900000 WHERE id = 'whole'",), "contract_balances", "earned_minor"),
    "adjustment": (("UPDATE revenue_adjustments{} SET amount_minor = 6",), "contract_balances", "adjusted_minor"),
    "paid": (("UPDATE payments{} SET amount_minor = 1100, home_minor = 880",), "ledger_postings", "amount_minor"),
    "account": (("UPDATE ledger_postings SET account = 'pocket' WHERE position = 1",), "ledger_postings", "account"),
    "day": (("UPDATE ledger_postings SET day = '2027-03-02' WHERE position = 1",), "ledger_postings", "day"),
    "balance": (
        ("UPDATE contract_balances SET provision_minor = 7 WHERE contract_id = 'c-whole' AND month = '2027-04-01'",),
        "contract_balances",
        "provision_minor",
    ),
    "earned": (
        (
            (
                "UPDATE contract_balances SET earned_minor = earned_minor + 1, closing_minor = closing_minor + 1 WHERE month = '2027-04-01'"
                " AND contract_id = 'c-whole'"
            ),
        ),
        "contract_balances",
        "earned_minor",
    ),
    "row": (("DELETE FROM ledger_postings WHERE entry_id LIKE 'payment:%'",), "ledger_postings", "position"),
}


@pytest.mark.slow
def test_m31_a_row_that_was_rewritten_with_all_hashes_is_found(books: Store) -> None:
    """Whatever it is: the first column that does not follow from the rest is named."""
    found = {}
    for name, (statements, _, _) in PLANTS.items():
        with planted(books, *statements) as connection:
            difference = seen(connection)
        found[name] = None if difference is None else (difference.table, difference.column)
        assert difference is None or difference.stored != difference.derived
    assert found == {name: (table, column) for name, (_, table, column) in PLANTS.items()}


def test_m31_what_comes_about_later_breaks_nothing(books: Store) -> None:
    """Late work, rates, estimates, names, erased people, longer contracts, credits, voids and payments count when they come about."""
    later = MAY + timedelta(hours=1)
    log(books, make_entry("later", minutes=90), make_entry("later-whole", project="whole", minutes=90))
    with books.begin(LOCAL, now=later) as tx:
        early = ExchangeRate(id=ExchangeRateId("usd-x"), currency="USD", day=date(2027, 3, 30), rate=Decimal("0.7"), source="ECB")
        tx.area("exchange_rates").add(early)
        tx.bill_rates.add(make.make_bill_rate(150, rate_id="for-ann", person_id="ann"))
        code = tx.area("tax_codes").get("vat")
        tx.area("tax_codes").save(
            replace(code, rates=(*code.rates, replace(code.rates[0], valid_from=date(2027, 1, 1), percent=Decimal(16))))
        )
        booking = tx.bookings.get("booking-ann-whole")
        tx.bookings.save(replace(booking, weekly_minutes=960))
        tx.clients.save(replace(tx.clients.get("acme"), name="Acme Holdings"))
        entity = tx.area("legal_entities").get("firm")
        tx.area("legal_entities").save(replace(entity, accounts={"receivable": "1400"}))
        contract = tx.area("contracts").get("c-alpha")
        tx.area("contracts").save(replace(contract, ends_on=date(2027, 12, 31), discount=Decimal("0.2")))
        tx.projects.save(replace(tx.projects.get("whole"), contract_value_minor=2_000_000))
        tx.area("charges").save(replace(tx.area("charges").get("build"), amount_minor=700_000))
    with books.read(LOCAL) as view:
        issued = {one.contract_id: one for one in view.area("invoices").all() if one.kind == "invoice"}
    whole = issued["c-blocks"]
    void(books, whole, now=later)
    back = issue(books, credit(books, issued["c-capped"], now=later), issued_on=later.date(), now=later)
    with books.begin(LOCAL, now=later) as tx:
        entry = tx.area("time_entries").get("capped-1")
        tx.area("time_entries").save(replace(entry, state=LineState.SUBMITTED, minutes=10))
    void_note = issue(books, credit(books, issued["c-retained"], now=later), issued_on=later.date(), now=later)
    void(books, void_note, now=later)
    pay(books, issued["c-dollars"], 500, paid_on=date(2027, 4, 1), now=later)
    erase_person(books, actor=LOCAL, person_id="bob", now=later)
    checked = verify_ledger(books, actor=LOCAL)
    assert (checked.difference, checked.months) == (None, 2)
    assert back.number is not None
    close_month(books, actor=LOCAL, month=date(2027, 5, 1), now=later + timedelta(days=30))
    checked = verify_ledger(books, actor=LOCAL)
    assert (checked.difference, checked.months) == (None, 3)


def test_of_a_month_closed_by_an_older_version_the_hash_alone_is_held(books: Store) -> None:
    """Nobody knows as of which instant it was closed, so it is not reckoned anew."""
    whole = "UPDATE closed_months{} SET known_at = NULL"
    with planted(books, whole, "UPDATE time_entries{} SET minutes = minutes + 60 WHERE id = 'late'") as connection:
        assert seen(connection) is None


def test_of_two_lines_that_read_alike_the_first_is_left_out(store: Store) -> None:
    """What stands on the line that stayed is what is found again."""
    fill(store, alpha=make_contract(starts_on=MAR, detail=LineDetail.ENTRY), starts_on=MAR)
    log(store, make_entry("morning", minutes=90), make_entry("evening", minutes=90))
    drafted = draft(store)
    assert len(parts_of(store, drafted.id).lines) == 2
    left = change_draft(store, actor=FINANCE, invoice_id=drafted.id, expected_version=drafted.version, given={}, leave_out=[1], now=NOW)
    assert verify_ledger(store, actor=LOCAL).difference is None
    issue(store, left, issued_on=UNTIL)
    assert verify_ledger(store, actor=LOCAL).difference is None
