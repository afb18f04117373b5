"""Small firms in a database, and plans asked of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.plans import OPEN_STATES, Plan
from scheduler.domain.staffing.work import BookingState
from scheduler.jobs.solver_child import SOLVER_COMMAND
from scheduler.planning.request import SolveLimits
from scheduler.queries.plans import get_plan
from scheduler.usecases.plans import request_plan
from tests.factories import make_booking, make_demand, make_person, make_request, make_snapshot, make_term, weeks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.planning.snapshot import Snapshot
    from scheduler.store import Store

AREAS = ("skills", "calendars", "people", "absences", "clients", "projects", "demands", "bookings", "bill_rates")

FULL = dict.fromkeys(range(4), 2_400)
RUN = {"person": "ann", "demand": "alpha-lead", "share": 1, "first": 0, "last": 3, "shift": 0}
WIRE_RUN = ["ann", "alpha-lead", 10_000, 0, 3, 0]
"""The same run as the solver's process says it."""


def application(url: str, *, solver_command: Sequence[str] = SOLVER_COMMAND, grace_s: float = 1.0, **settings: Any) -> Application:
    """An application on a database that it migrates itself, with little patience for its solver."""
    app = Application(Settings(database_url=url, **settings), solver_command=solver_command, solver_grace_s=grace_s)
    app.migrate()
    return app


def load(store: Store, snapshot: Snapshot) -> None:
    """Put a firm's rows into the database, bookings beyond people's time too."""
    with store.begin(LOCAL) as tx:
        tx.allow_excess("agreed with both leads")
        tx.firm.save(snapshot.firm)
        for area in AREAS:
            for value in getattr(snapshot, area):
                tx.area(area).add(value)


def small_firm() -> Snapshot:
    """Ann, and a demand that she can fill."""
    return make_snapshot()


def contradictory_firm() -> Snapshot:
    """Ann is locked full time on two demands at once; Bob has nothing to do."""
    demands = [make_demand(name, effort=FULL, bill_rate=Decimal(rate)) for name, rate in (("lead", 100), ("dev", 90))]
    bookings = [make_booking("ann", demand=f"alpha-{name}", state=BookingState.LOCKED) for name in ("lead", "dev")]
    return make_snapshot(people=(make_person("ann"), make_person("bob")), demands=demands, bookings=tuple(bookings))


def ask(app: Application, *, time_limit_s: float = 20.0) -> Plan:
    """Ask for a plan of eight weeks."""
    request = make_request(limits=SolveLimits(time_limit_s=time_limit_s, workers=1))
    return request_plan(app.store, actor=LOCAL, request=request, now=datetime.now(UTC))


def plan_of(app: Application, plan: Plan) -> Plan:
    """The plan as it stands now."""
    return get_plan(app.store, actor=LOCAL, plan_id=plan.id)


def outcome_of(app: Application, plan: Plan, *, timeout_s: float = 40.0) -> Plan:
    """The plan once it has ended."""
    deadline = time.monotonic() + timeout_s
    while (now := plan_of(app, plan)).state in OPEN_STATES:
        assert time.monotonic() < deadline, f"the plan is still {now.state}"
        time.sleep(0.05)
    return now


def booked_ann_and_idle_bob() -> Snapshot:
    """Ann, a dear contractor, is booked on two demands, one of them running already; Bob, an employee, has nothing to do."""
    contractor = make_term(employment=Employment.CONTRACTOR, cost_rate=Decimal(90))
    weeks_of = {"running": (0, 2), "later": (4, 6)}
    demands = [make_demand(name, effort=dict.fromkeys(range(first, last + 1), 600)) for name, (first, last) in weeks_of.items()]
    bookings = tuple(make_booking(demand=f"alpha-{name}", period=weeks(*span)) for name, span in weeks_of.items())
    return make_snapshot(people=(make_person(terms=(contractor,)), make_person("bob")), demands=demands, bookings=bookings)
