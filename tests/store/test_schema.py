"""Migrations and what the store does about a schema that is not its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, inspect, text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.store import SchemaState, Store, schema
from scheduler.store.areas import AREAS
from scheduler.store.tables import METADATA
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

DBOS_TABLES = {"notifications", "queues", "streams", "workflow_status", "operation_outputs", "workflow_events", "workflow_schedules"}


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """A store of the test's own: what it does to the schema concerns nobody else."""
    opened = Store(migrated_url)
    yield opened
    opened.close()


def test_migrations_and_tables_agree(store: Store) -> None:
    """A migrated database has exactly the tables, columns, types, keys and indexes that the program declares."""
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    assert differences == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    """A migrated database stays as it is."""
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT


def test_table_names_leave_room_for_the_job_engine() -> None:
    """No table is called like one of the job engine's, which stand beside ours on SQLite."""
    assert not set(METADATA.tables) & DBOS_TABLES


def test_d06_older_schema_refuses_and_says_migrate(database_url: str) -> None:
    """A database without the current migrations is not written to."""
    store = Store(database_url)
    assert store.schema_state() is SchemaState.OLDER
    with pytest.raises(DomainError) as refusal, store.begin(LOCAL):
        pass
    assert refusal.value.code == "schema.older"
    assert "muster migrate" in refusal.value.detail
    store.close()


def test_d06_newer_schema_refuses(store: Store, migrated_url: str) -> None:
    """A database that a newer program has migrated is neither used nor migrated."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    later = Store(migrated_url)
    assert later.schema_state() is SchemaState.NEWER
    with pytest.raises(DomainError, match=r"schema\.newer"), later.begin(LOCAL):
        pass
    with pytest.raises(DomainError, match=r"schema\.newer"):
        later.migrate()
    later.close()


class _PowerCutError(Exception):
    pass


@pytest.mark.parametrize("statements", [1, 5, 40, 70])
def test_d07_a_migration_cut_short_leaves_nothing_behind(database_url: str, statements: int) -> None:
    """All steps happen in one transaction; the next try starts from the same place and ends well."""
    store = Store(database_url)
    left = statements

    def cut(*_arguments: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _PowerCutError

    event.listen(store.engine, "before_cursor_execute", cut)
    with pytest.raises(_PowerCutError):
        store.migrate()
    event.remove(store.engine, "before_cursor_execute", cut)
    assert inspect(store.engine).get_table_names() == []
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT
    store.close()


REBUILD = '''"""Rebuilds tables that others refer to, as SQLite needs for most changes."""
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade():
    rebuild = "always" if op.get_context().dialect.name == "sqlite" else "never"
    for table in ("people", "skills", "projects"):
        with op.batch_alter_table(table, recreate=rebuild) as batch:
            batch.add_column(sa.Column("note", sa.String(10)))
    {and_then}
'''


def _with_another_migration(folder: Path, monkeypatch: pytest.MonkeyPatch, and_then: str = "pass") -> None:
    """The program's migrations, and one more that rebuilds tables."""
    own = shutil.copytree(Path(schema.__file__).parent / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (own / "versions" / "9000_rebuild.py").write_text(REBUILD.format(and_then=and_then, head=schema.revisions()[0]))
    original = schema.configuration

    def configuration() -> Config:
        config = original()
        config.set_main_option("script_location", str(own))
        return config

    monkeypatch.setattr(schema, "configuration", configuration)
    monkeypatch.setattr(schema, "revisions", schema.revisions.__wrapped__)


def _fill(store: Store) -> list[object]:
    with store.begin(LOCAL) as tx:
        tx.skills.add(make.make_skill())
        tx.calendars.add(make.make_calendar())
        tx.people.add(make.make_person())
        tx.projects.add(make.make_project())
        tx.demands.add(make.make_demand())
        tx.bookings.add(make.make_booking())
    return _everything(store)


def _everything(store: Store) -> list[object]:
    with store.read(LOCAL) as view:
        return [value for area in AREAS for value in view.area(area).all()]


def test_d08_children_survive_the_rebuild_of_their_parent(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebuilding a table drops the old one; with foreign keys on, SQLite would delete what refers to it."""
    before = _fill(store)
    _with_another_migration(tmp_path, monkeypatch)
    assert store.schema_state() is SchemaState.OLDER
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT
    assert _everything(store) == before


def test_d08_a_migration_that_would_orphan_rows_is_rolled_back(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Foreign keys are off while SQLite migrates, so they are all checked before it commits; afterwards they are on again."""
    store = Store(migrated_sqlite_url)
    before = _fill(store)
    _with_another_migration(tmp_path, monkeypatch, and_then='op.execute("DELETE FROM people")')
    with pytest.raises(RuntimeError, match="without the row they refer to"):
        store.migrate()
    monkeypatch.undo()
    assert store.schema_state() is SchemaState.CURRENT
    assert _everything(store) == before
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    store.close()
