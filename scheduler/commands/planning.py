"""Asking for a plan in this process and waiting for it: what ``muster plan`` and ``muster demo`` share."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.commands.progress import ProgressLine
from scheduler.commands.refusal import Refused
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.plans import OPEN_STATES
from scheduler.queries.plans import get_plan
from scheduler.usecases.plans import cancel_plan, request_plan
from solver_models.result import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from scheduler.application import Application
    from scheduler.domain.staffing.plans import Plan
    from scheduler.planning.request import PlanRequest

_LOOK_S = 0.2
FAILED = 1


def plan_now(application: Application, request: PlanRequest) -> Plan:
    """
    Ask for a plan and wait for its end, showing how far it is. Ctrl-C ends it with the best plan so far.

    Raises
    ------
    Refused
        If it came to nothing.
    """
    plan = request_plan(application.store, actor=LOCAL, request=request, now=datetime.now(UTC))
    with application.store.read(LOCAL) as view:
        currency = view.firm.get().currency
    with _cancel_on_signal() as cancel, ProgressLine(currency=currency) as line:
        asked = False
        while plan.state in OPEN_STATES:
            time.sleep(_LOOK_S)
            if cancel.is_set() and not asked:
                asked = True
                cancel_plan(application.store, actor=LOCAL, plan_id=plan.id, now=datetime.now(UTC))
            plan = get_plan(application.store, actor=LOCAL, plan_id=plan.id)
            if plan.progress is not None:
                p = plan.progress
                line.show(Progress(seconds=p.seconds, objective_x60=p.objective_x60, bound_x60=p.bound_x60))
    if plan.result is None:
        detail = plan.failure_detail or "it was stopped before any plan was found."
        raise Refused(f"the plan {plan.state}: {plan.failure_code + ': ' if plan.failure_code else ''}{detail}", exit_code=FAILED)
    return plan


@contextmanager
def _cancel_on_signal() -> Iterator[threading.Event]:
    cancel = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
