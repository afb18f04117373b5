"""Every column of the database is classed, so that nobody can add one of money or personal content without saying who sees it."""

from __future__ import annotations

import re

from scheduler.domain.ground.permissions import GRANTS
from scheduler.store.areas import AREAS
from scheduler.store.sensitivity import CLASSES, NEEDED, Sensitivity
from scheduler.store.tables import METADATA, TWINS

MONEY = re.compile(r"cost|rate$|minor|amount|price|salary|margin|budget_m|bonus|objective|bound")
PERSONAL = re.compile(r"email|phone|birth|address|gender|iban|login$")
PLAIN_ALL_THE_SAME = {("projects", "budget_minutes")}


def test_p07_every_column_is_classed() -> None:
    """A table or column that nobody has classed fails the build, as does a class for a column that is gone."""
    tables = {name: set(table.columns.keys()) for name, table in METADATA.tables.items() if name not in {t.name for t in TWINS.values()}}
    assert {name: set(columns) for name, columns in CLASSES.items()} == tables


def test_p07_money_and_persons_are_not_classed_as_plain() -> None:
    """A column whose name speaks of money or of a person needs a right of its own, or is marked as personal."""
    wrong = []
    for table, columns in CLASSES.items():
        for column, sensitivity in columns.items():
            if (table, column) in PLAIN_ALL_THE_SAME:
                continue
            if MONEY.search(column) and sensitivity not in {Sensitivity.COST, Sensitivity.PRICE}:
                wrong.append((table, column))
            if PERSONAL.search(column) and sensitivity in {Sensitivity.PLAIN, Sensitivity.STAFFING}:
                wrong.append((table, column))
            if column == "person_id" and sensitivity is Sensitivity.PLAIN:
                wrong.append((table, column))
    assert wrong == []


def test_no_area_returns_a_secret() -> None:
    """What somebody proves with who they are lies in no area; each class but that of secrets says which right it needs."""
    for area in AREAS.values():
        for table in (area.table, *(child.table for child in area.children)):
            assert Sensitivity.SECRET not in CLASSES[table.name].values()
    assert set(NEEDED) == set(Sensitivity)
    assert {right for right in NEEDED.values() if right is not None} <= set(GRANTS)
