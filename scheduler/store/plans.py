"""Plans and the problems they were computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, insert, select, type_coerce, update

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.paging import Page
from scheduler.domain.staffing.plans import Plan, PlanProblem, PlanProgress, PlanState
from scheduler.store import cursor, sealed_plans, selection
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.noted_rows import note
from scheduler.store.person_keys import PersonKeys
from scheduler.store.repository import not_found, stale
from scheduler.store.tables.plans import PLAN_PROBLEMS, PLANS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

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
    """Plans to be read, with people's names. They keep no versions: a plan says itself what happened to it, and when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = PersonKeys(connection)

    def get(self, plan_id: str) -> Plan:
        """The plan. Raises DomainError ``record.not_found``."""
        if not can_be_text(plan_id):
            raise not_found(PLAN_AREA, plan_id)
        columns = [type_coerce(c, Text()).label(c.name) if c.name == "result" else c for c in PLANS.columns]
        row = self._connection.execute(select(*columns).where(PLANS.c.id == plan_id)).mappings().one_or_none()
        if row is None:
            raise not_found(PLAN_AREA, plan_id)
        result = sealed_plans.opened_result(row["result"], plan_id, self._connection, self._sealing)
        return _plan({**row, "result": result, "failure_detail": self._named(row)})

    def _named(self, row: Row) -> str | None:
        """What a failure says, with names."""
        detail: str | None = row["failure_detail"]
        return None if detail is None else sealed_plans.named(detail, row["id"], self._connection)

    def in_states(self, states: Collection[PlanState]) -> tuple[Plan, ...]:
        """Plans in one of the states, oldest first."""
        query = select(PLANS).where(PLANS.c.state.in_(list(states))).order_by(PLANS.c.created_at, PLANS.c.id)
        return tuple(_plan(row) for row in self._connection.execute(query).mappings())

    def page(self, request: PageRequest) -> Page[Plan]:
        """One page of the list, without results. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        names = [column for column in PLANS.columns if column.name != "result"]
        rows = select(*names).subquery("plans")
        key, descending = selection.sort_column(PLAN_AREA, request, rows)
        size = selection.limit(request)
        query = select(rows).where(*selection.conditions(PLAN_AREA, request, rows, None))
        beyond = cursor.after(request, PLAN_AREA.name, None, key=key, row_id=rows.c.id, descending=descending)
        if beyond is not None:
            query = query.where(beyond)
        order = (key.desc(), rows.c.id.desc()) if descending else (key.asc(), rows.c.id.asc())
        found = self._connection.execute(query.order_by(*order).limit(size + 1)).mappings().all()
        following = None
        if len(found) > size:
            found = found[:size]
            following = cursor.encode(request, PLAN_AREA.name, None, found[-1][key.name], found[-1]["id"])
        items = tuple(_plan({**row, "failure_detail": self._named(row)}) for row in found)
        return Page(items=items, next_cursor=following)

    def problem(self, plan_id: str) -> PlanProblem | None:
        """What the plan was computed from, once it has been read."""
        row = self._connection.execute(select(PLAN_PROBLEMS).where(PLAN_PROBLEMS.c.plan_id == plan_id)).mappings().one_or_none()
        return None if row is None else self._opened(row)

    def _opened(self, row: Row) -> PlanProblem:
        plan_id = row["plan_id"]
        problem = sealed_plans.opened_problem(row["problem"], plan_id, self._sealing)
        words = sealed_plans.opened_words(row["statements"], plan_id, self._connection, self._sealing)
        return built(PlanProblem, row, problem=problem, statements=words)


class PlanRepository(PlanReader):
    """
    Plans in a write transaction, as they are stored: with marks instead of names, and what is personal sealed.

    So a plan that is read and saved again is stored as it was.
    """

    def __init__(self, connection: Connection, changes: Changes, keys: PersonKeys) -> None:
        super().__init__(connection)
        self._changes = changes
        self._sealing = keys

    def get(self, plan_id: str) -> Plan:
        """The plan, whose row stays locked. Raises DomainError ``record.not_found``."""
        if not can_be_text(plan_id):
            raise not_found(PLAN_AREA, plan_id)
        row = self._connection.execute(select(PLANS).where(PLANS.c.id == plan_id).with_for_update()).mappings().one_or_none()
        if row is None:
            raise not_found(PLAN_AREA, plan_id)
        return _plan(row)

    def _opened(self, row: Row) -> PlanProblem:
        return built(PlanProblem, row)

    def _stored(self, plan: Plan) -> Plan:
        return replace(plan, result=sealed_plans.sealed_result(plan.result, plan.id, self._sealing))

    def add(self, plan: Plan) -> Plan:
        """Keep a new plan."""
        first = replace(plan, version=1)
        note(self._connection, self._changes, PLANS, plan.id)
        self._connection.execute(insert(PLANS), _to_row(self._stored(first)))
        return first

    def save(self, plan: Plan) -> Plan:
        """Keep a changed plan. Raises DomainError ``version.stale``."""
        following = replace(plan, version=plan.version + 1)
        note(self._connection, self._changes, PLANS, plan.id)
        row = _to_row(self._stored(following))
        statement = update(PLANS).where(PLANS.c.id == plan.id, PLANS.c.version == plan.version).values(row)
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
