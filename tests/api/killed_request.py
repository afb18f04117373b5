"""
A process of the API that kills itself at a named step of one request: before a statement, before a commit, or before it answers.

What is written between two statements nobody but the database sees, so these are all the steps there are.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.config import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Engine

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])
COMMIT, ANSWER = "COMMIT", "ANSWER"
BASE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The n-th step that begins like this (else of all), counted once another has come."""

    like: str = ""
    number: int = 1
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST to an installation."""

    url: str
    data_dir: Path
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]


def killed_at(step: Step, request: Request) -> bool:
    """Whether the process that was given the request came to the step, and died there; else it has answered."""
    process = _FORKS.Process(target=_serve, args=(step, request))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


@dataclass(slots=True)
class _Steps:
    """Counts the steps that are like the one that is waited for."""

    last: Step
    seen: int = 0
    has_begun: bool = False

    def __post_init__(self) -> None:
        self.has_begun = not self.last.after

    def come_to(self, what: str) -> None:
        if self.has_begun and what.startswith(self.last.like):
            self.seen += 1
            if self.seen == self.last.number:
                os.kill(os.getpid(), signal.SIGKILL)
        self.has_begun = self.has_begun or what.startswith(self.last.after)

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", lambda _1, _2, statement, *_: self.come_to(statement))
        event.listen(engine, "commit", lambda _: self.come_to(COMMIT))


def _serve(step: Step, request: Request) -> None:
    application = Application(Settings(database_url=request.url, data_dir=request.data_dir))
    client, steps = TestClient(create_app(application), base_url=BASE), _Steps(step)
    client.get("/v1/health")
    steps.watch(application.store.engine)
    answer = client.post(request.path, json=dict(request.body), headers=dict(request.headers))
    assert answer.status_code == 200, answer.text
    steps.come_to(ANSWER)
