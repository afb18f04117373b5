"""The committed description is what the code describes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from api.app import bare_app
from api.openapi import COMMITTED, generated, main

ROOT = Path(__file__).parent.parent.parent


def operations() -> dict[str, dict[str, Any]]:
    paths = bare_app().openapi()["paths"]
    return {operation["operationId"]: operation for methods in paths.values() for operation in methods.values()}


def test_the_committed_description_is_current() -> None:
    """Whoever changes an operation commits its description with it."""
    assert COMMITTED.read_text(encoding="utf-8") == generated(), "run: python -m api.openapi"


def test_the_check_says_no_to_another_description(tmp_path: Path, monkeypatch: Any) -> None:
    """The check that CI runs fails on a description that is not current, and on bad arguments."""
    assert main(["--check"]) == 0
    old = tmp_path / "openapi.json"
    old.write_text("{}")
    monkeypatch.setattr("api.openapi.COMMITTED", old)
    assert main(["--check"]) == 1
    assert main(["--chekc"]) == 2


def test_the_check_runs_as_a_command() -> None:
    """`python -m api.openapi --check` needs no database."""
    done = subprocess.run([sys.executable, "-m", "api.openapi", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_post_takes_an_idempotency_key_and_every_change_a_version() -> None:
    """The rules of repetition and of versions hold for all operations, as the description says them."""
    for path, methods in bare_app().openapi()["paths"].items():
        for method, operation in methods.items():
            headers = {p["name"]: p["required"] for p in operation.get("parameters", []) if p["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method == "post"), path
            assert headers.get("If-Match", False) == (method in {"patch", "put", "delete"} or path.endswith("/apply")), path


def test_every_operation_describes_its_errors_as_problems() -> None:
    """No operation describes the framework's own error shape."""
    for name, operation in operations().items():
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert "422" in errors, name
        for answer in errors.values():
            assert set(answer["content"]) == {"application/problem+json"}, name
