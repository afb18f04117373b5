"""What both erasing commands ask and report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scheduler.commands.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.staffing.erasure import Erasure


def require_confirmation(person_id: str, confirm: str | None) -> None:
    """Have the id typed or given once more. Raises Refused."""
    if confirm is None and sys.stdin.isatty():
        confirm = input(f"Erase {person_id} for good? Type the id once more: ").strip()
    if confirm != person_id:
        raise Refused(f"not confirmed, so nothing was erased; confirm with --confirm {person_id}. --dry-run says what would be done.")


def report(done: Erasure) -> Iterator[str]:
    """Line by line what was done, or would be."""
    would = "would be " if done.dry_run else ""
    yield f"{done.person_id}: {'dry run, nothing was erased' if done.dry_run else 'erased'}; the name {would or 'is now '}{done.pseudonym}"
    for table, rows in done.rewritten.items():
        yield f"  {table:<24} {rows:>6} rows {would}rewritten"
    for what, rows in done.sealed.items():
        yield f"  {what:<24} {rows:>6} hold values that nobody {'would be able to' if done.dry_run else 'can'} read any more"
    for kept in done.kept:
        yield f"kept: {', '.join(kept.columns)} in {kept.rows} rows of {kept.table}. {kept.why}"
    for mention in done.mentions:
        yield f"look at: the {mention.column} of {mention.table} {mention.row_id} mentions the person"
