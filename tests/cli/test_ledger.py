"""``muster ledger`` as a process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from scheduler.domain.ground.access import LOCAL
from scheduler.store import Store
from scheduler.usecases.ledger import close_month
from tests.cli.muster_process import muster
from tests.ledger_firm import JAN, NOW, fill_books

if TYPE_CHECKING:
    from pathlib import Path


def test_verify_holds_then_names_the_column_that_was_edited(tmp_path: Path, migrated_url: str) -> None:
    """M31: exit 0 when everything follows from its rows; exit 1 and table, row, column, stored and derived when something does not."""
    store = Store(migrated_url)
    fill_books(store)
    close_month(store, actor=LOCAL, month=JAN, now=NOW)
    store.close()
    held = muster("ledger", "verify", "--database", migrated_url, cwd=tmp_path)
    assert (held.returncode, held.stdout.splitlines()[-1]) == (0, "everything holds"), held.stderr
    assert held.stdout.startswith("3 documents, 1 closed months with ")
    store = Store(migrated_url)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE invoice_taxes SET tax_minor = tax_minor - 1 WHERE invoice_id = 'i1'"))
    store.close()
    broken = muster("ledger", "verify", "--json", "--database", migrated_url, cwd=tmp_path)
    found = json.loads(broken.stdout)
    assert (broken.returncode, found["holds"]) == (1, False)
    assert found["difference"] == {"table": "invoice_taxes", "row": "i1/S 19", "column": "tax_minor", "stored": "7599", "derived": "7600"}
    said = muster("ledger", "verify", "--database", migrated_url, cwd=tmp_path)
    assert "broken: invoice_taxes i1/S 19: tax_minor is 7599, and 7600 follows from the rest" in said.stdout
    missing = muster("ledger", "verify", "--database", f"sqlite:///{tmp_path}/none.db", cwd=tmp_path)
    assert missing.returncode == 2
