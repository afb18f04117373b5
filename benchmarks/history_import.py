"""
How long it takes to import 100,000 time entries of other software, and how much memory that needs.

``python -m benchmarks.history_import`` fills a SQLite file, ``--database URL`` an empty PostgreSQL database: 200 people and 100 projects with
bill rates, then the approved entries of 500 weekdays, then the same file once more, then the file beside rates that begin after it. It ends
with 1 when any of these takes longer than the target, or when the hours in the database are not those of the file.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.integrations.imports import Source, import_files, read_map
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.integrations.imports import ImportReport
    from scheduler.store import Store

TARGET_S = 60.0
FIRST = date(2023, 1, 2)
PEOPLE = 200
PROJECTS = 100
_FIRM = '[firm]\nname = "Firm"\ncurrency = "EUR"\nshadow_rate = "40"\n'


def firm_files(*, last: date) -> Mapping[str, str]:
    """Whatever entries refer to, with rates until a last day."""
    return {
        "calendars": "id,name\nc,Plain\n",
        "people": "id,name\n" + "".join(f"p{n},Person {n}\n" for n in range(PEOPLE)),
        "terms": "person,start,employment,calendar,weekly_hours,cost_rate\n"
        + "".join(f"p{n},2020-01-01,employee,c,40,{50 + n % 40}\n" for n in range(PEOPLE)),
        "clients": "id,name\nacme,Acme\n",
        "projects": "id,name,client\n" + "".join(f"j{n},Project {n},acme\n" for n in range(PROJECTS)),
        "bill_rates": _rates(until=last),
    }


def entries_file(entries: int) -> tuple[str, int]:
    """Entries of a day for each person in turn, and their minutes in all."""
    lines, minutes = ["id,person,project,day,hours,state,note\n"], 0
    for n in range(entries):
        weeks, weekday = divmod(n // PEOPLE, 5)
        quarters = 1 + n % 32
        minutes += 15 * quarters
        day = FIRST + timedelta(days=7 * weeks + weekday)
        lines.append(f"e{n},p{n % PEOPLE},j{n * 7 % PROJECTS},{day},{quarters / 4},approved,Work of {n}\n")
    return "".join(lines), minutes


def timed(store: Store, files: Mapping[str, str], *, firm: bool = False) -> tuple[float, ImportReport]:
    """Seconds that an import takes, and what came of it."""
    text = 'format = "muster-import/1"\n' + (_FIRM if firm else "")
    text += "".join(f'[files.{area}]\npath = "{area}.csv"\n[[{area}]]\nfile = "{area}"\n' for area in files)
    sources = [Source(f"{area}.csv", content.encode()) for area, content in files.items()]
    began = time.perf_counter()
    report = import_files(store, actor=LOCAL, sources=sources, mapping=read_map(text.encode()), dry_run=False, now=datetime.now(UTC))
    return time.perf_counter() - began, report


def _rates(*, since: date | None = None, until: date | None = None) -> str:
    days = f"{since or ''},{until or ''}"
    return "id,project,rate,valid_from,valid_until\n" + "".join(f"r{n}{since or ''},j{n},{80 + n % 50},{days}\n" for n in range(PROJECTS))


def _minutes(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.sum(TIME_ENTRIES.c.minutes))).scalar_one())


def _told(what: str, measured: Iterable[tuple[str, float]]) -> str:
    return f"{what}: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in measured)


def main() -> int:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it a SQLite file")
    parser.add_argument("--entries", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'history.db'}"
        application = Application(Settings(database_url=url, data_dir=Path(folder)))
        application.migrate()
        store = application.store
        last = FIRST + timedelta(weeks=1 + options.entries // PEOPLE // 5)
        timed(store, firm_files(last=last), firm=True)
        content, minutes = entries_file(options.entries)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        first, report = timed(store, {"time_entries": content})
        again, unchanged = timed(store, {"time_entries": content})
        beside, _ = timed(store, {"time_entries": content, "bill_rates": _rates(since=last + timedelta(days=1))})
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        is_whole = _minutes(store) == minutes and (report.created, unchanged.unchanged) == (options.entries, options.entries)
        measured = (("new", first), ("again", again), ("beside rates", beside))
        print(
            _told(f"{store.engine.dialect.name}: {options.entries:,} entries", measured)
            + f" (target {TARGET_S:.0f} s each); memory {before / 1024:.0f} MB before, {peak / 1024:.0f} MB at most;"
            f" hours in are hours out: {is_whole}",
            flush=True,
        )
        application.stop()
    return int(not is_whole or max(first, again, beside) > TARGET_S)


if __name__ == "__main__":
    sys.exit(main())
