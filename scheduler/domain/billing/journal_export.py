"""Entries as lines that accounting programs book: in the firm's currency, whatever the document's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.journal_lines import JournalLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scheduler.domain.billing.journal import Entry


def lines_in(home: str, entries: Iterable[Entry]) -> Iterator[JournalLine]:
    """
    What each entry counts for in the firm's currency ``home``; an entry that counts for nothing there has no line.

    A foreign entry's own currency is in its text. Raises DomainError ``input.invalid`` for an account's name that is too long.
    """
    for entry in entries:
        counted = [one for one in entry.postings if one.worth.home]
        text = entry.text if entry.about.currency == home else f"{entry.text} ({entry.about.currency})"
        for number, one in enumerate(counted):
            yield JournalLine(
                entry_id=entry.id,
                date=entry.date,
                account=one.account,
                contra_account=counted[1 - number].account if len(counted) == 2 else None,
                debit_minor=max(0, one.worth.home),
                credit_minor=max(0, -one.worth.home),
                currency=home,
                text=text,
                document_number=entry.about.document_number,
                project=entry.about.project,
                client=entry.about.client,
            )
