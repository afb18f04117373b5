"""A server that works as a role of its own on PostgreSQL: it does all its work, and cannot touch what the audit has."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.plans import PlanState
from scheduler.store import Store
from tests.jobs.firms import ask, load, outcome_of, small_firm

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgresql


@pytest.fixture
def role_url(prepared_postgres_url: str) -> Iterator[str]:
    """The database as a role sees it that owns nothing and was granted what a server needs."""
    role = f"muster_app_{uuid.uuid4().hex[:12]}"
    owner = Application(Settings(database_url=prepared_postgres_url))
    with owner.store.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'"))
    owner.migrate_explicitly(grant_to=role)
    yield make_url(prepared_postgres_url).set(username=role, password="secret").render_as_string(hide_password=False)
    with owner.store.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    owner.stop()


def test_p02_the_role_does_the_servers_work_and_cannot_touch_the_audit(role_url: str) -> None:
    """Records, jobs and plans work; UPDATE, DELETE, TRUNCATE and taking the guards away are denied, and the chain holds."""
    app = Application(Settings(database_url=role_url, solve_max_workers=1))
    load(app.store, small_firm())
    app.start()
    try:
        assert outcome_of(app, ask(app)).state is PlanState.SUCCEEDED
    finally:
        app.stop()
    store = Store(role_url)
    for table in ("audit_records", "audit_changes"):
        for statement in (
            f"UPDATE {table} SET position = 1",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table} CASCADE",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), store.engine.begin() as connection:
                connection.execute(text(statement))
    with pytest.raises(ProgrammingError, match="permission denied"), store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9'"))
    with store.read(LOCAL) as view:
        found = view.audit.verify()
    assert found.holds
    assert found.records > 3
    store.close()


def test_an_owner_or_an_unknown_role_is_no_role_for_the_server(prepared_postgres_url: str) -> None:
    """Who owns the tables can take the guards away."""
    owner = Application(Settings(database_url=prepared_postgres_url))
    for role in ("postgres", "nobody_here", 'x"; DROP TABLE people; --'):
        with pytest.raises(DomainError, match=r"role\.unusable"):
            owner.migrate_explicitly(grant_to=role)
    owner.stop()


def test_sqlite_has_no_roles(prepared_sqlite_url: str) -> None:
    """Said, not ignored."""
    app = Application(Settings(database_url=prepared_sqlite_url))
    with pytest.raises(DomainError, match=r"role\.unusable"):
        app.migrate_explicitly(grant_to="muster_app")
    app.stop()
