"""
What one actor may see and do in one area: which rows, and which columns of them.

Readers and repositories ask here and nowhere else, so no use case and no route can forget to.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false, null, select

from scheduler.domain.ground.access import beyond_reach, denied
from scheduler.domain.ground.permissions import Scope
from scheduler.store.classified import TABLES
from scheduler.store.column_classes import NEEDED
from scheduler.store.reach import REACH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, FromClause, Table

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.errors import DomainError
    from scheduler.store.areas.base import Area, Child, Filter


class Verb(StrEnum):
    """What is done to a row."""

    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


class Sight:
    """One actor's view of one area."""

    def __init__(self, actor: Actor, area: Area[Any]) -> None:
        self._actor = actor
        self._area = area
        self.hidden = self.hidden_in(area.table)
        """Columns of the area's own table that are not shown."""

    def hidden_in(self, table: Table) -> frozenset[str]:
        """Columns of a table that the actor may not see."""
        rights = {sort: needed is None or self._actor.may(needed) for sort, needed in NEEDED.items()}
        return frozenset(column for column, rule in TABLES[table.name].columns.items() if not rights[rule.holds])

    def scope(self, verb: Verb) -> Scope:
        """How far the right to do this reaches."""
        if verb is Verb.READ and not self._bears_what_is_hidden():
            return Scope.NONE
        return self._actor.scope(f"{self._area.name}:{verb}")

    def rows(self, verb: Verb, rows: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Conditions on the rows that the actor may do this to; none at all for every row."""
        scope = self.scope(verb)
        if scope is Scope.ALL or (scope is Scope.TEAM and self._actor.team is None):
            return self._unguarded(rows)
        reach = REACH[self._area.name].get(scope)
        return (false(),) if reach is None else (reach(rows, self._actor), *self._unguarded(rows))

    def _unguarded(self, rows: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Rows that ask for no right beyond the actor's."""
        if self._area.guard is None and self._area.guarded_by is None:
            return ()
        lacking = sorted(right for right in {*NEEDED.values()} if right is not None and not self._actor.may(right))
        if self._area.guarded_by is not None:
            name, rights = self._area.guarded_by
            return tuple(rows.c[name].in_(select(rights.table.c.id).where(~rights.contains(right))) for right in lacking)
        return tuple(~rows.c[str(self._area.guard)].contains(right) for right in lacking)

    def require(self, verb: Verb) -> None:
        """Raise DomainError ``access.denied`` unless the actor may do this to some row."""
        if self.scope(verb) is Scope.NONE:
            raise denied(f"{self._area.name}:{verb}")

    def beyond(self, verb: Verb) -> DomainError:
        """The error for a row that is seen but out of reach."""
        permission = f"{self._area.name}:{verb}"
        return denied(permission) if self.scope(verb) is Scope.NONE else beyond_reach(permission)

    def columns(self, rows: FromClause, table: Table) -> list[ColumnElement[Any]]:
        """The columns as they are shown: hidden ones are empty, or stand-ins."""
        hidden = self.hidden_in(table)
        return [null().label(column.name) if column.name in hidden else column for column in rows.c]

    def with_stand_ins(self, row: Mapping[Any, Any]) -> Mapping[Any, Any]:
        """The row with something in place of what may not be empty."""
        if not self.hidden or not self._area.stand_ins:
            return row
        return {**row, **{name: value for name, value in self._area.stand_ins.items() if name in self.hidden}}

    def shows(self, child: Child) -> bool:
        """Whether rows of a child table are shown, if need be without some columns."""
        return self.hidden_in(child.table) <= child.bearable

    def sorts(self) -> Mapping[str, str]:
        """Sorts that the actor may ask for."""
        return {name: column for name, column in self._area.sorts.items() if column not in self.hidden}

    def filters(self) -> Mapping[str, Filter]:
        """Filters that the actor may ask for."""
        return {name: rule for name, rule in self._area.filters.items() if self._may_filter(rule)}

    def permits(self, connection: Connection, verb: Verb, row_id: str) -> bool:
        """Whether the row, as it is now, is within the actor's reach."""
        conditions = self.rows(verb, self._area.table)
        if not conditions:
            return True
        table = self._area.table
        return connection.execute(table.select().with_only_columns(table.c.id).where(table.c.id == row_id, *conditions)).first() is not None

    def _may_filter(self, rule: Filter) -> bool:
        return rule.column not in (self.hidden if rule.child is None else self.hidden_in(rule.child))

    def _bears_what_is_hidden(self) -> bool:
        table = self._area.table
        return all(table.c[name].nullable or name in self._area.stand_ins for name in self.hidden)
