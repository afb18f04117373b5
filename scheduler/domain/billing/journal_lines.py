"""Lines of a journal: what is booked on which account. An entry's debits are its credits, or it is no entry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import SUM_MAX
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import check_currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

ACCOUNT_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One side of an entry: an amount above 0 that is debited or credited, never both."""

    entry_id: str
    date: date
    account: str
    contra_account: str | None
    """The other side's account where there is one alone."""
    debit_minor: int
    credit_minor: int
    currency: str
    text: str | None = None
    document_number: str | None = None
    project: str | None = None
    client: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "entry_id", faults.text("/entry_id", self.entry_id))
        object.__setattr__(self, "account", faults.text("/account", self.account, most=ACCOUNT_MAX))
        for name in ("contra_account", "text", "document_number", "project", "client"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        faults.integer("/debit_minor", self.debit_minor, least=0, most=SUM_MAX)
        faults.integer("/credit_minor", self.credit_minor, least=0, most=SUM_MAX)
        if (self.debit_minor == 0) == (self.credit_minor == 0):
            faults.add("/debit_minor", "journal.one_side", "A line debits or credits an amount above 0, and not both.")
        check_currency(faults, "/currency", self.currency)
        faults.raise_any("journal line")

    @property
    def signed_minor(self) -> int:
        """Debits above 0, credits below."""
        return self.debit_minor - self.credit_minor


def entries(lines: Iterable[JournalLine]) -> Iterator[tuple[JournalLine, ...]]:
    """
    The lines by entry, in their order; the lines of one entry stand together.

    Raises DomainError ``journal.unbalanced`` unless each entry's debits are its credits, ``journal.entry_split`` where its lines do not stand
    together or on one day, ``money.currency_mismatch`` where they are in several currencies.
    """
    seen: set[str] = set()
    for entry_id, group in groupby(lines, key=lambda line: line.entry_id):
        entry = tuple(group)
        if entry_id in seen or len({line.date for line in entry}) > 1:
            detail = f"The lines of journal entry {entry_id} do not stand together on one day; sort them by entry."
            raise DomainError(ErrorKind.INVALID, "journal.entry_split", detail, facts={"entry_id": entry_id})
        seen.add(entry_id)
        _require_balanced(entry)
        yield entry


def _require_balanced(entry: Sequence[JournalLine]) -> None:
    currencies = sorted({line.currency for line in entry})
    facts = {"entry_id": entry[0].entry_id}
    if len(currencies) > 1:
        detail = (
            f"Journal entry {entry[0].entry_id} is in {' and '.join(currencies)}; book each currency apart, or convert at a rate first."
        )
        raise DomainError(ErrorKind.INVALID, "money.currency_mismatch", detail, facts=facts)
    left = sum(line.signed_minor for line in entry)
    if left:
        detail = f"The debits of journal entry {entry[0].entry_id} are not its credits: {left} minor units are left."
        raise DomainError(ErrorKind.INVALID, "journal.unbalanced", detail, facts={**facts, "left_minor": left})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An amount from one account to another: what programs book that know no entries of several lines."""

    debit: JournalLine
    credit: JournalLine
    amount_minor: int

    @property
    def detail(self) -> JournalLine:
        """The line that says most precisely what is booked: the smaller one."""
        return min(self.debit, self.credit, key=lambda line: abs(line.signed_minor))


def postings(entry: Sequence[JournalLine]) -> tuple[Posting, ...]:
    """A balanced entry as amounts from account to account; each account gets exactly what its lines say."""
    debits = [line for line in entry if line.debit_minor]
    credits_ = [line for line in entry if line.credit_minor]
    made, left_debit, left_credit = [], 0, 0
    debit = credit = entry[0]
    while debits or credits_ or left_debit:
        if not left_debit:
            debit = debits.pop(0)
            left_debit = debit.debit_minor
        if not left_credit:
            credit = credits_.pop(0)
            left_credit = credit.credit_minor
        amount = min(left_debit, left_credit)
        made.append(Posting(debit=debit, credit=credit, amount_minor=amount))
        left_debit, left_credit = left_debit - amount, left_credit - amount
    return tuple(made)
