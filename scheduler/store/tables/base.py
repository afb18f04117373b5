"""How every business table is made: the table itself, and its twin that keeps all versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table
from sqlalchemy.sql import column

from scheduler.store.columns import Id, Key, UtcDateTime

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TWINS: dict[str, Table] = {}
"""The versions of each business table, by the table's name."""


def head(name: str, *columns: Column[Any] | CheckConstraint | Index) -> Table:
    """The table of an area: id, version and external id, and what is given."""
    table = Table(
        name,
        METADATA,
        Column("id", Id, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("external_id", Key, nullable=True),
        *columns,
        Index(f"uq_{name}_external_id", "external_id", unique=True),
    )
    _add_twin(table)
    return table


def child(name: str, parent: Table, *columns: Column[Any] | CheckConstraint) -> Table:
    """A table whose rows belong to one row of ``parent``, and are versioned with it; first of its key is ``parent_id``."""
    table = Table(
        name,
        METADATA,
        Column("parent_id", Id, ForeignKey(parent.c.id, ondelete="CASCADE"), primary_key=True),
        *columns,
    )
    _add_twin(table)
    return table


def reference(name: str, target: Table, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """A column that names a row of another area."""
    return Column(name, Id, ForeignKey(target.c.id), nullable=nullable and not primary_key, primary_key=primary_key, index=True)


def at_least(name: str, least: int) -> CheckConstraint:
    """The database's own guard on an integer."""
    return CheckConstraint(column(name) >= least, name=f"{name}_at_least_{least}".replace("-", "minus_"))


def versioned(table: Table, *indexes: Index) -> Table:
    """A table of rows that are versioned with those of another, and are no values of theirs; ``indexes``: of the versions."""
    _add_twin(table, *indexes)
    return table


def _add_twin(table: Table, *indexes: Index) -> None:
    # No foreign keys and no unique names: the twin keeps what was, and what was may be gone or called otherwise now.
    copies = [Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False) for c in table.columns]
    twin = Table(
        f"{table.name}_versions",
        METADATA,
        *copies,
        Column("recorded_from", UtcDateTime, primary_key=True),
        Column("recorded_to", UtcDateTime, nullable=True),
        *indexes,
    )
    TWINS[table.name] = twin
