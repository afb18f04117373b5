"""``muster audit`` and ``muster person`` as processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from scheduler.domain.ground.access import LOCAL
from scheduler.store import Store
from tests import factories as make
from tests.cli.muster_process import muster
from tests.lasting_stores import unguarded

if TYPE_CHECKING:
    from pathlib import Path


def fill(url: str) -> None:
    store = Store(url)
    with store.begin(LOCAL) as tx:
        tx.skills.add(make.make_skill())
        tx.calendars.add(make.make_calendar())
    with store.begin(LOCAL) as tx:
        tx.people.add(make.make_person(external_id="HR-1"))
    store.close()


def test_verify_holds_then_names_the_first_broken_record(tmp_path: Path, migrated_url: str) -> None:
    """Exit 0 and the place to note down; exit 1 and the record's place, for people and as JSON."""
    fill(migrated_url)
    held = muster("audit", "verify", "--json", "--database", migrated_url, cwd=tmp_path)
    assert held.returncode == 0, held.stderr
    last = json.loads(held.stdout)["last"]
    anchor = f"{last['position']}:{last['hash']}"
    assert muster("audit", "verify", "--anchor", anchor, "--database", migrated_url, cwd=tmp_path).stdout.endswith(f"{anchor}\n")
    wrong = muster("audit", "verify", "--anchor", f"1:{'0' * 64}", "--database", migrated_url, cwd=tmp_path)
    assert (wrong.returncode, "record 1 is broken" in wrong.stdout) == (1, True)
    store = Store(migrated_url)
    with store.engine.begin() as connection, unguarded(connection):
        connection.execute(text("UPDATE audit_records SET actor_id = 'somebody' WHERE position = 2"))
    store.close()
    broken = muster("audit", "verify", "--json", "--database", migrated_url, cwd=tmp_path)
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["broken"]["position"] == 2


def test_list_shows_changes_newest_first(tmp_path: Path, migrated_sqlite_url: str) -> None:
    """One line for each row, or JSON with what was before and after; what cannot be read is refused."""
    fill(migrated_sqlite_url)
    lines = muster("audit", "list", "--database", migrated_sqlite_url, cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1", "1"]
    assert "created  people ann" in lines[0]
    assert lines[0].endswith("by local from cli")
    page = json.loads(muster("audit", "list", "--area", "people", "--json", "--database", migrated_sqlite_url, cwd=tmp_path).stdout)
    assert page["items"][0]["after"]["name"] == "Ann"
    assert muster("audit", "list", "--from", "yesterday", "--database", migrated_sqlite_url, cwd=tmp_path).returncode == 2
    missing = muster("audit", "list", "--database", f"sqlite:///{tmp_path}/none.db", cwd=tmp_path)
    assert (missing.returncode, (tmp_path / "none.db").exists()) == (2, False)
    assert muster("audit", "verify", "--anchor", "7", "--database", migrated_sqlite_url, cwd=tmp_path).returncode == 2


def test_export_then_erase(tmp_path: Path, migrated_url: str) -> None:
    """An export is for its reader alone; an erasure wants the id once more, and says what it did."""
    fill(migrated_url)
    place = ("--database", migrated_url)
    done = muster("person", "export", "HR-1", "-o", "ann.json", *place, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ann.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "ann.json").read_text())["records"]["people"]["current"][0]["name"] == "Ann"
    assert muster("person", "export", "HR-1", "-o", "ann.json", *place, cwd=tmp_path).returncode == 2
    tried = muster("person", "erase", "HR-1", "--dry-run", *place, cwd=tmp_path)
    assert (tried.returncode, "nothing was erased" in tried.stdout) == (0, True)
    refused = muster("person", "erase", "ann", *place, cwd=tmp_path)
    assert (refused.returncode, "--confirm ann" in refused.stderr) == (2, True)
    erased = muster("person", "erase", "HR-1", "--confirm", "ann", "--json", *place, cwd=tmp_path)
    assert erased.returncode == 0, erased.stderr
    assert json.loads(erased.stdout)["rewritten"]["people_versions"] == 1
    assert muster("person", "export", "HR-1", *place, cwd=tmp_path).returncode == 2
    assert '"Ann"' not in muster("person", "export", "ann", *place, cwd=tmp_path).stdout
    assert muster("audit", "verify", *place, cwd=tmp_path).returncode == 0
