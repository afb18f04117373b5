"""Tasks that several people move at the same time, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.delivery.tasks import Task, TaskKind
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.usecases.records import change_record, create_record
from tests.factories import make_project, make_task

if TYPE_CHECKING:
    from scheduler.store import Store

PAIRS = 5


def test_two_moves_at_once_make_no_cycle(store: Store) -> None:
    """Of two phases that are put into each other's parts at the same time one moves, and the other is refused."""
    create_record(store, actor=LOCAL, value=make_project(), now=datetime.now(UTC))
    for number in range(PAIRS):
        one, other = (make_task(f"{name}-{number}", kind=TaskKind.PHASE) for name in ("one", "other"))
        in_one, in_other = (make_task(f"in-{whole.name}", kind=TaskKind.PHASE, parent=whole.name) for whole in (one, other))
        for task in (one, other, in_one, in_other):
            create_record(store, actor=LOCAL, value=task, now=datetime.now(UTC))
        start = threading.Barrier(2)

        def move(task: Task, into: Task, start: threading.Barrier = start) -> bool:
            start.wait()
            try:
                change_record(store, actor=LOCAL, value=replace(task, version=1, parent_task_id=into.id), now=datetime.now(UTC))
            except DomainError as error:
                assert {fault.code for fault in error.faults} == {"task.cycle"}
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(move, (one, other), (in_other, in_one))) == [False, True]
