"""``muster serve``, ``migrate``, ``import``, ``plan``, ``demo`` and ``version`` as processes, on real databases."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.store.writer_lock import WriterLock
from tests.cli.muster_process import COMMAND, ROOT, admin_token, environment, muster
from tests.jobs.firms import application, contradictory_firm, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLE = ROOT / "scheduler" / "sample_firm"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def read(url: str, *, body: dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as response:
        found: dict[str, Any] = json.load(response)
        return found


@contextmanager
def serving(cwd: Path, database: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that answers; killed at the end if the test has not stopped it."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port), "--database", database, *arguments],
        cwd=cwd,
        env=environment({"PYTHONPATH": str(ROOT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(process, f"{url}/v1/openapi.json")
        yield process, url
    finally:
        process.kill()
        process.communicate()


def wait_until_it_answers(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            read(url)
        except OSError:
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
        else:
            return


def import_sample(cwd: Path, database: str, *options: str) -> subprocess.CompletedProcess[str]:
    return muster("import", SAMPLE, "--map", SAMPLE / "map.toml", "--database", database, *options, cwd=cwd)


def test_version(tmp_path: Path) -> None:
    """``muster version`` says which one it is."""
    done = muster("version", cwd=tmp_path)
    assert (done.returncode, bool(re.fullmatch(r"muster \d+\.\d+\.\d+\n", done.stdout))) == (0, True)


def test_serve_plans_and_stops_on_sigterm(tmp_path: Path, sqlite_url: str) -> None:
    """From an empty directory to a plan over HTTP: SQLite is migrated at the first start, and SIGTERM ends the server cleanly."""
    token = admin_token(tmp_path, sqlite_url)
    with serving(tmp_path, sqlite_url) as (process, url):
        plan = read(f"{url}/v1/plans", body={"horizon_start": "2027-01-04", "weeks": 4}, token=token)
        deadline = time.monotonic() + 40
        while (found := read(f"{url}/v1/plans/{plan['id']}", token=token))["state"] in ("queued", "running"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert found["state"] == "succeeded"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "this machine only" in output
    assert f"{url}/docs" in output
    assert "Traceback" not in output


def test_an_address_is_only_told_by_a_server_that_is_there(tmp_path: Path, sqlite_url: str) -> None:
    """Somebody else takes the right to write just before the server would: it says so, and no address under which it does not answer."""
    program = (
        "from scheduler.commands.installation import settings_with\n"
        "from scheduler.commands.serve import run_server\n"
        f"run_server(settings_with(port={free_port()}, database_url={sqlite_url!r}))"
    )
    lock = WriterLock.beside(sqlite_url)
    lock.acquire()
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=environment({"PYTHONPATH": str(ROOT)}),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    finally:
        lock.release()
    assert (done.returncode, done.stdout) == (3, "")
    assert "Another muster process" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com"])
def test_serve_binds_to_loopback_only_until_there_are_users(tmp_path: Path, sqlite_url: str, host: str) -> None:
    """Any other address is refused while nobody can log in, with the command that makes the first admin."""
    done = muster("serve", "--host", host, "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode == 2
    assert "server.no_users" in done.stderr
    assert "muster user add" in done.stderr


def test_the_first_admin_comes_by_a_link_and_logs_in(tmp_path: Path, sqlite_url: str) -> None:
    """A first start prints a one-time link; with it the first admin is made, once, and can log in. The next start prints none."""
    with serving(tmp_path, sqlite_url) as (process, url):
        assert process.stdout is not None
        secret = next(line for line in process.stdout if "first admin" in line).strip().rpartition("#")[2]
        admin = {"secret": secret, "login": "ada", "name": "Ada", "password": "correct horse battery"}
        assert read(f"{url}/v1/setup", body=admin)["role"] == "admin"
        with pytest.raises(urllib.error.HTTPError, match="410"):
            read(f"{url}/v1/setup", body={**admin, "login": "eve"})
        assert read(f"{url}/v1/session", body={"login": "Ada", "password": "correct horse battery"})["role"] == "admin"
        process.terminate()
        process.communicate(timeout=30)
    with serving(tmp_path, sqlite_url) as (process, _):
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert "first admin" not in output
    assert oct((tmp_path / "muster.db.key").stat().st_mode)[-3:] == "600"


def test_users_are_added_listed_reset_and_disabled(tmp_path: Path, database_url: str) -> None:
    """The operator's commands; a mistake is one clear line."""
    if database_url.startswith("postgresql"):
        muster("migrate", "--database", database_url, cwd=tmp_path)
    on = ("--database", database_url)
    added = muster("user", "add", "ada", "--role", "finance", "--name", "Ada L.", *on, cwd=tmp_path)
    assert (added.returncode, "/password#" in added.stdout) == (0, True), added.stderr
    assert "login.taken" in muster("user", "add", "ADA", "--role", "admin", *on, cwd=tmp_path).stderr
    assert "is no role" in muster("user", "add", "bob", "--role", "boss", *on, cwd=tmp_path).stderr
    weak = muster("user", "add", "bob", "--role", "member", "--password-stdin", *on, cwd=tmp_path, stdin=b"secret\n")
    assert (weak.returncode, "password.too_weak" in weak.stderr) == (2, True)
    assert "/password#" in muster("user", "reset", "Ada", *on, cwd=tmp_path).stdout
    assert muster("user", "disable", "ada", *on, cwd=tmp_path).returncode == 0
    listed = json.loads(muster("user", "list", "--json", *on, cwd=tmp_path).stdout)
    assert [(user["login"], user["role"], user["is_active"]) for user in listed] == [("ada", "finance", False)]
    assert "there is no user" in muster("user", "reset", "eve", *on, cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [("MUSTER_SECRET_KEY", "short"), ("MUSTER_SECRET_KEY", "changeme" * 6), ("MUSTER_SECRET_KEY", "a" * 64), ("MUSTER_DEBUG", "1")],
)
def test_a34_a_default_or_short_secret_or_debug_in_public(tmp_path: Path, sqlite_url: str, name: str, content: str) -> None:
    """The server refuses to start and says which setting is wrong."""
    command = [*COMMAND, "serve", "--host", "0.0.0.0", "--database", sqlite_url]
    env = environment({"PYTHONPATH": str(ROOT), name: content})
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert name in done.stderr
    assert content not in done.stderr or len(content) < 5


def test_serve_without_a_worker_is_told_that_sqlite_needs_one(tmp_path: Path, sqlite_url: str) -> None:
    """In a line, before anything is started."""
    done = muster("serve", "--no-worker", "--port", free_port(), "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode != 0
    assert "leave --no-worker out" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Muster on" not in done.stdout


def test_serve_says_that_its_port_is_taken(tmp_path: Path, sqlite_url: str) -> None:
    """Another program on the port is one clear line."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = muster("serve", "--port", taken.getsockname()[1], "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode == 2
    assert "choose another with --port" in done.stderr


def test_commands_that_write_refuse_while_a_server_runs_on_sqlite(tmp_path: Path, sqlite_url: str) -> None:
    """One process writes to SQLite: a second server, an import, a plan and a migration all say who holds it, and change nothing."""
    with serving(tmp_path, sqlite_url) as (process, _):
        for done in (
            muster("serve", "--port", free_port(), "--database", sqlite_url, cwd=tmp_path),
            import_sample(tmp_path, sqlite_url),
            muster("plan", "--from", "2027-01-04", "--database", sqlite_url, cwd=tmp_path),
            muster("migrate", "--database", sqlite_url, cwd=tmp_path),
        ):
            assert done.returncode == 2
            assert "database.in_use" in done.stderr
            assert str(process.pid) in done.stderr
        process.terminate()
        process.communicate(timeout=30)
    assert import_sample(tmp_path, sqlite_url).returncode == 0


@pytest.mark.postgresql
def test_postgresql_wants_migrate_first(tmp_path: Path, postgres_url: str) -> None:
    """On PostgreSQL nothing migrates by itself; after ``muster migrate``, which may run twice, the server starts."""
    done = muster("serve", "--port", free_port(), "--database", postgres_url, cwd=tmp_path)
    assert done.returncode == 2
    assert "muster migrate" in done.stderr
    for _ in range(2):
        assert muster("migrate", "--database", postgres_url, cwd=tmp_path).stdout == "the database is up to date\n"
    token = admin_token(tmp_path, postgres_url)
    with serving(tmp_path, postgres_url) as (_, url):
        assert read(f"{url}/v1/people", token=token)["items"] == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:secret@h/d", "database.url_invalid"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/d", "cannot be reached"),
        ("sqlite:////proc/nowhere/muster.db", "no such directory"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_line(tmp_path: Path, url: str, words: str) -> None:
    """A wrong or unreachable database exits 2 without a traceback and without repeating a password."""
    done = muster("migrate", "--database", url, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "secret" not in done.stderr


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    """What only the database's driver can find out is said as calmly."""
    (tmp_path / "firm.db").write_bytes(b"no database" * 1_000)
    done = muster("migrate", "--database", f"sqlite:///{tmp_path / 'firm.db'}", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "muster: the database cannot be used: file is not a database\n")


def test_migrate_says_that_it_created_a_database(tmp_path: Path) -> None:
    """A mistyped path shows: the new, empty database is named, and directories are not made up."""
    for words in (f"created a new, empty database: {tmp_path / 'firm.db'}\n", "the database is up to date\n"):
        assert muster("migrate", "--database", f"sqlite:///{tmp_path / 'firm.db'}", cwd=tmp_path).stdout == words
    done = muster("migrate", "--database", f"sqlite:///{tmp_path / 'typo' / 'firm.db'}", cwd=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'typo'}: no such directory" in done.stderr
    assert not (tmp_path / "typo").exists()
    assert "var/muster.db" in muster("migrate", cwd=tmp_path).stdout


def test_import_twice_changes_nothing(tmp_path: Path, database_url: str) -> None:
    """The sample firm comes in once; a dry run before writes nothing, and a second import finds everything in place."""
    if database_url.startswith("postgresql"):
        muster("migrate", "--database", database_url, cwd=tmp_path)
    dry = import_sample(tmp_path, database_url, "--dry-run")
    assert (dry.returncode, dry.stdout.startswith("dry run, nothing was written: ")) == (0, True)
    first = json.loads(import_sample(tmp_path, database_url, "--json").stdout)
    people = next(area for area in first["areas"] if area["area"] == "people")
    assert people["created"] >= 35
    second = json.loads(import_sample(tmp_path, database_url, "--json").stdout)
    assert all(area["created"] == area["changed"] == 0 for area in second["areas"])


def test_import_lists_every_fault_and_writes_nothing(tmp_path: Path, sqlite_url: str) -> None:
    """Two wrong cells in two rows: both are named by file, row and column, exit 2, and the firm stays empty."""
    folder = tmp_path / "firm"
    folder.mkdir()
    for path in SAMPLE.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    lines = (folder / "absences.csv").read_text().splitlines()
    dates = [re.sub(r",\d{4}-\d{2}-\d{2},", ",yesterday,", line, count=1) for line in lines[1:3]]
    (folder / "absences.csv").write_text("\n".join([lines[0], *dates, *lines[3:]]) + "\n")
    command = ("import", folder, "--map", SAMPLE / "map.toml", "--database", sqlite_url)
    done = muster(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert all(f"absences.csv, row {row}, column" in done.stderr for row in (2, 3))
    as_json = muster(*command, "--json", cwd=tmp_path)
    assert as_json.returncode == 2
    assert {(f["file"], f["row"]) for f in json.loads(as_json.stdout)["faults"]} == {("absences.csv", 2), ("absences.csv", 3)}
    plan = muster("plan", "--from", "2027-01-04", "--weeks", 4, "--database", sqlite_url, cwd=tmp_path)
    assert plan.returncode == 0
    assert "Nothing to plan" in plan.stdout


@pytest.mark.parametrize(("name", "words"), [("missing.toml", "no such file"), (".", "is a directory"), ("garbage", "map")])
def test_an_import_without_a_usable_map_is_one_clear_refusal(tmp_path: Path, sqlite_url: str, name: str, words: str) -> None:
    """A map that is missing, a directory or garbage exits 2 with words."""
    (tmp_path / "garbage").write_bytes(bytes(range(256)))
    done = muster("import", SAMPLE, "--map", name, "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr.lower()


@pytest.mark.parametrize("arguments", [("--from", "2027-01-05"), ("--from", "soon"), ("--weeks", "0", "--time-limit", "0", "--gap", "2")])
def test_s17_a_plan_request_out_of_range(tmp_path: Path, sqlite_url: str, arguments: tuple[str, ...]) -> None:
    """A horizon that begins on a Tuesday, no weeks, no time: exit 2 before anything is asked for."""
    done = muster("plan", "--from", "2027-01-04", *arguments, "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") <= 4


def test_s10_plan_prints_the_conflicts_and_the_plan_without_them(tmp_path: Path, sqlite_url: str) -> None:
    """Locked bookings that contradict each other: exit 3, each conflict in words, and what would be possible without."""
    app = application(sqlite_url)
    load(app.store, contradictory_firm())
    app.stop()
    done = muster("plan", "--from", "2027-03-01", "--weeks", 8, "--database", sqlite_url, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "Ann is booked for 80 h" in done.stdout
    assert "The plan without 1 of the locked bookings in conflict" in done.stdout
    assert re.search(r"^Bob +100 100 100 100", done.stdout, re.MULTILINE)


@pytest.mark.slow
def test_demo_prints_a_plan_of_the_sample_firm(tmp_path: Path) -> None:
    """``muster demo --exit``: grid, filled and open demand with reasons, proof and check, as plain text of bounded width, in bounded time."""
    done = muster("demo", "--exit", cwd=tmp_path, timeout_s=150)
    assert done.returncode == 0, done.stderr
    for words in (
        "People x weeks",
        "Filled demand",
        "Open demand",
        "Nobody is qualified",
        "objective    EUR",
        "rules        hold",
        "Demo users",
    ):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 140
    solving = re.search(r"after (\d+\.\d) s of solving", done.stdout)
    assert solving is not None
    assert float(solving.group(1)) < 20
    assert list(tmp_path.iterdir()) == []
