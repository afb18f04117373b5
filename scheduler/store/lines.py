"""Lines of every kind as those see them who decide about them, and moving them from state to state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, null, select, update

from scheduler.domain.delivery.line_states import LineState, check_step
from scheduler.domain.delivery.lines import Line, LineKind, LineRef
from scheduler.store import areas as known_areas
from scheduler.store.among import among, chunks
from scheduler.store.columns import can_be_text
from scheduler.store.sight import Sight, Verb
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy import Column, ColumnElement, Connection, Select, Table

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store.repository import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTable:
    """Where lines of a kind are: a table with ``person_id``, ``project_id``, ``state`` and ``version``, and its area's name."""

    area: str
    table: Table
    day: Column[date]
    minutes: Column[int] | None = None


LINE_TABLES: Mapping[LineKind, LineTable] = {
    LineKind.TIME_ENTRY: LineTable(area="time_entries", table=TIME_ENTRIES, day=TIME_ENTRIES.c.work_date, minutes=TIME_ENTRIES.c.minutes),
    LineKind.EXPENSE: LineTable(area="expenses", table=EXPENSES, day=EXPENSES.c.work_date),
}


class LineReader:
    """Lines, whoever may see them; ``within`` says who may."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def find(self, refs: Iterable[LineRef], *, lock: bool = False) -> dict[LineRef, Line]:
        """Those that exist; with a ``lock`` their rows stay as they are until the end of the transaction."""
        found: dict[LineRef, Line] = {}
        for kind, ids in _by_kind(refs):
            rows = LINE_TABLES[kind].table
            for part in chunks(ids):
                if lock:
                    held = select(rows.c.id).where(among(rows.c.id, part)).order_by(rows.c.id)
                    self._connection.execute(held.with_for_update()).all()
                found.update((line.ref, line) for line in self._read(kind, among(rows.c.id, part)))
        return found

    def of_person(self, kind: LineKind, person_id: str, days: DateInterval) -> tuple[Line, ...]:
        """A person's lines of some days, by day."""
        where = LINE_TABLES[kind]
        if not can_be_text(person_id):
            return ()
        return tuple(self._read(kind, where.table.c.person_id == person_id, where.day >= days.start, where.day < days.end))

    def within(self, refs: Iterable[LineRef], verb: Verb) -> frozenset[LineRef]:
        """Those that the actor may read, or change, by their rights on the kind's area."""
        found: set[LineRef] = set()
        for kind, ids in _by_kind(refs):
            where = LINE_TABLES[kind]
            sight = Sight(self._actor, known_areas.AREAS[where.area])
            for part in chunks(ids):
                query = select(where.table.c.id).where(among(where.table.c.id, part), *sight.rows(verb, where.table))
                found.update(LineRef(kind=kind, id=row_id) for row_id in self._connection.execute(query).scalars())
        return frozenset(found)

    def _read(self, kind: LineKind, *conditions: ColumnElement[bool]) -> Iterator[Line]:
        for row in self._connection.execute(_query(kind).where(*conditions)).mappings():
            yield Line(
                ref=LineRef(kind=kind, id=row["id"]),
                **{name: row[name] for name in ("person_id", "team", "project_id", "day", "state", "version", "minutes")},
            )


class LineRows(LineReader):
    """The same in a write transaction."""

    def __init__(self, connection: Connection, actor: Actor, changes: Changes) -> None:
        super().__init__(connection, actor)
        self._changes = changes

    def move(self, lines: Collection[Line], state: LineState) -> None:
        """Bring lines whose rows are locked into another state; each gets the next version. Raises DomainError ``line.illegal_step``."""
        for line in lines:
            check_step(line.state, state)
        by_kind: dict[LineKind, list[Line]] = {}
        for line in lines:
            by_kind.setdefault(line.ref.kind, []).append(line)
        for kind, some in by_kind.items():
            where = LINE_TABLES[kind]
            moved = update(where.table).where(where.table.c.id == bindparam("_id")).values(state=state, version=bindparam("_next"))
            self._connection.execute(moved, [{"_id": line.ref.id, "_next": line.version + 1} for line in some])
            for line in some:
                self._changes.written(where.area, line.ref.id)


def _query(kind: LineKind) -> Select[Any]:
    where = LINE_TABLES[kind]
    rows = where.table
    minutes = null() if where.minutes is None else where.minutes
    plain = (rows.c.id, rows.c.person_id, rows.c.project_id, rows.c.state, rows.c.version)
    columns = (*plain, where.day.label("day"), minutes.label("minutes"), PEOPLE.c.team)
    return select(*columns).join(PEOPLE, PEOPLE.c.id == rows.c.person_id).order_by(where.day, rows.c.id)


def _by_kind(refs: Iterable[LineRef]) -> Iterator[tuple[LineKind, list[str]]]:
    """Ids by kind, in the one order in which rows are locked."""
    ids: dict[LineKind, set[str]] = {}
    for ref in refs:
        if can_be_text(ref.id):
            ids.setdefault(ref.kind, set()).add(ref.id)
    return ((kind, sorted(ids[kind])) for kind in LineKind if kind in ids)
