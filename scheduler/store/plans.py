"""Plans and the problems they were computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, insert, select, type_coerce, update

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import COST_READ, PLANS_APPLY, PRICE_READ
from scheduler.domain.staffing.plan_privacy import without_cost
from scheduler.domain.staffing.plans import Plan, PlanProblem, PlanProgress, PlanState
from scheduler.store import sealed_plans
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.noted_rows import note
from scheduler.store.pages import rows_of_page
from scheduler.store.person_keys import PersonKeys
from scheduler.store.reader import not_found
from scheduler.store.repository import stale
from scheduler.store.sight import Sight, Verb
from scheduler.store.tables.plans import PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.repository import Changes


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
    applied = row["applied_changes"]
    return built(Plan, row, progress=progress, applied_changes=None if applied is None else tuple(applied))


PLAN_AREA: Area[Plan] = Area(
    name="plans",
    one="plan",
    table=PLANS,
    to_row=_to_row,
    from_row=lambda row, _children: _plan(row),
    sorts={"created_at": "created_at", "id": "id"},
    filters={
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=PlanState),
        "scenario_id": Filter(kind=FilterKind.EQUALS, column="scenario_id"),
    },
)


class PlanReader:
    """Plans to be read, with people's names. They keep no versions: a plan says itself what happened to it, and when."""

    _columns: Sequence[ColumnElement[Any]] = tuple(type_coerce(c, Text()).label(c.name) if c.name == "result" else c for c in PLANS.columns)
    _locking = False

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor
        self._sight = Sight(actor, PLAN_AREA)
        self._sealing = PersonKeys(connection)

    def get(self, plan_id: str) -> Plan:
        """The plan; in a write transaction its row stays locked. Raises DomainError ``record.not_found``."""
        if not can_be_text(plan_id):
            raise not_found(PLAN_AREA, plan_id)
        query = select(*self._columns).where(PLANS.c.id == plan_id, *self._sight.rows(Verb.READ, PLANS))
        row = self._connection.execute(query.with_for_update() if self._locking else query).mappings().one_or_none()
        if row is None:
            raise not_found(PLAN_AREA, plan_id)
        return self._shown(row)

    def exists(self, plan_id: str) -> bool:
        """Whether there is such a plan that the actor may see."""
        query = select(PLANS.c.id).where(PLANS.c.id == plan_id, *self._sight.rows(Verb.READ, PLANS))
        return can_be_text(plan_id) and self._connection.execute(query).first() is not None

    def in_states(self, states: Collection[PlanState]) -> tuple[Plan, ...]:
        """Plans in one of the states, oldest first."""
        query = (
            select(*self._columns)
            .where(PLANS.c.state.in_(list(states)), *self._sight.rows(Verb.READ, PLANS))
            .order_by(PLANS.c.created_at, PLANS.c.id)
        )
        return tuple(self._shown(row) for row in self._connection.execute(query).mappings())

    def page(self, request: PageRequest) -> Page[Plan]:
        """One page of the list, without results. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        self._sight.require(Verb.READ)
        names = [column for column in PLANS.columns if column.name != "result"]
        rows = select(*names).subquery("plans")
        found, following = rows_of_page(
            self._connection,
            request,
            area=PLAN_AREA,
            rows=rows,
            seen=select(rows).where(*self._sight.rows(Verb.READ, rows)),
            sorts=self._sight.sorts(),
            filters=self._sight.filters(),
        )
        return Page(items=tuple(self._shown(row) for row in found), next_cursor=following)

    def problem(self, plan_id: str) -> PlanProblem | None:
        """What the plan was computed from, once it has been read. Raises DomainError ``access.denied`` without the right to see costs."""
        require(self._actor, COST_READ)
        row = self._connection.execute(select(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == plan_id)).mappings().one_or_none()
        return None if row is None else self._opened(row)

    def _opened(self, row: Row) -> PlanProblem:
        plan_id = row["plan_id"]
        problem = sealed_plans.opened_problem(row["problem"], plan_id, self._sealing)
        words = sealed_plans.opened_words(row["statements"], plan_id, self._connection, self._sealing)
        return built(PlanProblem, row, problem=problem, statements=words)

    def _shown(self, row: Row) -> Plan:
        plan = self._read({"result": None, **row})
        if self._actor.may(COST_READ):
            return plan
        return without_cost(plan, with_prices=self._actor.may(PRICE_READ))

    def _read(self, row: Row) -> Plan:
        """A plan with names, what is sealed in it opened."""
        plan_id, detail = row["id"], row["failure_detail"]
        result = sealed_plans.opened_result(row["result"], plan_id, self._connection, self._sealing)
        named = None if detail is None else sealed_plans.named(detail, plan_id, self._connection)
        return _plan({**row, "result": result, "failure_detail": named})


class PlanRepository(PlanReader):
    """
    Plans in a write transaction, as they are stored: with marks instead of names, and what is personal sealed.

    So a plan that is read and saved again is stored as it was.
    """

    _columns = tuple(PLANS.columns)
    _locking = True

    def __init__(self, connection: Connection, actor: Actor, changes: Changes, keys: PersonKeys) -> None:
        super().__init__(connection, actor)
        self._changes = changes
        self._sealing = keys

    def _read(self, row: Row) -> Plan:
        return _plan(row)

    def _opened(self, row: Row) -> PlanProblem:
        return built(PlanProblem, row)

    def _stored(self, plan: Plan) -> Plan:
        return replace(plan, result=sealed_plans.sealed_result(plan.result, plan.id, self._sealing))

    def add(self, plan: Plan) -> Plan:
        """Keep a new plan. Raises DomainError ``access.denied``."""
        if self._sight.rows(Verb.CREATE, PLANS):
            raise self._sight.beyond(Verb.CREATE)
        first = replace(plan, version=1)
        note(self._connection, self._changes, PLANS, plan.id)
        self._connection.execute(insert(PLANS), _to_row(self._stored(first)))
        return first

    def save(self, plan: Plan) -> Plan:
        """
        Keep a changed plan. Raises DomainError ``version.stale``, ``access.denied``.

        What the actor may not see of it stays as it is stored.
        """
        if not self._actor.may(PLANS_APPLY):
            self._sight.require(Verb.CHANGE)
        following = replace(plan, version=plan.version + 1)
        note(self._connection, self._changes, PLANS, plan.id)
        stored = _to_row(self._stored(following))
        values = {name: value for name, value in stored.items() if name not in self._sight.hidden}
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
        plan_id = problem.plan_id
        note(self._connection, self._changes, PLAN_PROBLEMS, plan_id)
        sealed = replace(
            problem,
            problem=sealed_plans.sealed_problem(problem.problem, plan_id, self._sealing),
            statements=sealed_plans.sealed_statements(problem.statements, plan_id, self._sealing),
        )
        row = plain(sealed, PLAN_PROBLEMS)
        done = self._connection.execute(update(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == problem.plan_id).values(row))
        if done.rowcount == 0:
            self._connection.execute(insert(PLAN_PROBLEMS), row)
