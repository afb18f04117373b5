"""Copies of a SQLite database: whole, consistent, checked, and never over something else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.store import SchemaState, Store
from scheduler.store.backup import back_up
from tests.factories import make_skill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def writer(url: str) -> Iterator[Callable[[], int]]:
    """A process that writes without a pause; asked, it gives the number of the next transaction that is committed."""
    command = [sys.executable, "-m", "tests.store.growing_database", url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = process.stdout
    try:
        yield lambda: int(lines.readline())
    finally:
        process.kill()
        process.communicate()


def refusal(url: str, target: Path) -> DomainError:
    before = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    with pytest.raises(DomainError) as caught:
        back_up(url, target)
    assert (sorted(target.parent.iterdir()) if target.parent.is_dir() else []) == before
    return caught.value


def numbers(file: Path, table: str) -> set[int]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {int(row[0]) for row in connection.execute(f"SELECT id FROM {table}")}


def test_a_copy_taken_while_another_process_writes_is_one_committed_state(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """Everything committed before the copy is in it, later transactions up to some one, and never half of one."""
    with writer(migrated_sqlite_url) as committed:
        for round_number in range(3):
            while (known := committed()) < 20 * (round_number + 1):
                pass
            copy = tmp_path / f"copy{round_number}.db"
            done = back_up(migrated_sqlite_url, copy)
            skills = numbers(copy, "skills")
            assert (done.schema, done.size_bytes) == (SchemaState.CURRENT, copy.stat().st_size)
            assert skills == numbers(copy, "clients") == set(range(1, len(skills) + 1))
            assert len(skills) >= known
        after = committed()
    assert after > known
    assert {path.name for path in tmp_path.iterdir()} >= {"copy0.db", "copy1.db", "copy2.db"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") or path.name.startswith("copy0.db-")]


def test_the_copy_is_a_database_to_go_on_with(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """Put in the database's place it opens, has what was there, and takes more."""
    with closing(Store(migrated_sqlite_url)) as store, store.begin(LOCAL) as tx:
        tx.skills.add(make_skill("sap"))
    back_up(migrated_sqlite_url, tmp_path / "copy.db")
    with closing(Store(f"sqlite:///{tmp_path / 'copy.db'}")) as restored:
        with restored.begin(LOCAL) as tx:
            tx.skills.add(make_skill("java"))
        with restored.read(LOCAL) as view:
            assert {skill.id for skill in view.skills.all()} == {"sap", "java"}


def test_the_database_and_its_log_are_not_touched(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """After a crash the log holds what the file does not: it is in the copy, and stays where it is, though nobody else is connected."""
    with writer(migrated_sqlite_url) as committed:
        while (known := committed()) < 5:
            pass
    files = [tmp_path / "muster.db", tmp_path / "muster.db-wal"]
    before = [file.read_bytes() for file in files]
    assert before[1]
    back_up(migrated_sqlite_url, tmp_path / "copy.db")
    assert [file.read_bytes() for file in files] == before
    assert numbers(tmp_path / "copy.db", "skills") >= set(range(1, known + 1))


def test_a_copy_may_be_read_by_whoever_may_read_the_database(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """It holds the same salaries."""
    (tmp_path / "muster.db").chmod(0o640)
    back_up(migrated_sqlite_url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["file", "folder", "link", "muster.db"])
def test_nothing_is_overwritten(migrated_sqlite_url: str, tmp_path: Path, name: str) -> None:
    """A file, a directory, a link that leads nowhere, the database itself: all stay as they are."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    error = refusal(migrated_sqlite_url, tmp_path / name)
    assert (error.code, "never overwrites" in error.detail) == ("backup.target_invalid", True)
    assert (tmp_path / "file").read_text() == "mine"


def test_of_several_backups_to_one_name_one_is_made(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """All find the name free; whoever is done first has it, the others are refused and leave nothing behind."""
    target = tmp_path / "copy.db"

    def outcome(_number: int) -> str:
        try:
            back_up(migrated_sqlite_url, target)
        except DomainError as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(outcome, range(4))) == [*["backup.target_invalid"] * 3, "made"]
    assert numbers(target, "skills") == set()
    assert list(tmp_path.glob(".copy.db*")) == []


@pytest.mark.parametrize(
    ("target", "words"), [("missing/copy.db", "does not exist"), ("file/copy.db", "does not exist"), ("stale.db", "stale.db-wal exists")]
)
def test_a_place_that_cannot_be_used_is_refused(migrated_sqlite_url: str, tmp_path: Path, target: str, words: str) -> None:
    """No directory, a file where one should be, or a log left behind that SQLite would play into the copy."""
    (tmp_path / "file").touch()
    (tmp_path / "stale.db-wal").touch()
    error = refusal(migrated_sqlite_url, tmp_path / target)
    assert (error.code, words in error.detail) == ("backup.target_invalid", True)


def test_d10_what_is_no_sound_database_is_not_copied(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """Missing, empty, garbage, somebody else's, damaged: refused with the reason, and nothing is left behind."""
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    raw = (tmp_path / "muster.db").read_bytes()
    (tmp_path / "empty.db").touch()
    (tmp_path / "garbage.db").write_bytes(b"no database" * 1000)
    (tmp_path / "cut.db").write_bytes(raw[: len(raw) // 2])
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE notes (text)")
    for name, code in (("missing", "backup.no_database"), *((name, "backup.failed") for name in ("empty", "garbage", "cut", "other"))):
        assert refusal(f"sqlite:///{tmp_path / name}.db", target).code == code


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("UPDATE alembic_version SET version_num = 'from the future'", SchemaState.NEWER),
        ("DELETE FROM alembic_version", SchemaState.OLDER),
    ],
)
def test_the_copy_says_how_its_tables_compare(migrated_sqlite_url: str, tmp_path: Path, change: str, state: SchemaState) -> None:
    """A database may be backed up before it is migrated, or when a newer program has done so."""
    with closing(sqlite3.connect(tmp_path / "muster.db")) as connection, connection:
        connection.execute(change)
    assert back_up(migrated_sqlite_url, tmp_path / "copy.db").schema is state


def test_postgresql_has_its_own_tool(tmp_path: Path) -> None:
    """The refusal names it, and not the password."""
    error = refusal("postgresql+psycopg://muster:secret@localhost/muster", tmp_path / "copy.db")
    assert (error.code, "pg_dump" in error.detail, "secret" in error.detail) == ("backup.not_sqlite", True, False)
