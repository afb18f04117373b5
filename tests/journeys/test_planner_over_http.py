"""A planner's whole story against a server process: tables in, plan asked for and watched, checked independently, applied, looked back at."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

import scheduler.sample_firm
from tests.cli.muster_process import COMMAND, ROOT, admin_token, environment, muster

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(scheduler.sample_firm.__file__).parent
WEEKS = 12


@contextmanager
def server(cwd: Path, database: str, *, port: int, token: str) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    """A running ``muster serve``, and a client for it."""
    with (cwd / "server.log").open("a") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), "--database", database],
            cwd=cwd,
            env=environment({"PYTHONPATH": str(ROOT)}),
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=90) as client:
            wait_until_ready(process, client, cwd / "server.log")
            yield process, client
    finally:
        process.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[str], client: httpx2.Client, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            if client.get("/v1/readiness").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def import_sample(client: httpx2.Client) -> None:
    tables = [("files", (path.name, path.read_bytes())) for path in sorted(SAMPLE.glob("*.csv"))]
    answer = client.post("/v1/imports", files=[("map", ("map.toml", (SAMPLE / "map.toml").read_bytes())), *tables])
    assert answer.status_code == 201, answer.text


def first_week(client: httpx2.Client) -> str:
    weeks = [one["week"] for demand in client.get("/v1/demands", params={"limit": 500}).json()["items"] for one in demand["effort"]]
    return str(min(weeks))


@pytest.mark.slow
def test_a_planner_over_http(tmp_path: Path) -> None:
    """From an empty database to bookings in force; what the server gave away, the checker on the command line accepts."""
    database, port = f"sqlite:///{tmp_path / 'firm.db'}", free_port()
    token = admin_token(tmp_path, database)
    with server(tmp_path, database, port=port, token=token) as (process, client):
        import_sample(client)
        before = client.get("/v1/bookings", params={"limit": 500}).json()["items"]
        asked = {"horizon_start": first_week(client), "weeks": WEEKS, "limits": {"time_limit_s": 8, "seed": 1}}
        answer = client.post("/v1/plans", json=asked, headers={"Idempotency-Key": "first plan", "Request-Id": "the-planners-own"})
        assert answer.status_code == 202
        address = answer.headers["Location"]
        assert address.startswith(f"http://127.0.0.1:{port}/v1/plans/")
        states = watch(client, address)
        assert states[-1] == "succeeded"
        plan = client.get(address).json()
        check_files(client, address, tmp_path)
        assert plan["plan"]["totals"]["demands_open"] > 0
        assert all(demand["reason"]["sentence"] for demand in plan["plan"]["demands"] if demand["open_minutes"])
        applied = client.post(f"{address}/apply", json={"state": "tentative"}, headers={"If-Match": f'"{plan["version"]}"'})
        assert applied.status_code == 200, applied.text
        now = client.get("/v1/bookings", params={"limit": 500}).json()["items"]
        assert {one["id"] for one in applied.json()["added"]} == {one["id"] for one in now} - {one["id"] for one in before}
        as_then = client.get("/v1/bookings", params={"limit": 500, "as_of": plan["finished_at"]}).json()["items"]
        assert as_then == before
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in {0, -signal.SIGTERM}
        said = [line for line in log_lines(tmp_path) if line.get("request_id") == "the-planners-own"]
        assert [line["status"] for line in said if "status" in line] == [202]
        assert all("job_id" in line for line in said if "status" not in line)
    with server(tmp_path, database, port=port, token=token) as (_, client):
        assert client.get(f"/v1/plans/{plan['id']}").json()["applied_at"] is not None
        assert client.post("/v1/plans", json=asked, headers={"Idempotency-Key": "first plan"}).headers["Idempotent-Replay"] == "true"


def watch(client: httpx2.Client, address: str) -> list[str]:
    """The states that the plan's events tell, in order."""
    states: list[str] = []
    with client.stream("GET", f"{address}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                event: dict[str, Any] = json.loads(line.removeprefix("data: "))
                states.append(event["state"])
    return states


def check_files(client: httpx2.Client, address: str, folder: Path) -> None:
    for name in ("problem", "plan"):
        (folder / f"{name}.json").write_bytes(client.get(f"{address}/{name}").content)
    done = muster("verify", "problem.json", "plan.json", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["feasible"], report["violations"], report["objective_matches"]) == (True, [], True)


def log_lines(folder: Path) -> list[dict[str, Any]]:
    """What the server logged of its requests and jobs, each line a JSON object."""
    return [json.loads(line) for line in (folder / "server.log").read_text().splitlines() if line.startswith("{")]
