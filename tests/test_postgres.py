"""The databases that tests run on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import create_engine, text

from scheduler.domain.ground.access import LOCAL
from scheduler.store import SchemaState, Store

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

_HOLD_A_SERVER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from tests.postgres import running_server
with running_server() as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


def test_a_database_starts_empty_and_keeps_what_is_written(database_url: str) -> None:
    """Each test has a database to itself."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one_test_only (id integer)"))
        connection.execute(text("INSERT INTO one_test_only VALUES (7)"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM one_test_only")).scalar() == 7
    engine.dispose()


def test_a_migrated_database_has_the_current_schema_and_no_rows(migrated_url: str) -> None:
    """What the fixture copies is what a migration makes."""
    store = Store(migrated_url)
    assert store.schema_state() is SchemaState.CURRENT
    with store.read(LOCAL) as view:
        assert view.people.all() == ()
    store.close()


def test_a_copy_of_a_template_holds_its_tables(postgres_server: PostgresServer) -> None:
    """A prepared database can be copied instead of being prepared again."""
    template = postgres_server.create()
    engine = create_engine(postgres_server.url_of(template))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE prepared (id integer)"))
    engine.dispose()
    copy = postgres_server.create(template=template)
    engine = create_engine(postgres_server.url_of(copy))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM prepared")).scalar() == 0
    engine.dispose()
    postgres_server.drop(copy)
    postgres_server.drop(template)


def test_a_killed_run_leaves_no_server_behind() -> None:
    """The server and its directory go when the process that started it is killed."""
    root = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server's unprivileged user must get through
        command = [sys.executable, "-c", _HOLD_A_SERVER, str(root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": folder}, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline().startswith("postgresql+psycopg://postgres:")
            (home,) = Path(folder).glob("muster-postgres-*")
            server_pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
            holder.send_signal(signal.SIGKILL)
            holder.wait()
        deadline = time.monotonic() + 15
        while home.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not home.exists()
        assert not psutil.pid_exists(server_pid)
