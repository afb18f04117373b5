"""One request, one kill, and what came of it: for each kind of request that is acknowledged and done later or at once."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.killed_installation import GIVE_UP_S

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from benchmarks.killed_installation import Installation

PLAN = {"horizon_start": "2027-03-01", "weeks": 4, "limits": {"time_limit_s": 20, "workers": 1}}
OPEN = frozenset({"queued", "running"})
SOLVER = "solver"
TOO_SLOW = frozenset({"solver.timed_out"})
"""A search that the machine was too busy for: it has ended, once, and says so."""


class TooSlowError(RuntimeError):
    """The request was done, and came to a failure that says that there was no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What was killed when, and how the request ended."""

    kind: str
    victim: str
    delay_s: float
    ended_after_s: float
    """From the kill to the end: with a command that is given again, all of it."""
    taken_over_after_s: float | None
    """From the kill until another process began the job that was broken off; ``None`` where none was."""
    effects: int
    found: str
    is_too_slow: bool = False
    """It ended once, with the word that the machine was too slow for its time limit."""

    @property
    def is_lost(self) -> bool:
        """Whether the acknowledged request came to nothing."""
        return self.effects == 0

    @property
    def is_doubled(self) -> bool:
        """Whether it came to more than it should."""
        return self.effects > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of request: what is sent, and how many effects it had."""

    name: str
    act: Callable[[Installation, str], int]
    longest_delay_s: float
    needs_postgresql: bool = False
    prepare: Callable[[Installation], None] = lambda _installation: None

    def play(self, installation: Installation, dice: random.Random) -> Round:
        """Send the request from a thread, kill, start again, and look when it is done."""
        self.prepare(installation)
        victim = dice.choice([*installation.processes, SOLVER] if self.name != "apply" else ["server"])
        delay = dice.uniform(0, self.longest_delay_s)
        outcome: list[Any] = []

        def send() -> None:
            try:
                outcome.append(self.act(installation, f"{self.name} {uuid.uuid4()}"))
            except Exception as error:  # noqa: BLE001 - told as the round's outcome
                outcome.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(delay)
        killed_at, killed_on = time.monotonic(), datetime.now(UTC)
        _kill(installation, victim)
        sender.join()
        took = time.monotonic() - killed_at
        too_slow = isinstance(outcome[0], TooSlowError)
        effects = outcome[0] if isinstance(outcome[0], int) else int(too_slow)
        return Round(
            kind=self.name,
            victim=victim,
            delay_s=delay,
            ended_after_s=took,
            taken_over_after_s=_taken_over_after_s(installation, killed_on),
            effects=effects,
            found=str(outcome[0]),
            is_too_slow=too_slow,
        )


def _taken_over_after_s(installation: Installation, killed_on: datetime) -> float | None:
    """Of the jobs that were there and were begun again since, the one that waited longest."""
    jobs = installation.ask("GET", "/v1/jobs?sort=-created_at&limit=20").json()["items"]
    begun = [
        (datetime.fromisoformat(job["started_at"]) - killed_on).total_seconds()
        for job in jobs
        if job["attempts"] > 1 and job["started_at"] is not None and datetime.fromisoformat(job["created_at"]) < killed_on
    ]
    return max((seconds for seconds in begun if seconds >= 0), default=None)


def _kill(installation: Installation, victim: str) -> None:
    if victim == SOLVER:
        until = time.monotonic() + 3
        while time.monotonic() < until and not installation.kill_solver():
            time.sleep(0.005)
        return
    installation.kill(victim)
    installation.start(victim)


def _ended(installation: Installation, path: str) -> dict[str, Any]:
    """What is at an address, once it has ended."""
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        found: dict[str, Any] = installation.ask("GET", path).json()
        if found["state"] not in OPEN:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is still {found['state']} after {found['attempts']} attempts")
        time.sleep(0.1)


def _planned(installation: Installation, key: str) -> dict[str, Any]:
    plan = installation.ask("POST", "/v1/plans", body=PLAN, headers={"Idempotency-Key": key}).json()
    return _ended(installation, f"/v1/plans/{plan['id']}")


def _plan(installation: Installation, key: str) -> int:
    """One plan more that succeeded, and one job for it."""
    known = {one["id"] for one in installation.items("/v1/plans")}
    plan = _planned(installation, key)
    _require_success(plan)
    jobs = installation.ask("GET", f"/v1/jobs?target_id={plan['id']}").json()["items"]
    new = {one["id"] for one in installation.items("/v1/plans")} - known
    return max(len(new), len(jobs))


def _solve(installation: Installation, key: str) -> int:
    """One solve more that succeeded."""
    problem = {
        "format": "staffing-problem/1",
        "currency": "EUR",
        "periods": ["2027-01-04"],
        "people": [{"id": f"p{n}", "capacity": [2400], "cost_rate": 6000 + n, "skills": {}} for n in range(4)],
        "demands": [{"id": f"d{n}", "project": "p", "effort": [1200], "value_rate": 10000, "requires": {}} for n in range(6)],
    }
    known = {one["id"] for one in installation.items("/v1/jobs")}
    sent = installation.ask("POST", "/v1/solve?time_limit_s=5", body=problem, headers={"Idempotency-Key": key}).json()
    solve = _ended(installation, f"/v1/solves/{sent['id']}")
    new = {one["id"] for one in installation.items("/v1/jobs")} - known
    _require_success(solve)
    if not solve["plan"]["assignments"]:
        raise RuntimeError("the solve came to nothing")
    return len(new)


def _require_success(found: Mapping[str, Any]) -> None:
    if found["state"] != "succeeded":
        kind = TooSlowError if (found["failure"] or {}).get("code") in TOO_SLOW else RuntimeError
        raise kind(f"{found['state']}: {found['failure']}")


def _clear(installation: Installation) -> None:
    """Remove every booking."""
    for booking in installation.items("/v1/bookings"):
        installation.ask("DELETE", f"/v1/bookings/{booking['id']}", headers={"If-Match": f'"{booking["version"]}"'}, wanted={204, 404})


_READY: dict[int, dict[str, Any]] = {}


def _clear_and_plan(installation: Installation) -> None:
    _clear(installation)
    _READY[id(installation)] = _planned(installation, f"ready {uuid.uuid4()}")


def _apply(installation: Installation, key: str) -> int:
    """Every demand booked once: as many times as the demand that is booked most often, none when one is not booked."""
    plan = _READY[id(installation)]
    headers = {"Idempotency-Key": key, "If-Match": f'"{plan["version"]}"'}
    installation.ask("POST", f"/v1/plans/{plan['id']}/apply", body={"state": "tentative"}, headers=headers)
    return _times_booked(installation)


def _times_booked(installation: Installation) -> int:
    booked = [booking["demand_id"] for booking in installation.items("/v1/bookings")]
    counts = [booked.count(demand["id"]) for demand in installation.items("/v1/demands")]
    return 0 if min(counts) == 0 else max(counts)


def _rebalance(installation: Installation, _key: str) -> int:
    """The command, killed too now and then, and given again until it ends well: every demand is booked once."""
    arguments = ("rebalance", "--from", "2027-03-01", "--weeks", "4", "--frozen-weeks", "0", "--max-moved", "1", "--time-limit", "20")
    first = installation.begin(*arguments)
    time.sleep(uuid.uuid4().int % 4_000 / 1_000)
    first.kill()
    first.wait()
    codes: list[int | None] = []
    while len(codes) < 5 and 0 not in codes:
        codes.append(installation.finish(installation.begin(*arguments)))
    booked = _times_booked(installation)
    if booked == 0:
        told = installation.told_by_commands()
        raise (TooSlowError if any(code in told for code in TOO_SLOW) else RuntimeError)(f"exit codes {codes}: {told[-400:]}")
    return booked


ROUNDS: Mapping[str, Kind] = {
    "plan": Kind(name="plan", act=_plan, longest_delay_s=2.5),
    "solve": Kind(name="solve", act=_solve, longest_delay_s=2.5),
    "apply": Kind(name="apply", act=_apply, longest_delay_s=0.15, prepare=_clear_and_plan),
    "rebalance": Kind(name="rebalance", act=_rebalance, longest_delay_s=6, prepare=_clear, needs_postgresql=True),
}
