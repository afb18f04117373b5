"""Reading the values of one area, as far as the reader may see them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sqlalchemy import func, select

from scheduler.domain.ground.checks import normal
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import Scope
from scheduler.store.among import among, chunks
from scheduler.store.columns import can_be_text
from scheduler.store.history import source
from scheduler.store.pages import rows_of_page
from scheduler.store.sight import Sight, Verb
from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Select, Table

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.areas.base import Area, Row


class Versioned(Protocol):
    """What every stored value has."""

    @property
    def version(self) -> int:
        """Counts the value's changes, from 1."""


V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[V]):
    """A value as it was from one instant until another (``None``: until now)."""

    value: V
    recorded_from: datetime
    recorded_to: datetime | None


class Reader(Generic[V]):
    """The values of an area, now or as of an instant."""

    _locking = False

    def __init__(self, connection: Connection, area: Area[V], actor: Actor, *, as_of: datetime | None = None) -> None:
        self._connection = connection
        self._area = area
        self._actor = actor
        self._as_of = as_of
        self._rows = source(area.table, as_of)
        self._sight = Sight(actor, area)

    @property
    def may_read(self) -> bool:
        """Whether the actor may see any row at all."""
        return self._sight.scope(Verb.READ) is not Scope.NONE

    def get(self, row_id: str) -> V:
        """The value with this id; in a write transaction its row stays locked. Raises DomainError ``record.not_found``."""
        found = self.find(row_id)
        if found is None:
            raise not_found(self._area, row_id)
        return found

    def find(self, row_id: str) -> V | None:
        """The value with this id, if there is one."""
        return self._one(self._rows.c.id == row_id) if can_be_text(row_id) else None

    def find_external(self, external_id: str) -> V | None:
        """The value with this external id, if there is one."""
        return self._one(self._rows.c.external_id == normal(external_id)) if can_be_text(external_id) else None

    def many(self, ids: Iterable[str]) -> tuple[V, ...]:
        """Those of the ids that exist, ascending by id."""
        found: list[V] = []
        for part in chunks(sorted({row_id for row_id in ids if can_be_text(row_id)})):
            query = self._seen().where(among(self._rows.c.id, part)).order_by(self._rows.c.id)
            found += self._values(self._connection.execute(query).mappings().all())
        return tuple(found)

    def all(self) -> tuple[V, ...]:
        """Everything, ascending by id."""
        rows = self._connection.execute(self._seen().order_by(self._rows.c.id)).mappings().all()
        return tuple(self._values(rows, everything=not self._sight.rows(Verb.READ, self._rows)))

    def matching(self, **columns: object) -> tuple[V, ...]:
        """Values whose columns of the area's table have exactly these contents, ascending by id."""
        query = self._seen().where(*(self._rows.c[name] == content for name, content in columns.items()))
        return tuple(self._values(self._connection.execute(query.order_by(self._rows.c.id)).mappings().all()))

    def selected(self, where: Callable[[FromClause], Iterable[ColumnElement[bool]]]) -> tuple[V, ...]:
        """Values whose rows meet conditions, ascending by id."""
        query = self._seen().where(*where(self._rows)).order_by(self._rows.c.id)
        return tuple(self._values(self._connection.execute(query).mappings().all()))

    def among(self, column: str, contents: Iterable[str]) -> tuple[V, ...]:
        """Values whose column of the area's table has one of these contents."""
        found: list[V] = []
        for part in chunks(sorted({content for content in contents if can_be_text(content)})):
            query = self._seen().where(among(self._rows.c[column], part)).order_by(self._rows.c.id)
            found += self._values(self._connection.execute(query).mappings().all())
        return tuple(found)

    def between(self, column: str, start: object, end: object, **columns: object) -> tuple[V, ...]:
        """Values whose column lies in ``[start, end)`` and whose other columns have exactly these contents, ascending by it and by id."""
        ordered = self._rows.c[column]
        equal = (self._rows.c[name] == content for name, content in columns.items())
        query = self._seen().where(ordered >= start, ordered < end, *equal).order_by(ordered, self._rows.c.id)
        return tuple(self._values(self._connection.execute(query).mappings().all()))

    def is_empty(self) -> bool:
        """Whether the area has no values."""
        return self._connection.execute(self._seen().with_only_columns(self._rows.c.id).limit(1)).first() is None

    def count(self) -> int:
        """How many values there are."""
        seen = self._seen().with_only_columns(self._rows.c.id).subquery()
        return int(self._connection.execute(select(func.count()).select_from(seen)).scalar_one())

    def sums(
        self,
        amounts: Callable[[FromClause], Sequence[ColumnElement[int]]],
        *,
        by: Sequence[str] = (),
        where: Callable[[FromClause], Iterable[ColumnElement[bool]]],
    ) -> Sequence[tuple[Any, ...]]:
        """
        Amounts summed by columns, over those of the rows ``where`` holds that the actor may see and whose first amount is not empty.

        Each answer has the columns, how many rows, and the sums.
        """
        keys, summed = [self._rows.c[name] for name in by], amounts(self._rows)
        sums = [func.coalesce(func.sum(amount), 0) for amount in summed]
        query = select(*keys, func.count(), *sums).where(summed[0].is_not(None), *where(self._rows))
        found = self._connection.execute(query.where(*self._sight.rows(Verb.READ, self._rows)).group_by(*keys))
        return [tuple(row) for row in found]

    def versions(self) -> dict[str, int]:
        """The version of every value, by id."""
        seen = self._seen().with_only_columns(self._rows.c.id, self._rows.c.version)
        return {row.id: row.version for row in self._connection.execute(seen)}

    def page(self, request: PageRequest) -> Page[V]:
        """One page of the list. Raises DomainError for a sort, filter, limit or cursor that is not allowed, and ``access.denied``."""
        self._sight.require(Verb.READ)
        rows, following = rows_of_page(
            self._connection,
            request,
            area=self._area,
            rows=self._rows,
            seen=self._seen(),
            sorts=self._sight.sorts(),
            filters=self._sight.filters(),
            as_of=self._as_of,
        )
        return Page(items=tuple(self._values(rows)), next_cursor=following)

    def history(self, row_id: str) -> tuple[Recorded[V], ...]:
        """Every recorded version, oldest first; empty for an id that never was."""
        if not can_be_text(row_id):
            return ()
        twin = TWINS[self._area.table.name]
        query = select(twin.c.recorded_from, twin.c.recorded_to).where(twin.c.id == row_id).order_by(twin.c.recorded_from)
        found = []
        for row in self._connection.execute(query):
            then = Reader(self._connection, self._area, self._actor, as_of=row.recorded_from).find(row_id)
            if then is not None:
                found.append(Recorded(value=then, recorded_from=row.recorded_from, recorded_to=row.recorded_to))
        return tuple(found)

    def at_version(self, row_id: str, version: int) -> V | None:
        """The value as its given version, if that was ever recorded."""
        twin = TWINS[self._area.table.name]
        query = (
            select(twin.c.recorded_from)
            .where(twin.c.id == row_id, twin.c.version == version)
            .order_by(twin.c.recorded_from.desc())
            .limit(1)
        )
        at = self._connection.execute(query).scalar_one_or_none()
        return None if at is None else Reader(self._connection, self._area, self._actor, as_of=at).find(row_id)

    def _seen(self) -> Select[Any]:
        """What the actor may see: their rows, without the columns that are none of their business."""
        return select(*self._sight.columns(self._rows, self._area.table)).where(*self._sight.rows(Verb.READ, self._rows))

    def _one(self, condition: Any) -> V | None:
        query = self._seen().where(condition)
        if self._locking:
            query = query.with_for_update()
        rows = self._connection.execute(query).mappings().all()
        return next(iter(self._values(rows)), None)

    def _values(self, rows: Sequence[Row], *, everything: bool = False) -> list[V]:
        ids = None if everything else [row["id"] for row in rows]
        grouped = {child.table.name: self._children(child.table, ids) if self._sight.shows(child) else {} for child in self._area.children}
        return [
            self._area.from_row(
                self._sight.with_stand_ins(row), {name: by_parent.get(row["id"], ()) for name, by_parent in grouped.items()}
            )
            for row in rows
        ]

    def _children(self, table: Table, ids: Sequence[str] | None) -> Mapping[str, list[Row]]:
        rows = source(table, self._as_of)
        query = select(*self._sight.columns(rows, table)).order_by(*(rows.c[column.name] for column in table.primary_key))
        queries = [query] if ids is None else [query.where(among(rows.c.parent_id, part)) for part in chunks(ids)]
        grouped: dict[str, list[Row]] = defaultdict(list)
        for one in queries:
            for row in self._connection.execute(one).mappings():
                grouped[row["parent_id"]].append(row)
        return grouped


def not_found(area: Area[Any], row_id: str) -> DomainError:
    """There is no such value."""
    return DomainError(ErrorKind.NOT_FOUND, "record.not_found", f"There is no such {area.one}.", facts={"area": area.name, "id": row_id})
