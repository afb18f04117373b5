"""The tutorial's commands run, and print what the tutorial shows."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.transcript import missing_lines, run, steps

ROOT = Path(__file__).parent.parent
TUTORIAL_PORT = "8000"
TIMEOUT_S = 240.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the tutorial talks to the server with curl, which is not installed")
def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    """Every command succeeds and its output has the lines shown, numbers aside."""
    markdown = (ROOT / "docs" / "tutorial.md").read_text().replace(TUTORIAL_PORT, str(_free_port()))
    wanted = list(steps(markdown))
    assert len(wanted) > 30
    environment = {name: content for name, content in os.environ.items() if not name.startswith("MUSTER_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    outcomes = run(wanted, folder=tmp_path, environment=environment, timeout_s=TIMEOUT_S)
    wrong = [
        f"$ {outcome.step.command}\nexit code {outcome.exit_code}, not found: {missing_lines(outcome)}\nreal output:\n{outcome.output}"
        for outcome in outcomes
        if outcome.exit_code != 0 or missing_lines(outcome)
    ]
    assert not wrong, "\n\n".join(wrong)
