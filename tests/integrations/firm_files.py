"""Small firms as files: a test says only what differs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.integrations.imports import ImportMap, ImportRefused, ImportReport, Source, import_files, read_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.store import Store

NOW = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)

FILES: Mapping[str, str] = {
    "skills.csv": "id,name\nsap,SAP\nlead,Project Leadership\n",
    "calendars.csv": "id,name,country,subdivision\nmuc,Munich,DE,BY\n",
    "people.csv": "id,name,email\np1,Ana Ruiz,ana@example.org\np2,Bo Sand,\n",
    "terms.csv": (
        "person,start,end,employment,calendar,weekly_hours,cost_rate,location\n"
        "p1,2026-01-01,2026-12-31,employee,muc,40,60,Munich\n"
        "p1,2027-01-01,,employee,muc,32,65.50,Munich\n"
        "p2,2027-01-01,2027-06-30,contractor,muc,40,100,\n"
    ),
    "person_skills.csv": "person,skill,level,valid_from,valid_until\np1,sap,3,,\np2,sap,4,2026-01-01,2027-03-31\n",
    "absences.csv": "person,start,end,part,kind\np1,2027-02-01,2027-02-05,,vacation\n",
    "clients.csv": "id,name\nacme,Acme\n",
    "projects.csv": "id,name,client,state,probability,contract,contract_value\nx,Cross,acme,tentative,0.5,fixed_price,1234.50\n",
    "demands.csv": (
        "id,project,name,requires,first_week,last_week,weekly_hours,only\n"
        "d1,x,Builder,sap: 3,2027-01-04,2027-01-25,20,p1; p2\n"
        "d2,x,Lead,,,,,\n"
    ),
    "demand_weeks.csv": "demand,week,hours\nd2,2027-01-04,7.5\nd2,2027-01-11,0\nd2,2027-01-18,12\n",
    "bill_rates.csv": "project,person,grade,rate,valid_from\nx,p1,,150,\n,,Senior,140,2027-01-01\n",
    "bookings.csv": (
        "id,person,project,demand,start,end,share,weekly_hours,state\n"
        "b1,p1,x,d1,2027-01-04,2027-01-31,1,,locked\n"
        "b2,p2,x,,2027-01-04,2027-01-15,,8,\n"
    ),
}
AREAS = tuple(name.removesuffix(".csv") for name in FILES)


def standard_map(*areas: str) -> ImportMap:
    """The map of Muster's own column names for some areas (all of them where none is named)."""
    chosen = areas or AREAS
    return map_of(
        "".join(f'[files.{area}]\npath = "{area}.csv"\n' for area in chosen) + "".join(f'[[{area}]]\nfile = "{area}"\n' for area in chosen)
    )


def map_of(text: str) -> ImportMap:
    """A map from TOML, without the line that names the format."""
    return read_map(f'format = "muster-import/1"\n{text}'.encode())


def firm_files(**changed: str) -> list[Source]:
    """All files; a keyword replaces the content of the file of that area."""
    return [Source(name, changed.get(name.removesuffix(".csv"), content).encode()) for name, content in FILES.items()]


def run(store: Store, sources: list[Source] | Mapping[str, str | bytes], mapping: ImportMap, *, dry_run: bool = False) -> ImportReport:
    """Import."""
    if not isinstance(sources, list):
        sources = [Source(name, content.encode() if isinstance(content, str) else content) for name, content in sources.items()]
    return import_files(store, actor=LOCAL, sources=sources, mapping=mapping, dry_run=dry_run, now=NOW)


def faults_of(store: Store, sources: list[Source] | Mapping[str, str | bytes], mapping: ImportMap) -> list[tuple[str, str]]:
    """The faults of an import that must be refused: place and code."""
    with pytest.raises(ImportRefused) as refused:
        run(store, sources, mapping)
    assert refused.value.code == "import.refused"
    return [(str(fault.place), fault.code) for fault in refused.value.import_faults]


def count_all(store: Store) -> int:
    """Rows stored in all areas."""
    with store.read(LOCAL) as view:
        areas = ("skills", "calendars", "people", "absences", "clients", "projects", "demands", "bookings", "bill_rates")
        return sum(len(view.area(area).all()) for area in areas) + view.firm.get().version
