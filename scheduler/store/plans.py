"""Plans and the problems they were computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import COST_READ, PLANS_APPLY, PRICE_READ
from scheduler.domain.staffing.plan_privacy import without_cost
from scheduler.domain.staffing.plans import Plan, PlanProblem, PlanProgress, PlanState
from scheduler.store import cursor, selection
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.reader import not_found
from scheduler.store.repository import stale
from scheduler.store.sight import Sight, Verb
from scheduler.store.tables.plans import PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import PageRequest


def _to_row(plan: Plan) -> dict[str, Any]:
    progress = plan.progress
    return plain(plan, PLANS, **(_progress_row(progress) if progress else {}))


def _progress_row(progress: PlanProgress) -> dict[str, Any]:
    return {
        "progress_seconds": progress.seconds,
        "progress_objective_x60": None if progress.objective_x60 is None else str(progress.objective_x60),
        "progress_bound_x60": None if progress.bound_x60 is None else str(progress.bound_x60),
        "progress_gap": progress.gap,
    }


def _integer(text: str | None) -> int | None:
    return None if text is None else int(text)


def _plan(row: Row) -> Plan:
    progress = None
    if row["progress_seconds"] is not None:
        progress = PlanProgress(
            seconds=row["progress_seconds"],
            objective_x60=_integer(row["progress_objective_x60"]),
            bound_x60=_integer(row["progress_bound_x60"]),
            gap=row["progress_gap"],
        )
    return built(Plan, row, progress=progress)


PLAN_AREA: Area[Plan] = Area(
    name="plans",
    one="plan",
    table=PLANS,
    to_row=_to_row,
    from_row=lambda row, _children: _plan(row),
    sorts={"created_at": "created_at", "id": "id"},
    filters={"state": Filter(kind=FilterKind.EQUALS, column="state", choices=PlanState)},
)


class PlanReader:
    """Plans. They keep no versions: a plan says itself what happened to it, and when."""

    _locking = False

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor
        self._sight = Sight(actor, PLAN_AREA)

    def get(self, plan_id: str) -> Plan:
        """The plan; in a write transaction its row stays locked. Raises DomainError ``record.not_found``."""
        if not can_be_text(plan_id):
            raise not_found(PLAN_AREA, plan_id)
        query = select(PLANS).where(PLANS.c.id == plan_id, *self._sight.rows(Verb.READ, PLANS))
        row = self._connection.execute(query.with_for_update() if self._locking else query).mappings().one_or_none()
        if row is None:
            raise not_found(PLAN_AREA, plan_id)
        return self._shown(row)

    def in_states(self, states: Collection[PlanState]) -> tuple[Plan, ...]:
        """Plans in one of the states, oldest first."""
        query = (
            select(PLANS)
            .where(PLANS.c.state.in_(list(states)), *self._sight.rows(Verb.READ, PLANS))
            .order_by(PLANS.c.created_at, PLANS.c.id)
        )
        return tuple(self._shown(row) for row in self._connection.execute(query).mappings())

    def page(self, request: PageRequest) -> Page[Plan]:
        """One page of the list, without results. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        self._sight.require(Verb.READ)
        names = [column for column in PLANS.columns if column.name != "result"]
        rows = select(*names).subquery("plans")
        key, descending = selection.sort_column(PLAN_AREA, self._sight.sorts(), request, rows)
        size = selection.limit(request)
        wanted = selection.conditions(PLAN_AREA, self._sight.filters(), request, rows, None)
        query = select(rows).where(*self._sight.rows(Verb.READ, rows), *wanted)
        beyond = cursor.after(request, PLAN_AREA.name, None, key=key, row_id=rows.c.id, descending=descending)
        if beyond is not None:
            query = query.where(beyond)
        order = (key.desc(), rows.c.id.desc()) if descending else (key.asc(), rows.c.id.asc())
        found = self._connection.execute(query.order_by(*order).limit(size + 1)).mappings().all()
        following = None
        if len(found) > size:
            found = found[:size]
            following = cursor.encode(request, PLAN_AREA.name, None, found[-1][key.name], found[-1]["id"])
        return Page(items=tuple(self._shown(row) for row in found), next_cursor=following)

    def problem(self, plan_id: str) -> PlanProblem | None:
        """What the plan was computed from, once it has been read. Raises DomainError ``access.denied`` without the right to see costs."""
        require(self._actor, COST_READ)
        row = self._connection.execute(select(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == plan_id)).mappings().one_or_none()
        return None if row is None else built(PlanProblem, row)

    def _shown(self, row: Row) -> Plan:
        plan = _plan({"result": None, **row})
        if self._actor.may(COST_READ):
            return plan
        return without_cost(plan, with_prices=self._actor.may(PRICE_READ))


class PlanRepository(PlanReader):
    """Plans in a write transaction."""

    _locking = True

    def add(self, plan: Plan) -> Plan:
        """Keep a new plan. Raises DomainError ``access.denied``."""
        if self._sight.rows(Verb.CREATE, PLANS):
            raise self._sight.beyond(Verb.CREATE)
        first = replace(plan, version=1)
        self._connection.execute(insert(PLANS), _to_row(first))
        return first

    def save(self, plan: Plan) -> Plan:
        """
        Keep a changed plan. Raises DomainError ``version.stale``, ``access.denied``.

        What the actor may not see of it stays as it is stored.
        """
        if not self._actor.may(PLANS_APPLY):
            self._sight.require(Verb.CHANGE)
        following = replace(plan, version=plan.version + 1)
        values = {name: value for name, value in _to_row(following).items() if name not in self._sight.hidden}
        statement = update(PLANS).where(PLANS.c.id == plan.id, PLANS.c.version == plan.version).values(values)
        if self._connection.execute(statement).rowcount != 1:
            raise stale(PLAN_AREA, plan.id, given=plan.version, current=self.get(plan.id).version)
        return following

    def note_progress(self, plan_id: str, progress: PlanProgress) -> bool:
        """Keep the last progress of a running plan (no new version); whether it shall be cancelled."""
        running = PLANS.c.state == PlanState.RUNNING
        self._connection.execute(update(PLANS).where(PLANS.c.id == plan_id, running).values(_progress_row(progress)))
        asked = self._connection.execute(select(PLANS.c.cancel_requested).where(PLANS.c.id == plan_id)).scalar_one_or_none()
        if asked is None:
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such plan.", facts={"area": "plans", "id": plan_id})
        return bool(asked)

    def keep_problem(self, problem: PlanProblem) -> None:
        """Keep what the plan is computed from; a second reading, after a crash, replaces the first."""
        row = plain(problem, PLAN_PROBLEMS)
        done = self._connection.execute(update(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == problem.plan_id).values(row))
        if done.rowcount == 0:
            self._connection.execute(insert(PLAN_PROBLEMS), row)
