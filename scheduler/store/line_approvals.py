"""What is kept of lines beside the lines: whom they wait for, and who decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, false, insert, or_, select, update

from scheduler.domain.delivery.approvals import LEVEL_OF, LEVELS, Level, Seat
from scheduler.domain.delivery.line_decisions import Approval
from scheduler.domain.delivery.lines import LineRef
from scheduler.domain.ground.paging import Page
from scheduler.store import cursor, selection
from scheduler.store.among import among, chunks
from scheduler.store.areas.approvals import DELEGATION_AREA
from scheduler.store.noted_rows import note_all
from scheduler.store.tables.access import USER_PROJECTS, USERS
from scheduler.store.tables.approvals import DELEGATIONS, LINE_APPROVALS
from scheduler.store.tables.people import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.delivery.delegations import Delegation
    from scheduler.domain.delivery.lines import Line
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.areas.base import Row
    from scheduler.store.repository import Changes

_COLUMNS = ("waits_for", "due_at", "submitted_at", "submitted_by", "decided_at", "decided_by", "decided_for", "reason")
_COPIED = ("person_id", "project_id", "day")
INBOX = "inbox"
"""The list that pages of what waits belong to."""


class ApprovalReader:
    """Whom lines wait for, and who could decide about them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, refs: Iterable[LineRef]) -> dict[LineRef, Approval]:
        """What is known of these lines; nothing of one that was never handed in."""
        found = {}
        for part in chunks(sorted({_key(ref) for ref in refs})):
            for row in self._connection.execute(select(LINE_APPROVALS).where(among(LINE_APPROVALS.c.id, part))).mappings():
                found[_ref(row)] = _approval(row)
        return found

    def seats(self) -> tuple[Seat, ...]:
        """The standing of everybody who may log in and decide."""
        roles = [role.value for role in LEVEL_OF]
        users = select(USERS.c.id, USERS.c.role, USERS.c.person_id, USERS.c.team).where(
            USERS.c.is_active.is_(True), USERS.c.role.in_(roles)
        )
        projects: dict[str, set[str]] = {}
        of_leads = select(USER_PROJECTS.c.parent_id, USER_PROJECTS.c.project_id)
        for row in self._connection.execute(of_leads):
            projects.setdefault(row.parent_id, set()).add(row.project_id)
        return tuple(
            Seat(level=LEVEL_OF[row.role], person_id=row.person_id, team=row.team, project_ids=frozenset(projects.get(row.id, ())))
            for row in self._connection.execute(users.order_by(USERS.c.id))
        )

    def delegations(self, on: date) -> tuple[Delegation, ...]:
        """Those in force on a day."""
        rows = DELEGATIONS
        query = select(rows).where(rows.c.period_start <= on, rows.c.period_end > on).order_by(rows.c.id)
        return tuple(DELEGATION_AREA.from_row(row, {}) for row in self._connection.execute(query).mappings())

    def waiting(self, seats: Sequence[Seat], *, person_id: str | None, request: PageRequest) -> Page[Approval]:
        """One page of what waits for somebody with these standings, by day. Raises DomainError for a limit or cursor that is not allowed."""
        rows = LINE_APPROVALS
        size = selection.limit(request)
        query = select(rows).where(or_(false(), *map(_waits_for, seats)))
        if person_id is not None:
            query = query.where(rows.c.person_id != person_id)
        for name, text in request.filters.items():
            query = query.where(rows.c[name] == text)
        beyond = cursor.after(request, INBOX, None, key=rows.c.day, row_id=rows.c.id, descending=False)
        if beyond is not None:
            query = query.where(beyond)
        found = self._connection.execute(query.order_by(rows.c.day, rows.c.id).limit(size + 1)).mappings().all()
        following = None
        if len(found) > size:
            found = found[:size]
            following = cursor.encode(request, INBOX, None, found[-1]["day"], found[-1]["id"])
        return Page(items=tuple(_approval(row) for row in found), next_cursor=following)

    def is_any_due(self, now: datetime) -> bool:
        """Whether something has waited too long, or for a lead that there is not."""
        return bool(self._due(now, limit=1))

    def _due(self, now: datetime, *, limit: int, lock: bool = False) -> list[LineRef]:
        rows = LINE_APPROVALS
        leads = select(USER_PROJECTS.c.parent_id).join(USERS, USERS.c.id == USER_PROJECTS.c.parent_id)
        led = leads.where(
            USER_PROJECTS.c.project_id == rows.c.project_id,
            USERS.c.is_active.is_(True),
            USERS.c.role.in_([role.value for role, level in LEVEL_OF.items() if level is Level.LEAD]),
            or_(USERS.c.person_id.is_(None), USERS.c.person_id != rows.c.person_id),
        )
        late = select(rows).where(rows.c.due_at <= now)
        orphaned = select(rows).where(rows.c.waits_for == Level.LEAD, ~led.exists())
        found: dict[str, LineRef] = {}
        for query in (late, orphaned):
            some = query.order_by(rows.c.id).with_for_update(skip_locked=True) if lock else query
            for row in self._connection.execute(some.limit(limit)).mappings():
                found[row["id"]] = _ref(row)
        return list(found.values())


class ApprovalRows(ApprovalReader):
    """The same in a write transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        super().__init__(connection)
        self._changes = changes

    def keep(self, known: Iterable[tuple[Line, Approval]]) -> None:
        """Keep what is known of lines from now on."""
        rows = {_key(line.ref): _row(line, approval) for line, approval in known}
        note_all(self._connection, self._changes, LINE_APPROVALS, rows)
        there: set[str] = set()
        for part in chunks(sorted(rows)):
            there.update(self._connection.execute(select(LINE_APPROVALS.c.id).where(among(LINE_APPROVALS.c.id, part))).scalars())
        new = [row for row_id, row in rows.items() if row_id not in there]
        if new:
            self._connection.execute(insert(LINE_APPROVALS), new)
        if there:
            said = (*_COLUMNS, *_COPIED)
            changed = (
                update(LINE_APPROVALS).where(LINE_APPROVALS.c.id == bindparam("_id")).values({name: bindparam(f"_{name}") for name in said})
            )
            values = [{"_id": row_id, **{f"_{name}": rows[row_id][name] for name in said}} for row_id in sorted(there)]
            self._connection.execute(changed, values)

    def forget(self, refs: Iterable[LineRef]) -> None:
        """The lines are gone."""
        row_ids = sorted(map(_key, refs))
        note_all(self._connection, self._changes, LINE_APPROVALS, row_ids)
        for part in chunks(row_ids):
            self._connection.execute(delete(LINE_APPROVALS).where(among(LINE_APPROVALS.c.id, part)))

    def due(self, now: datetime, *, limit: int) -> list[LineRef]:
        """Lines that go to the next level now; their rows here stay locked, and those that another process has taken are left out."""
        return self._due(now, limit=limit, lock=True)


def _key(ref: LineRef) -> str:
    return f"{ref.kind.value}:{ref.id}"


def _ref(row: Row) -> LineRef:
    return LineRef(kind=row["kind"], id=row["line_id"])


def _row(line: Line, approval: Approval) -> dict[str, Any]:
    said = {name: getattr(approval, name) for name in _COLUMNS} | {name: getattr(line, name) for name in _COPIED}
    return {"id": _key(line.ref), "kind": line.ref.kind, "line_id": line.ref.id, **said}


def _approval(row: Row) -> Approval:
    return Approval(ref=_ref(row), **{name: row[name] for name in _COLUMNS})


def _waits_for(seat: Seat) -> ColumnElement[bool]:
    """Lines that wait for this standing: of its level, or of one that was asked after it."""
    rows = LINE_APPROVALS
    come = rows.c.waits_for.in_([level.value for level in LEVELS[LEVELS.index(seat.level) :]])
    found: list[ColumnElement[bool]] = [come]
    if seat.level is Level.LEAD:
        found.append(rows.c.project_id.in_(sorted(seat.project_ids)))
    if seat.level is Level.RESOURCE_MANAGER and seat.team is not None:
        found.append(rows.c.person_id.in_(select(PEOPLE.c.id).where(PEOPLE.c.team == seat.team)))
    if seat.person_id is not None:
        found.append(rows.c.person_id != seat.person_id)
    return and_(*found)
