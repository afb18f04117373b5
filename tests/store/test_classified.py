"""Every column says what it holds, before anybody can forget to hide, seal or erase it."""

from __future__ import annotations

import re

import pytest

from scheduler.domain.ground.permissions import GRANTS
from scheduler.store.areas import AREAS
from scheduler.store.classified import TABLES, classified
from scheduler.store.column_classes import NEEDED, Erased, Holds
from scheduler.store.tables import METADATA, TWINS

HOW = "; say in scheduler/store/classified.py what it holds, and what an erasure makes of it"


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_p07_every_column_is_classified(table: str) -> None:
    """A column of money or personal data that nobody classified fails the build."""
    try:
        known = set(classified(table).columns)
    except KeyError:
        pytest.fail(f"the table {table} is not classified{HOW}")
    columns = set(METADATA.tables[table].columns.keys())
    assert sorted(columns - known) == [], f"columns of {table} that nobody classified{HOW}"
    assert sorted(known - columns) == [], f"{table} has no such columns (any more)"


def test_no_table_is_classified_that_is_gone() -> None:
    """The list does not grow stale."""
    assert sorted(set(TABLES) - set(METADATA.tables)) == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_personal_column_says_what_an_erasure_makes_of_it(table: str) -> None:
    """What is kept says why; what is replaced or removed belongs to rows that name their person."""
    found = TABLES[table]
    for name, rule in found.columns.items():
        assert rule.erased is not None or rule.holds not in {Holds.IDENTITY, Holds.PRIVATE, Holds.COST}, name
        assert rule.erased is None or rule.holds not in {Holds.PLAIN, Holds.PRICE, Holds.SECRET}, name
        assert (rule.why is not None) == (rule.erased is Erased.KEPT), name
    if found.person is not None:
        assert found.person in found.columns


MONEY = re.compile(r"cost|rate$|minor|amount|price|salary|margin|budget_m|bonus|objective|bound")
PERSONAL = re.compile(r"email|phone|birth|address|gender|iban|login$|^person_id$|^user_id$|^actor_id$")
NO_MONEY = {
    ("projects", "budget_minutes"),
    # What currencies are worth is known to everybody.
    ("exchange_rates", "rate"),
    ("invoice_lines", "tells_cost"),
    # What somebody spent is their own, and seen with the line; so are the limits that they have to keep.
    *(("expenses", name) for name in ("amount_minor", "home_minor", "rate", "tax_rate")),
    *(("expense_categories", name) for name in ("limit_item_minor", "limit_day_minor", "receipt_above_minor", "tax_rate")),
}
NOBODYS = {("legal_entities", "email"), ("legal_entities", "iban"), ("client_accounts", "email")}
"""A company's, as it stands on its letters."""


@pytest.mark.parametrize("table", sorted(TABLES))
def test_p07_money_and_persons_are_not_classed_as_plain(table: str) -> None:
    """A column whose name speaks of money or of a person needs a right of its own, or is marked as personal."""
    for name, rule in TABLES[table].columns.items():
        if MONEY.search(name) and (table, name) not in NO_MONEY:
            assert rule.holds in {Holds.COST, Holds.PRICE}, name
        if PERSONAL.search(name) and (table, name) not in NOBODYS:
            assert rule.erased is not None, name


def test_no_area_returns_a_secret() -> None:
    """What somebody proves with who they are lies in no area; each class but that of secrets says which right it needs."""
    for area in AREAS.values():
        for table in (area.table, *(child.table for child in area.children)):
            assert Holds.SECRET not in {rule.holds for rule in TABLES[table.name].columns.values()}
    assert set(NEEDED) == set(Holds)
    assert {right for right in NEEDED.values() if right is not None} <= set(GRANTS)


NOT_AUDITED = {
    "idempotency_records": "answers that are given again; what they answered to is audited",
    "recording_clock": "moves with every change",
    "audit_records": "the audit itself",
    "audit_changes": "the audit itself",
    "audit_head": "the audit itself",
    **dict.fromkeys(
        ("user_passwords", "user_identities", "sessions", "api_tokens", "one_time_links", "known_devices"),
        "what was made, used and ended is told as an event, so that no digest is ever in a record",
    ),
    "person_days": "counters that follow from bookings, terms, calendars and absences",
    "booking_loads": "what a booking takes follows from it and from what was known when it was written",
    "jobs": "how far work is; what it does to records is audited as the work of who asked for it",
    "workers": "who works just now",
    "webhook_deliveries": "messages about changes that are audited themselves",
    "mails": "messages about changes that are audited themselves",
    "mail_wishes": "what somebody wants to hear of; it changes nothing else",
    "receipt_contents": "bytes of receipts; the rows of the receipts have their hashes and are audited",
    "solves": "no record of the firm's: what somebody sent in, and its answer",
    "sweeps": "no record of the firm's: a question, and what was computed of it",
    "invoice_runs": "what somebody asked for; the invoices that came of it are audited",
    "invoice_run_outcomes": "which invoice came of a run; those are audited",
    "number_series": "the last number that was given; it stands on the invoice, which is audited",
    "legal_entity_logos": "a picture",
    **dict.fromkeys(
        ("invoice_lines", "invoice_allowances", "invoice_taxes", "invoice_items", "invoice_files"),
        "parts of an invoice: until it is issued they follow from records, then its head has their hash and is audited",
    ),
    **dict.fromkeys(
        ("contract_balances", "ledger_postings"),
        "rows of a closed month: they are added with it, and its head has their hash and is audited",
    ),
    "time_reminders": "who was told that time is missing, which follows from records",
    "login_tries": "counters; each failed login is told as an event",
    "person_keys": "made when something is sealed, destroyed by an erasure, which is audited",
}
NOTED = {"plans", "plan_problems", "capacity_overrides", "webhooks", "running_timers", "line_approvals", "carried_effort"}
"""Tables outside the areas whose repository calls ``noted_rows.note`` before it writes."""


def test_every_table_is_audited_or_says_why_not() -> None:
    """A table is an area's, or its repository notes each row before it writes it; forgetting both fails the build."""
    of_areas = {table.name for area in AREAS.values() for table in (area.table, *(child.table for child in area.children))}
    versions = {twin.name for twin in TWINS.values()}
    assert set(METADATA.tables) - of_areas - versions == NOT_AUDITED.keys() | NOTED
    assert all(len(METADATA.tables[name].primary_key.columns) == 1 for name in NOTED)
