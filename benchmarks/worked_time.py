"""
How long grids, lists and reports take in a firm of 2,000 people with three years of time, two million entries.

``python -m benchmarks.worked_time`` fills a SQLite file, ``--database URL`` an empty PostgreSQL database, and asks over HTTP, in the
process, as different users in turns. It prints median, 95th percentile and longest answer of each question, and with ``--plans`` how the
database finds its rows. It ends with 1 when a 95th percentile is over its target, or where a hot question reads a whole large table.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from starlette.testclient import TestClient

from api.app import create_app
from benchmarks.worked_firm import Size, fill, person_id, project_id
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.usecases.tokens import create_token
from scheduler.usecases.users import create_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHOLE = Size(people=2_000, weeks=156, projects=1_000, entries=2_000_000)
HOT_MS, REPORT_MS = 150.0, 1_500.0
_LARGE = ("time_entries", "bookings", "time_entries_versions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: as whom, where, and how long an answer may take at the 95th percentile."""

    name: str
    role: Role
    path: Callable[[random.Random], Asked]
    target_ms: float = HOT_MS


Asked = tuple[str, dict[str, str]]
ENTRIES = "/v1/time-entries"


def questions(size: Size) -> tuple[Question, ...]:
    """Grids and lists, and reports of the whole firm."""
    return (*_grids(size), *_lists(), *_reports(size))


def _somebody(draw: random.Random, size: Size) -> str:
    return person_id(draw.randrange(size.people))


def _grids(size: Size) -> Iterator[Question]:
    def week(draw: random.Random) -> Asked:
        monday = size.until - timedelta(weeks=1 + draw.randrange(size.weeks))
        return f"/v1/people/{_somebody(draw, size)}/time-week", {"week": monday.isoformat()}

    def sheet(draw: random.Random) -> Asked:
        return f"/v1/people/{_somebody(draw, size)}/timesheet", {"day": (size.until - timedelta(weeks=1)).isoformat()}

    def entries(draw: random.Random) -> Asked:
        return ENTRIES, {"person_id": _somebody(draw, size), "sort": "-work_date"}

    yield Question(name="a person's week", role=Role.ADMIN, path=week)
    yield Question(name="a person's timesheet", role=Role.ADMIN, path=sheet)
    yield Question(name="a person's entries, a page", role=Role.ADMIN, path=entries)


def _lists() -> Iterator[Question]:
    newest, waiting = {"sort": "-work_date"}, {"state": "submitted"}
    of_project = {"project_id": project_id(3), "state": "approved"}
    yield Question(name="newest entries of all, a page", role=Role.ADMIN, path=lambda _: (ENTRIES, newest))
    yield Question(name="a team's newest entries, a page", role=Role.RESOURCE_MANAGER, path=lambda _: (ENTRIES, newest))
    yield Question(name="a lead's submitted entries, a page", role=Role.PROJECT_MANAGER, path=lambda _: (ENTRIES, waiting))
    yield Question(name="a project's entries, a page", role=Role.ADMIN, path=lambda _: (ENTRIES, of_project))
    yield Question(name="a lead's inbox of approvals", role=Role.PROJECT_MANAGER, path=lambda _: ("/v1/approvals/inbox", {}))


def _reports(size: Size) -> Iterator[Question]:
    def report(name: str, weeks: int, **more: str) -> Callable[[random.Random], Asked]:
        days = {"start": (size.until - timedelta(weeks=weeks)).isoformat(), "end": size.until.isoformat()}
        return lambda _draw: (f"/v1/reports/{name}", {**days, **more})

    def budget(draw: random.Random) -> Asked:
        return f"/v1/projects/{project_id(draw.randrange(size.projects))}/budget", {}

    teams, firm = report("people", 4, by="team", span="whole"), report("people", 13, span="month")
    yield Question(name="utilisation by team, four weeks", role=Role.ADMIN, path=teams, target_ms=REPORT_MS)
    yield Question(name="utilisation of the firm, a quarter by month", role=Role.ADMIN, path=firm, target_ms=REPORT_MS)
    plan = report("plan-actual", 4, span="whole")
    yield Question(name="plan against actual by project, four weeks", role=Role.ADMIN, path=plan, target_ms=REPORT_MS)
    yield Question(name="a project's budget", role=Role.ADMIN, path=budget, target_ms=REPORT_MS)


def clients(application: Application) -> dict[Role, TestClient]:
    """A user of each role that asks."""
    limits: dict[Role, dict[str, Any]] = {
        Role.ADMIN: {},
        Role.RESOURCE_MANAGER: {"team": "Team 03"},
        Role.PROJECT_MANAGER: {"project_ids": frozenset(project_id(n) for n in range(3, 8))},
    }
    found = {}
    now = datetime.now(UTC)
    for role, more in limits.items():
        user = User(id=UserId(new_id()), login=f"{role.value}-{new_id()[:8]}", name=role.value, role=role, **more)
        user = create_user(application.store, actor=LOCAL, user=user, now=now)
        actor = user.actor(credential_id="benchmark")
        _, secret = create_token(
            application.store, actor=actor, digest=application.digest, name="benchmark", scopes=actor.rights(), expires_in_days=1, now=now
        )
        found[role] = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers={"Authorization": f"Bearer {secret}"})
    return found


@contextmanager
def statements(application: Application) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        heard.append((statement, parameters))

    event.listen(application.store.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(application.store.engine, "before_cursor_execute", hear)


def plans_of(application: Application, heard: list[tuple[str, Any]]) -> list[str]:
    """How the database finds the rows of the large tables that were asked for."""
    is_sqlite = application.store.engine.dialect.name == "sqlite"
    found = []
    with application.store.engine.connect() as connection:
        for statement, parameters in heard:
            if statement.startswith("SELECT") and any(f" {table}" in statement for table in _LARGE):
                prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
                rows = connection.exec_driver_sql(prefix + statement, parameters).all()
                found += [str(row[-1]).strip() for row in rows]
    return [line for line in found if re.search(r"scan|search|index", line, re.IGNORECASE)]


def whole_reads(plans: list[str]) -> list[str]:
    """Those that read all of a large table without an index."""
    return [
        line
        for line in plans
        if re.match(r"(SCAN|Seq Scan on|->  Seq Scan on|->  Parallel Seq Scan on) (\w+\.)?time_entries(?! USING)", line)
    ]


def ask(client: TestClient, question: Question, *, rounds: int) -> list[float]:
    """Milliseconds of each answer, ascending."""
    draw = random.Random(7)
    took = []
    for _ in range(rounds):
        path, params = question.path(draw)
        began = time.perf_counter()
        answer = client.get(path, params=params)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{question.name}: {answer.status_code} {answer.text[:300]}")
    return sorted(took[1:] or took)


def measure(application: Application, size: Size, *, rounds: int, show_plans: bool) -> int:
    """Ask everything, print, and say whether every target was met."""
    failed = 0
    asking = clients(application)
    print(f"{application.store.engine.dialect.name}: {size.people:,} people, {size.weeks} weeks, {size.entries:,} time entries")
    for question in questions(size):
        with statements(application) as heard:
            took = ask(asking[question.role], question, rounds=2)
        plans = plans_of(application, heard[: len(heard) // 2 + 1])
        took = ask(asking[question.role], question, rounds=rounds)
        p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
        whole = whole_reads(plans) if question.target_ms == HOT_MS else []
        is_met = p95 <= question.target_ms and not whole
        failed += not is_met
        verdict = "" if is_met else "  MISSED"
        print(
            f"  {question.name:<46} median {statistics.median(took):8.1f}  p95 {p95:8.1f}  longest {took[-1]:8.1f} ms"
            f"  target {question.target_ms:,.0f}{verdict}",
            flush=True,
        )
        for line in sorted(set(plans)) if show_plans else whole:
            print(f"      {line}")
    return int(failed > 0)


def main() -> int:
    """Fill, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it a SQLite file")
    parser.add_argument("--people", type=int, default=WHOLE.people)
    parser.add_argument("--entries", type=int, default=WHOLE.entries)
    parser.add_argument("--weeks", type=int, default=WHOLE.weeks)
    parser.add_argument("--projects", type=int, default=WHOLE.projects)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--plans", action="store_true", help="print how the database finds the rows")
    options = parser.parse_args()
    size = Size(people=options.people, weeks=options.weeks, projects=options.projects, entries=options.entries)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'worked.db'}"
        application = Application(Settings(database_url=url, data_dir=Path(folder)))
        application.store.migrate()
        began = time.perf_counter()
        fill(application.store, size)
        print(f"filled in {time.perf_counter() - began:,.0f} s", flush=True)
        failed = measure(application, size, rounds=options.rounds, show_plans=options.plans)
        application.stop()
    return failed


if __name__ == "__main__":
    sys.exit(main())
