"""An import whose process is killed leaves nothing, and can be run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from scheduler.store import Store
from tests.integrations.firm_files import count_all, run, standard_map
from tests.integrations.killed_import import ROWS, many_clients

ROOT = Path(__file__).parents[2]


def test_i20_an_import_killed_on_its_way_leaves_nothing(migrated_url: str) -> None:
    """SIGKILL after 500 of 5,000 rows were written: none of them is there; a second run imports all."""
    command = [sys.executable, "-m", "tests.integrations.killed_import", migrated_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "under way\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    store = Store(migrated_url)
    try:
        assert count_all(store) == 0
        assert run(store, [many_clients()], standard_map("clients")).created == ROWS
    finally:
        store.close()
