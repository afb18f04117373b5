"""The committed description is what the code describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.openapi import COMMITTED, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))
    return found


def test_the_committed_description_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes an operation commits its description with it: the check that CI runs fails on any other."""
    assert main(["--check"]) == 0, "run: python -m api.openapi"
    old = tmp_path / "openapi.json"
    old.write_text(COMMITTED.read_text(encoding="utf-8").replace("/v1/people", "/v1/staff"))
    monkeypatch.setattr("api.openapi.COMMITTED", old)
    assert main(["--check"]) == 1
    assert main(["--chekc"]) == 2


GIVES_SECRETS = {
    "/v1/session",
    "/v1/session/password",
    "/v1/setup",
    "/v1/password_resets",
    "/v1/oidc/link",
    "/v1/users/{user_id}/reset",
    "/v1/tokens",
    "/v1/webhooks",
}
"""What takes or gives a secret keeps no answer, so it takes no Idempotency-Key."""
HAS_NO_VERSIONS = {
    *("/v1/session", "/v1/tokens/{token_id}", "/v1/webhooks/{webhook_id}", "/v1/notifications", "/v1/timer"),
    "/v1/people/{person_id}/time-week",  # each of its cells has the version of its entry
}
STEPS = (
    *("/apply", "/approve", "/reject", "/undo", "/withdraw", "/win", "/lose", "/lift", "/receipts", "/unapprove"),
    "/absence-requests/{request_id}/cancel",
    *(f"/invoices/{{invoice_id}}/{step}" for step in ("reopen", "cancel", "issue", "void", "credit")),
)
"""POSTs to a thing that is there, in the version that the caller saw."""
HAS_LINES = ("/approvals/approve", "/approvals/reject", "/approvals/unapprove")
"""Steps of many lines, each with its version in the body."""


def test_every_post_takes_an_idempotency_key_and_every_change_a_version() -> None:
    """The rules of repetition and of versions hold for all operations, as the description says them."""
    for path, methods in description()["paths"].items():
        if path.startswith("/scim/"):
            continue  # the standard has its own rules of repetition, and providers send neither
        for method, operation in methods.items():
            headers = {p["name"]: p["required"] for p in operation.get("parameters", []) if p["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method == "post" and path not in GIVES_SECRETS), path
            changes = method in {"patch", "put", "delete"} and path not in HAS_NO_VERSIONS
            changes |= method == "post" and path.endswith(STEPS) and not path.endswith(HAS_LINES)
            assert headers.get("If-Match", False) == changes, path


def test_every_operation_describes_its_errors_as_problems() -> None:
    """No operation describes the framework's own error shape; what is under SCIM's address describes SCIM's, which has no 422."""
    for path, methods in description()["paths"].items():
        is_scim = path.startswith("/scim/")
        for operation in methods.values():
            errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert ("422" in errors) is not is_scim, path
            for answer in errors.values():
                assert set(answer["content"]) == {"application/scim+json" if is_scim else "application/problem+json"}, path
