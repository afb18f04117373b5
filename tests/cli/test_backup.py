"""``muster backup`` from outside; what a copy must be is tested beside the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from scheduler.cli import app
from scheduler.domain.ground.errors import DomainError
from tests.cli.muster_process import muster
from tests.jobs.firms import application

if TYPE_CHECKING:
    from pathlib import Path


def test_a_backup_beside_a_process_that_holds_the_right_to_write(tmp_path: Path, migrated_sqlite_url: str) -> None:
    """It only reads, so it needs no server to stop; a second one of the same name is refused."""
    holder = application(migrated_sqlite_url)
    holder.open_to_write()
    try:
        done = muster("backup", "copy.db", "--json", "--database", migrated_sqlite_url, cwd=tmp_path)
    finally:
        holder.stop()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "source": str(tmp_path / "muster.db"),
        "path": "copy.db",
        "bytes": (tmp_path / "copy.db").stat().st_size,
        "schema": "current",
    }
    again = CliRunner().invoke(app, ["backup", str(tmp_path / "copy.db"), "--database", migrated_sqlite_url])
    assert isinstance(again.exception, DomainError)
    assert again.exception.code == "backup.target_invalid"
