"""Requests made up from the description itself: whatever comes, no fault of the server, and answers as described."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_asgi
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from api.app import create_app
from api.openapi import COMMITTED
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.permissions import Role
from tests.logins import logged_in, make_user

if TYPE_CHECKING:
    from pathlib import Path

HOST = {"Host": "127.0.0.1"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DESCRIBED = json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"]
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 2}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
def test_no_made_up_request_is_a_fault_of_the_server(prepared_sqlite_file: Path, tmp_path: Path) -> None:
    """Valid and invalid requests for every operation meet answers that the description has, whatever the caller may do."""
    database = shutil.copy(prepared_sqlite_file, tmp_path / "muster.db")
    application = Application(Settings(database_url=f"sqlite:///{database}", data_dir=tmp_path))
    callers = {role: {**HOST, **logged_in(application, make_user(role=role))} for role in (Role.MEMBER, Role.ADMIN)}
    schema = from_asgi("/v1/openapi.json", create_app(application), headers=HOST)
    tried = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a description that cannot be read would fail here, as it should
        described = DESCRIBED[operation.path][operation.method.lower()]
        if not described.get("parameters") and not described.get("requestBody"):
            continue  # nothing to make up
        for mode, examples in EXAMPLES.items():
            _try(operation.as_strategy(generation_mode=mode), examples, callers)
        tried += 1
    application.stop()
    assert tried > 50


def _try(cases: Any, examples: int, callers: dict[Role, dict[str, str]]) -> None:
    """Making a request up takes longer than answering it, so every caller sends the same ones; the one who may change most is the last."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        derandomize=True,
    )
    @given(case=cases)
    def send(case: Any) -> None:
        for role, headers in callers.items():
            try:
                case.call_and_validate(headers=headers, checks=CHECKS)
            except BaseException as fault:
                fault.add_note(f"asked as {role}")
                raise

    send()
