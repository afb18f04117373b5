"""The databases that tests run on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from sqlalchemy import create_engine, text

from scheduler.domain.ground.access import LOCAL
from scheduler.store import SchemaState, Store
from tests.postgres import OWN_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.once_per_run import RunFolder
    from tests.postgres import PostgresServer

ROOT = Path(__file__).parent.parent
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


def test_what_a_run_makes_once_is_made_once(run_folder: RunFolder) -> None:
    """Who asks again gets what is there; what failed is made by the next."""
    made: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError("planted")

    with pytest.raises(ZeroDivisionError):
        run_folder.once("one_test_only", fail)
    for attempt in ("first", "second"):
        run_folder.once("one_test_only", lambda: made.append(attempt))  # noqa: B023 - called at once
    assert made == ["first"]


def test_a_killed_run_leaves_no_server_behind() -> None:
    """The server and its directory go when the process that started it is killed."""
    with holder_of_a_server(sys.executable, "-c", _HOLD_A_SERVER, str(ROOT)) as (holder, folder):
        assert holder.stdout is not None
        assert holder.stdout.readline().startswith("postgresql+psycopg://postgres:")
        kill_and_see_the_server_go(holder, folder)


def test_a_killed_run_with_workers_leaves_no_server_behind() -> None:
    """Neither does a run whose workers share a server; they hold nothing that keeps it alive."""
    with holder_of_a_server(sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "tests/test_order.py") as (holder, folder):
        deadline = time.monotonic() + 60
        while len(list(folder.glob("muster-postgres-*/data/postmaster.pid"))) < 1 or len(psutil.Process(holder.pid).children()) < 3:
            assert time.monotonic() < deadline, "there are no two workers and a guard"
            time.sleep(0.02)
        kill_and_see_the_server_go(holder, folder)


@contextmanager
def holder_of_a_server(*command: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that starts a server, whose directory is in the given one."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server's unprivileged user must get through
        environment = {name: content for name, content in os.environ.items() if name != OWN_SERVER} | {"TMPDIR": folder}
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment, text=True) as holder:
            try:
                yield holder, Path(folder)
            finally:
                holder.kill()


def kill_and_see_the_server_go(holder: subprocess.Popen[str], folder: Path) -> None:
    (home,) = folder.glob("muster-postgres-*")
    server_pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    deadline = time.monotonic() + 15
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not home.exists()
    assert not psutil.pid_exists(server_pid)
