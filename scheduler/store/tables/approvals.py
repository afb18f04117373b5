"""Tables of approvals: whom handed-in lines wait for, who stands in for whom, what is locked, and the firm's rules."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table

from scheduler.domain.delivery.approval_policies import SheetPeriod
from scheduler.domain.delivery.approvals import Level
from scheduler.domain.delivery.lines import LineKind
from scheduler.store.columns import Choice, Id, Name, UtcDateTime, key_type
from scheduler.store.tables.base import METADATA, head, reference
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import PROJECTS

LINE_APPROVALS = Table(
    "line_approvals",
    METADATA,
    # The kind, a colon, and the line's id. No foreign key: lines are in a table of each kind.
    Column("id", key_type(110), primary_key=True),
    Column("kind", Choice(LineKind), nullable=False),
    Column("line_id", Id, nullable=False),
    Column("person_id", Id, ForeignKey(PEOPLE.c.id), nullable=False, index=True),
    Column("project_id", Id, ForeignKey(PROJECTS.c.id)),
    Column("day", Date, nullable=False),
    # Empty as soon as nobody has to decide.
    Column("waits_for", Choice(Level)),
    Column("due_at", UtcDateTime, index=True),
    Column("submitted_at", UtcDateTime),
    Column("submitted_by", Id),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Id),
    Column("decided_for", Id),
    Column("reason", Name),
    Index("ix_line_approvals_project", "project_id", "waits_for", "day"),
    Index("ix_line_approvals_waiting", "waits_for", "day"),
)
"""One row for each line that was ever handed in, with copies of what its list is looked up by; a line does not change while it waits."""

DELEGATIONS = head(
    "delegations",
    reference("person_id", PEOPLE),
    reference("deputy_id", PEOPLE),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
)

PERIOD_LOCKS = head(
    "period_locks",
    Column("locked_before", Date, nullable=False),
    reference("project_id", PROJECTS, nullable=True),
    Column("note", Name),
    Column("locked_by", Id, nullable=False),
    Column("locked_at", UtcDateTime, nullable=False, index=True),
    Column("lifted_by", Id),
    Column("lifted_at", UtcDateTime),
    Column("lift_reason", Name),
)

APPROVAL_POLICIES = head(
    "approval_policies",
    Column("sheet_period", Choice(SheetPeriod), nullable=False),
    Column("escalation_days", Integer),
    Column("reject_needs_reason", Boolean(create_constraint=False), nullable=False),
    Column("tell_deciders", Boolean(create_constraint=False), nullable=False),
)
"""At most one row."""
