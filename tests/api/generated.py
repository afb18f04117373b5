"""
Made-up requests as one role, for minutes on end, at a server process over the sample firm.

``python -m tests.api.generated --role member --minutes 10 --database sqlite`` makes up valid and invalid requests for every
operation, with ids and versions that exist strewn in, and says what the description does not have: a fault of the server (5xx), an
undocumented status or type, a body of another shape. Exit code 1 when there was any.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi import from_url

from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import UserId, new_id
from scheduler.domain.ground.permissions import COST_AGGREGATE, USER_ROLES, Role
from scheduler.sample_firm import load_sample_firm
from scheduler.sample_firm.logins import make_demo_users
from scheduler.usecases.users import create_user
from tests.api.test_generated_requests import CHECKS
from tests.cli.muster_process import COMMAND, ROOT, environment, small_problem
from tests.cli.test_installation import free_port
from tests.logins import bearer, logged_in
from tests.postgres import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = 60
"""A run may disable its own user, or make another of it: then it goes on as the next."""
BATCH = 4
TIMEOUT_S = 240
FITTING: dict[str, Any] = {
    "horizon_start": "2027-01-04",
    "week": "2027-03-01",
    "period": {"start": "2027-03-01", "end": "2027-03-29"},
    "scopes": ["tokens:own"],
    "roles": [{"value": "member"}],
    "weeks": 4,
}
"""What is seldom made up so that it fits: put in the place of one in two."""
PLAN = {"horizon_start": "2027-01-04", "weeks": 8, "limits": {"time_limit_s": 3}}
HANDED_IN: dict[str, dict[str, Any]] = {
    "plans": PLAN,
    "scenarios": {"name": "What if", "changes": [{"kind": "hire", "count": 1, "profile": {"name": "Another"}}]},
    "rebalance-policies": {"name": "Nightly", "weeks": 4, "frozen_weeks": 0, "time_limit_s": 3},
    "webhooks": {"url": "http://127.0.0.1:9/hook", "events": ["plan.finished", "booking.changed"]},
    "solve": small_problem(),
}
"""What an admin hands in first, so that there are ids of it."""
LEARNT = 40
"""Most ids that are learnt of one area."""


@dataclass(slots=True)
class Found:
    """What a run has seen."""

    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    faults: dict[tuple[str, str, int], list[str]] = field(default_factory=lambda: defaultdict(list))


class Firm:
    """Ids and versions that exist, to be strewn into requests."""

    def __init__(self, dice: random.Random, ids: dict[str, list[str]]) -> None:
        self._dice = dice
        self._ids = ids
        self._etags: dict[str, str] = {}

    def strew(self, case: Any) -> None:
        """Put what exists in the place of some of what was made up."""
        area = self._area(case)
        for name in list(case.path_parameters or {}):
            if self._ids.get(area) and self._dice.random() < 0.75:
                case.path_parameters[name] = self._dice.choice(self._ids[area])
        if area == "solve" and self._dice.random() < 0.4:
            case.body = small_problem()
        self._strew_body(case.body)
        self._strew_body(case.query)
        etag = self._etags.get(case.formatted_path.removesuffix("/apply"))
        if etag is not None and case.headers is not None and "If-Match" in case.headers and self._dice.random() < 0.7:
            case.headers["If-Match"] = etag

    def learn(self, case: Any, response: Any) -> None:
        """Keep ids and versions of an answer."""
        if etag := response.headers.get("etag"):
            self._etags[case.formatted_path] = etag[0]
        if response.status_code in (201, 202):
            self._keep("change-sets" if case.path.endswith("/runs") else self._area(case), response.json().get("id"))
        if response.status_code == 200 and case.method == "GET" and "json" in response.headers.get("content-type", ""):
            for one in response.json().get("items", ()):
                self._keep(self._area(case), one.get("id"))

    def _keep(self, area: str, made: Any) -> None:
        known = self._ids.setdefault({"solve": "solves"}.get(area, area), [])
        if isinstance(made, str) and made not in known and len(known) < LEARNT:
            known.append(made)

    @staticmethod
    def _area(case: Any) -> str:
        first, second, *_ = case.path.strip("/").split("/")
        return "users" if first == "scim" else str(second)

    def _ids_for(self, name: str) -> list[str]:
        area = {"person_id": "people", "policy_id": "rebalance-policies", "base_id": "scenarios", "scenario_ids": "scenarios"}.get(name)
        return self._ids.get(area or f"{name.removesuffix('_id')}s".replace("_", "-"), []) or self._ids.get(
            f"{name.removesuffix('_id')}s", []
        )

    def _strew_body(self, body: Any) -> None:
        if isinstance(body, list):
            for one in body:
                self._strew_body(one)
        if not isinstance(body, dict):
            return
        for name, value in body.items():
            if name in FITTING and self._dice.random() < 0.5:
                body[name] = FITTING[name]
                continue
            ids = self._ids_for(name)
            if ids and name.endswith(("_id", "_ids")) and not isinstance(value, list) and self._dice.random() < 0.6:
                body[name] = self._dice.choice(ids)
            else:
                self._strew_body(value)


@dataclass(slots=True)
class Run:
    """One run against a server that answers."""

    base: str
    tokens: list[dict[str, str]]
    firm: Firm
    found: Found = field(default_factory=Found)
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, case: Any) -> None:
        """One request, and what is wrong with its answer."""
        self.firm.strew(case)
        name = case.operation.definition.raw["operationId"]
        self.found.asked[name] += 1
        try:
            response = case.call(base_url=self.base, session=self.session, headers=self.tokens[-1], timeout=TIMEOUT_S)
        except requests.RequestException as error:
            self.found.faults[name, type(error).__name__, 0].append(str(error)[:500])
            return
        self.found.statuses[response.status_code] += 1
        if response.status_code < 400:
            self.found.succeeded.add(name)
        self.firm.learn(case, response)
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            for one in failure.exceptions if isinstance(failure, FailureGroup) else [failure]:
                self.found.faults[name, type(one).__name__, response.status_code].append(f"{one}\n{failure}"[:3000])
        if response.status_code == 401 and len(self.tokens) > 1 and not self._is_known():
            self.tokens.pop()

    def _is_known(self) -> bool:
        return requests.get(f"{self.base}/v1/session", headers=self.tokens[-1], timeout=TIMEOUT_S).status_code == 200


def run(run: Run, *, until: float, dice: random.Random) -> None:
    """Round after round through all operations in random order, a few valid and a few invalid requests each."""
    schema = from_url(f"{run.base}/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]  # unreadable: fails here
    while True:
        dice.shuffle(operations)
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if time.monotonic() > until:
                    return
                _batch(run, operation, mode, dice.getrandbits(64))


def _batch(run: Run, operation: Any, mode: GenerationMode, number: int) -> None:
    @seed(number)
    @settings(max_examples=BATCH, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        run.send(case)

    try:
        send()
    except (Unsatisfiable, HypothesisException):
        return  # nothing can be wrong with a request without a body and parameters


def prepare(url: str, folder: Path, role: Role) -> tuple[list[dict[str, str]], dict[str, str], dict[str, list[str]]]:
    """The sample firm with users of a role: their tokens, an admin's, and ids by area."""
    application = Application(Settings(database_url=url, data_dir=folder))
    application.migrate()
    now = datetime.now(UTC)
    load_sample_firm(application.store, actor=LOCAL, now=now)
    demo = next(one.user for one in make_demo_users(application.store, now=now) if one.user.role is role)
    extra = frozenset({COST_AGGREGATE}) if role is Role.RESOURCE_MANAGER else frozenset()
    users = [replace(demo, id=UserId(new_id()), login=f"{role}-{number}", version=0, extra=extra) for number in range(USERS)]
    tokens = [bearer(application, create_user(application.store, actor=LOCAL, user=user, now=now)) for user in users]
    admin = logged_in(application)
    areas = ("skills", "calendars", "people", "absences", "clients", "projects", "demands", "bookings", "bill_rates", "users")
    ids: dict[str, list[str]] = {area: [] for area in areas}
    for actor in (LOCAL, users[0].actor(credential_id="test")):  # half of what is strewn in is the role's own
        with application.store.read(actor) as view:
            for area in areas:
                ids[area] += [one.id for one in view.area(area).all()][:25]
    application.stop()
    return tokens, admin, ids


def handed_in(base: str, admin: dict[str, str]) -> dict[str, list[str]]:
    """A plan, a scenario, a policy and its run, a webhook and a solve of an admin's: their ids by area."""
    found: dict[str, list[str]] = {}
    for area, body in HANDED_IN.items():
        answer = requests.post(f"{base}/v1/{area}", json=body, headers={**admin, "Prefer": "wait=60"}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found[{"solve": "solves"}.get(area, area)] = [answer.json()["id"]]
    run = f"{base}/v1/rebalance-policies/{found['rebalance-policies'][0]}/runs"
    found["change-sets"] = [requests.post(run, json={}, headers=admin, timeout=TIMEOUT_S).json()["id"]]
    jobs = requests.get(f"{base}/v1/jobs", headers=admin, timeout=TIMEOUT_S).json()["items"]
    return found | {"jobs": [one["id"] for one in jobs]}


@contextmanager
def server(url: str, folder: Path) -> Iterator[str]:
    """A server process that is ready; its log lies in the folder."""
    port = free_port()
    extra = {"PYTHONPATH": str(ROOT), "MUSTER_DATA_DIR": str(folder), "MUSTER_SOLVE_MAX_SECONDS": "3", "MUSTER_SOLVE_MAX_WORKERS": "1"}
    extra["MUSTER_WEBHOOK_PRIVATE"] = "1"  # nothing listens at the port, and nothing is sent outside
    command = [*COMMAND, "serve", "--port", str(port), "--database", url]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment(extra), stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(process: subprocess.Popen[bytes], base: str) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{base}/v1/readiness", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server did not become ready")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """A fresh database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'muster.db'}"
        return
    with running_server() as postgres:
        yield postgres.url_of(postgres.create())


def report(found: Found, *, log: str, minutes: float, words: str) -> None:
    """Print what was found, the worst first."""
    silent = sorted(set(found.asked) - found.succeeded)
    print(f"{words}: {minutes:.1f} minutes, {found.asked.total()} requests for {len(found.asked)} operations")
    print(f"  statuses: {dict(sorted(found.statuses.items()))}")
    print(f"  never a success: {', '.join(silent) or 'none'}")
    print(f"  tracebacks in the server's log: {log.count('Traceback')}; failures: {len(found.faults)}")
    for (name, kind, status), texts in sorted(found.faults.items(), key=lambda one: -one[0][2]):
        print(f"--- {name} {status} {kind}, {len(texts)} times:\n{texts[0]}")


def main() -> int:
    """Run; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=[role.value for role in USER_ROLES], required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--log", type=Path, help="where to keep the server's log")
    given_ = parser.parse_args()
    dice = random.Random(given_.seed)
    with tempfile.TemporaryDirectory() as name, database(given_.database, folder := Path(name)) as url:
        tokens, admin, ids = prepare(url, folder, Role(given_.role))
        with server(url, folder) as base:
            ids |= handed_in(base, admin)
            made = Run(base=base, tokens=tokens, firm=Firm(dice, ids))
            began = time.monotonic()
            run(made, until=began + given_.minutes * 60, dice=dice)
            minutes = (time.monotonic() - began) / 60
        log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    if given_.log is not None:
        given_.log.write_text(log, encoding="utf-8")
    words = f"{given_.role} on {given_.database} (--seed {given_.seed}, {USERS - len(tokens)} users lost)"
    report(made.found, log=log, minutes=minutes, words=words)
    return 1 if made.found.faults or "Traceback" in log else 0


if __name__ == "__main__":
    sys.exit(main())
