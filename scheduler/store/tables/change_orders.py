"""Tables of change orders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger

from scheduler.domain.staffing.change_orders import OrderState
from scheduler.store.columns import Choice, Id, Name, UtcDateTime
from scheduler.store.tables.base import at_least, child, head, reference
from scheduler.store.tables.people import SKILLS
from scheduler.store.tables.work import DEMANDS, PROJECTS

CHANGE_ORDERS = head(
    "change_orders",
    reference("project_id", PROJECTS),
    Column("name", Name, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Choice(OrderState), nullable=False),
    Column("value_delta_minor", BigInteger, nullable=False),
    Column("budget_delta_minutes", BigInteger, nullable=False),
    Column("budget_delta_minor", BigInteger, nullable=False),
    Column("reason", Name),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Id),
    Column("value_before_minor", BigInteger),
    Column("value_after_minor", BigInteger),
    Column("minutes_before", BigInteger),
    Column("minutes_after", BigInteger),
    Column("budget_before_minor", BigInteger),
    Column("budget_after_minor", BigInteger),
    Index("uq_change_orders_project_id_number", "project_id", "number", unique=True),
    at_least("number", 1),
)

CHANGE_ORDER_DEMANDS = child(
    "change_order_demands",
    CHANGE_ORDERS,
    Column("position", SmallInteger, primary_key=True),
    reference("demand_id", DEMANDS, nullable=True),
    Column("base_version", Integer),
    Column("name", Name),
    Column("grade", Name),
)

CHANGE_ORDER_EFFORT = child(
    "change_order_effort",
    CHANGE_ORDERS,
    Column("position", SmallInteger, primary_key=True),
    Column("week", Date, primary_key=True),
    Column("minutes", Integer, nullable=False),
)

CHANGE_ORDER_REQUIRES = child(
    "change_order_requires",
    CHANGE_ORDERS,
    Column("position", SmallInteger, primary_key=True),
    reference("skill_id", SKILLS, primary_key=True),
    Column("level", SmallInteger, nullable=False),
)
