"""An installation of real processes that are killed and started again: one server, and on PostgreSQL two workers beside it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

import httpx2
import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MUSTER = (sys.executable, "-m", "scheduler.cli")
GIVE_UP_S = 150.0


class Installation:
    """The processes, and a client that asks until it is answered."""

    def __init__(self, folder: Path, *, database: str | None) -> None:
        self.is_shared = database is not None
        self._folder = folder
        self._said = folder / "command.log"
        url = database or f"sqlite:///{folder / 'muster.db'}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        own = {"MUSTER_DATABASE_URL": url, "MUSTER_PORT": str(port), "MUSTER_SECRET_KEY": "0123456789abcdef-kills-0123456789ABCDEF"}
        self.environment = {**{k: v for k, v in os.environ.items() if not k.startswith("MUSTER_")}, **own}
        server = [*MUSTER, "serve", *(["--no-worker"] if self.is_shared else [])]
        self._commands = {
            "server": server,
            **({"worker 1": [*MUSTER, "worker"], "worker 2": [*MUSTER, "worker"]} if self.is_shared else {}),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)

    def __enter__(self) -> Self:
        self.command("migrate")
        self.command("user", "add", "killer", "--role", "admin", "--name", "Killer")
        self._client.headers["Authorization"] = f"Bearer {self.command('user', 'token', 'killer').strip()}"
        for name in self._commands:
            self.start(name)
        self.until_ready()
        self._make_firm()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
        self._client.close()

    def command(self, *arguments: str) -> str:
        """What a command prints. Raises CalledProcessError."""
        done = subprocess.run([*MUSTER, *arguments], env=self.environment, cwd=self._folder, capture_output=True, text=True, check=True)
        return done.stdout

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command that goes on by itself; what it says replaces what the one before said."""
        with self._said.open("wb") as said:
            return subprocess.Popen([*MUSTER, *arguments], env=self.environment, cwd=self._folder, stdout=said, stderr=said)

    def finish(self, process: subprocess.Popen[bytes]) -> int | None:
        """The exit code of a command; ``None`` when it did not end in time, and was killed."""
        try:
            return process.wait(GIVE_UP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None

    def told_by_commands(self) -> str:
        """What the last command said."""
        return self._said.read_text(errors="replace")

    def start(self, name: str) -> None:
        """Start a process, or start it again."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(self._commands[name], env=self.environment, cwd=self._folder, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """Kill -9, at once."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def kill_solver(self) -> bool:
        """Kill some solver process that works just now; False when none does."""
        for parent in self.processes.values():
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(parent.pid).children():
                    if any("solver_process" in part for part in child.cmdline()):
                        child.kill()
                        return True
        return False

    def until_ready(self) -> None:
        """Wait until the server answers."""
        self.ask("GET", "/v1/readiness", wanted={200})

    def ask(
        self, method: str, path: str, *, wanted: set[int] | None = None, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        """The answer, asked for again and again while nobody answers. Raises TimeoutError, RuntimeError for an answer nobody wants."""
        deadline = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline:
            answer = self.ask_once(method, path, headers=headers, body=body)
            if answer is not None and answer.status_code != 503:
                if answer.status_code not in (wanted or {200, 201, 202, 204}):
                    raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
                return answer
            time.sleep(0.1)
        raise TimeoutError(f"nobody answered {method} {path}")

    def ask_once(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: Any = None) -> Any:
        """The answer, or ``None`` when the server is not there."""
        with contextlib.suppress(httpx2.TransportError):
            return self._client.request(method, path, headers=dict(headers or {}), json=body)
        return None

    def items(self, path: str) -> list[dict[str, Any]]:
        """Everything that a list has."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.ask("GET", f"{path}?limit=200{cursor}").json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def _make_firm(self) -> None:
        """Three people and three demands; each demand can be filled by one of them."""
        skill = self._made("skills", name="SAP")
        calendar = self._made("calendars", name="Plain")
        term = {"period": {"start": "2026-01-01", "end": None}, "employment": "employee", "cost_rate": "50", "calendar_id": calendar}
        for name in ("Ann", "Bob", "Cy"):
            terms = [term | {"weekly_minutes": [480, 480, 480, 480, 480, 0, 0]}]
            self._made("people", name=name, terms=terms, skills=[{"skill_id": skill, "level": 3}])
        project = self._made("projects", name="Alpha", state="won")
        weeks = ["2027-03-01", "2027-03-08", "2027-03-15", "2027-03-22"]
        for name in ("One", "Two", "Three"):
            effort = [{"week": monday, "minutes": 2_400} for monday in weeks]
            self._made("demands", project_id=project, name=name, effort=effort, requires={skill: 2}, bill_rate="100")

    def _made(self, area: str, **body: Any) -> str:
        made: str = self.ask("POST", f"/v1/{area}", body=body, headers={"Idempotency-Key": f"{area} {body['name']}"}).json()["id"]
        return made
