"""Tables of expenses: categories, lines, and receipts with their contents."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table

from scheduler.domain.delivery.expense_categories import BeyondLimit
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.receipts import MediaType
from scheduler.store.columns import Choice, FineScaled, Id, Key, Name, Scaled
from scheduler.store.tables.base import METADATA, at_least, child, head, reference
from scheduler.store.tables.delivery import TASKS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import PROJECTS

EXPENSE_CATEGORIES = head(
    "expense_categories",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("is_allowed", Boolean(create_constraint=False), nullable=False),
    Column("limit_item_minor", BigInteger),
    Column("limit_day_minor", BigInteger),
    Column("beyond_limit", Choice(BeyondLimit), nullable=False),
    Column("receipt_above_minor", BigInteger),
    Column("tax_rate", Scaled, nullable=False),
    Column("tax_category", Name),
    Column("markup", Scaled),
    Column("is_reimbursable", Boolean(create_constraint=False), nullable=False),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    Index("uq_expense_categories_name_key", "name_key", unique=True),
)

EXPENSES = head(
    "expenses",
    Column("person_id", Id, ForeignKey(PEOPLE.c.id), nullable=False),
    Column("project_id", Id, ForeignKey(PROJECTS.c.id), nullable=False),
    reference("task_id", TASKS, nullable=True),
    reference("category_id", EXPENSE_CATEGORIES),
    Column("work_date", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rate", FineScaled, nullable=False),
    Column("rate_date", Date),
    Column("rate_source", Name),
    Column("home_minor", BigInteger, nullable=False),
    Column("home_currency", String(3), nullable=False),
    Column("tax_rate", Scaled, nullable=False),
    Column("markup", Scaled),
    Column("is_reimbursable", Boolean(create_constraint=False), nullable=False),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    Column("note", Name),
    Column("state", Choice(LineState), nullable=False),
    at_least("amount_minor", 1),
    # A person's days, a project's period, all that waits for approval, and the list of all by day.
    Index("ix_expenses_person_day", "person_id", "work_date", "id"),
    Index("ix_expenses_project_day", "project_id", "state", "work_date"),
    Index("ix_expenses_state_day", "state", "work_date", "id"),
    Index("ix_expenses_day", "work_date", "id"),
)

EXPENSE_RECEIPTS = child(
    "expense_receipts",
    EXPENSES,
    Column("position", SmallInteger, primary_key=True),
    Column("receipt_id", Id, nullable=False),
    # Whose it is, so that an erasure finds it.
    Column("person_id", Id, nullable=False),
    Column("name", Name),
    Column("media_type", Choice(MediaType), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
)

RECEIPT_CONTENTS = Table(
    "receipt_contents",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Each content once, in the database: a backup has it, and it goes in the transaction in which the last receipt of it goes."""
