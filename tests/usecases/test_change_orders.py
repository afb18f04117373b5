"""Change orders through their use cases, on both databases: whatever is tried, in whatever order."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ChangeOrderId, ProjectId
from scheduler.domain.staffing.change_orders import ChangeOrder, OrderState
from scheduler.usecases.change_orders import approve_change_order, reject_change_order
from scheduler.usecases.records import change_record, create_record, delete_record
from tests.factories import make_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store

ORIGINAL = 1_000
STEPS = 30
BEGIN = datetime(2027, 3, 1, 9, tzinfo=UTC)


@dataclass
class Walk:
    """What was done to a project's orders, and what ought to have come of it."""

    store: Store
    random: random.Random
    approved: list[int] = field(default_factory=list)
    states: dict[str, OrderState] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    at: datetime = BEGIN

    def step(self) -> None:
        self.at += timedelta(minutes=1)
        tries: list[Callable[[], None]] = [
            self.draft,
            self.draft,
            self.edit,
            self.approve,
            self.approve,
            self.reject,
            self.delete,
            self.by_hand,
        ]
        self.random.choice(tries)()

    def draft(self) -> None:
        order = ChangeOrder(
            id=ChangeOrderId(f"order-{len(self.numbers):03}"),
            project_id=ProjectId("alpha"),
            name="X",
            value_delta_minor=self.random.randint(-700, 700),
        )
        made = create_record(self.store, actor=LOCAL, value=order, now=self.at)
        self.numbers.append(made.number)
        self.states[made.id] = OrderState.DRAFT

    def edit(self) -> None:
        if order := self.any():
            changed = replace(order, value_delta_minor=self.random.randint(-700, 700))
            self.refused_unless_draft(order, lambda: change_record(self.store, actor=LOCAL, value=changed, now=self.at))

    def approve(self) -> None:
        order = self.any()
        if order is None:
            return
        value = ORIGINAL + sum(self.approved) + order.value_delta_minor

        def approve() -> None:
            approve_change_order(self.store, actor=LOCAL, order_id=order.id, expected_version=order.version, now=self.at)

        if self.states[order.id] is OrderState.DRAFT and value < 0:
            with pytest.raises(DomainError) as refused:
                approve()
            assert refused.value.code == "change_order.below_zero"
        elif self.refused_unless_draft(order, approve):
            self.approved.append(order.value_delta_minor)
            self.states[order.id] = OrderState.APPROVED

    def reject(self) -> None:
        order = self.any()
        if order is not None and self.refused_unless_draft(
            order,
            lambda: reject_change_order(
                self.store, actor=LOCAL, order_id=order.id, expected_version=order.version, reason="No", now=self.at
            ),
        ):
            self.states[order.id] = OrderState.REJECTED

    def delete(self) -> None:
        order = self.any()
        if order is not None and self.refused_unless_draft(
            order,
            lambda: delete_record(self.store, actor=LOCAL, area="change_orders", record_id=order.id, version=order.version, now=self.at),
        ):
            del self.states[order.id]

    def by_hand(self) -> None:
        """The value can only be written as it is, once an order was approved."""
        if self.approved:
            with self.store.read(LOCAL) as view:
                project = view.projects.get("alpha")
            with pytest.raises(DomainError) as refused:
                change_record(self.store, actor=LOCAL, value=replace(project, contract_value_minor=ORIGINAL * 5), now=self.at)
            assert refused.value.code == "project.value_by_orders"

    def any(self) -> ChangeOrder | None:
        with self.store.read(LOCAL) as view:
            orders = view.area("change_orders").all()
        found: ChangeOrder | None = self.random.choice(orders) if orders else None
        return found

    def refused_unless_draft(self, order: ChangeOrder, act: Callable[[], object]) -> bool:
        """Whether it was done; what is no draft is left alone."""
        if self.states[order.id] is OrderState.DRAFT:
            act()
            return True
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "change_order.decided"
        return False


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_a_contract_is_worth_what_its_orders_say_whatever_is_tried(store: Store, seed: int) -> None:
    """After every step: value = original + approved; the history joins up; states are those of the table; no number comes twice."""
    create_record(store, actor=LOCAL, value=make_project(contract_value_minor=ORIGINAL), now=BEGIN)
    walk = Walk(store=store, random=random.Random(seed))
    for _ in range(STEPS):
        walk.step()
        with store.read(LOCAL) as view:
            value = view.projects.get("alpha").contract_value_minor
            orders = view.area("change_orders").all()
        assert value == ORIGINAL + sum(walk.approved)
        assert {order.id: order.state for order in orders} == walk.states
        assert len(set(walk.numbers)) == len(walk.numbers)
        history = sorted((one for one in orders if one.state is OrderState.APPROVED), key=lambda one: (one.decided_at, one.number))
        ends = [ORIGINAL, *(one.after.value_minor for one in history)]
        assert [one.before.value_minor for one in history] == ends[:-1]
        assert ends[-1] == value
    assert set(walk.states.values()) == set(OrderState)
