"""What is stored of bills and of closed months must be what follows from the rows that it is made of; whatever is not is named."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.document_lines import line_net
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.journal import Worth
from scheduler.domain.billing.months import following
from scheduler.domain.billing.open_invoices import is_tax
from scheduler.domain.ground.money import Money, round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.roll_forward import BalanceMonth, Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A column whose content is not what follows from the rest."""

    table: str
    row: str
    column: str
    stored: str
    derived: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.column} is {self.stored}, and {self.derived} follows from the rest"


def differences(table: str, row: str, stored: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterator[Difference]:
    """Columns of ``derived`` that are stored otherwise."""
    for column, wanted in derived.items():
        if stored.get(column) != wanted:
            yield Difference(table=table, row=row, column=column, stored=_said(stored.get(column)), derived=_said(wanted))


def check_document(
    head: Mapping[str, Any],
    *,
    lines: Iterable[Mapping[str, Any]],
    allowances: Iterable[Mapping[str, Any]],
    taxes: Iterable[Mapping[str, Any]],
) -> Iterator[Difference]:
    """
    The rows of a document that was issued: lines from quantity and price, taxes from lines and discounts, sums from all of them.

    The tax of a credit note depends on those before it too: see ``check_taxes``.
    """
    nets: defaultdict[tuple[str, Decimal], int] = defaultdict(int)
    for line in lines:
        net = line_net(line["unit"], line["quantity"], line["unit_price"], head["currency"])
        yield from differences("invoice_lines", f"{head['id']}/{line['position']}", line, {"net_minor": net})
        nets[line["tax_category"].value, line["tax_percent"]] += net
    for one in allowances:
        nets[one["tax_category"].value, one["tax_percent"]] -= one["amount_minor"]
    stored = {(tax["category"].value, tax["percent"]): tax for tax in taxes}
    tax_minor = 0
    for key in sorted(stored.keys() | nets.keys()):
        found = stored.get(key, _NO_TAX)
        derived = {"net_minor": nets[key], "tax_minor": _tax(head, nets[key], key[1], found)} if key in nets else _NO_TAX
        yield from differences("invoice_taxes", f"{head['id']}/{key[0]} {key[1]}", found, derived)
        tax_minor += derived["tax_minor"] or 0
    net_minor = sum(nets.values())
    sums = {"net_minor": net_minor, "tax_minor": tax_minor, "gross_minor": net_minor + tax_minor}
    yield from differences("invoices", head["id"], head, sums)
    if head["home_net_minor"] is not None:
        yield from differences("invoices", head["id"], head, _at_home(head))


def _tax(head: Mapping[str, Any], net_minor: int, percent: Decimal, found: Mapping[str, Any]) -> int | None:
    """
    Of a credit note the one that is kept; see ``check_taxes``.

    Of what was taken over, whose tax may be of several rates, too, as long as its percent follows from it.
    """
    kept: int | None = found["tax_minor"]
    if head["kind"] is InvoiceKind.CREDIT_NOTE:
        return kept
    if head["taken_over_on"] is not None and kept is not None and net_minor > 0 and is_tax(net_minor, percent, kept):
        return kept
    return round_half_up(net_minor * Fraction(percent) / 100)


_NO_TAX: Mapping[str, int | None] = {"net_minor": None, "tax_minor": None}


def _at_home(head: Mapping[str, Any]) -> dict[str, int]:
    net, tax = (
        Money(amount_minor=head[name], currency=head["currency"]).converted(head["home_currency"], head["home_rate"]).amount_minor
        for name in ("net_minor", "tax_minor")
    )
    return {"home_net_minor": net, "home_tax_minor": tax, "home_gross_minor": net + tax}


def check_content(invoice: Invoice, parts: InvoiceParts) -> Iterator[Difference]:
    """The hash of everything that was issued."""
    yield from differences(
        "invoices", invoice.id, {"content_sha256": invoice.content_sha256}, {"content_sha256": content_sha256(invoice, parts)}
    )


def check_series(invoices: Iterable[Invoice], counters: Mapping[tuple[str, str], tuple[int, str | None]]) -> Iterator[Difference]:
    """
    Numbers of each sequence count from 1 without a gap, each chained to the one before; ``counters``: the last number and its hash.

    Those of other books are in no sequence.
    """
    sequences: defaultdict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        if not invoice.is_taken_over:
            sequences[invoice.legal_entity_id, invoice.series or ""].append(invoice)
    for key in sorted(sequences.keys() | counters.keys()):
        chain: str | None = None
        numbered = sorted(sequences[key], key=lambda one: (one.sequence or 0, one.id))
        for expected, invoice in enumerate(numbered, start=1):
            chain = chained(chain, invoice.content_sha256 or "")
            stored = {"sequence": invoice.sequence, "chain_sha256": invoice.chain_sha256}
            yield from differences("invoices", invoice.id, stored, {"sequence": expected, "chain_sha256": chain})
        last, after = counters.get(key, (0, None))
        found = {"last": len(numbered), "chain_sha256": chain}
        yield from differences("number_series", "/".join(key), {"last": last, "chain_sha256": after}, found)


def check_balances(
    contract_id: str, rows: Sequence[tuple[Mapping[str, Any], BalanceMonth]], opening: Opening | None
) -> Iterator[Difference]:
    """A contract's closed months: each opens with what the one before left, and closes with what its movements make of that."""
    before = Worth() if opening is None else Worth(minor=opening.balance_minor, home=opening.home_minor)
    month: date | None = None
    for stored, row in rows:
        name = f"{contract_id}/{row.month:%Y-%m}"
        derived = {
            "opening_minor": before.minor,
            "opening_home_minor": before.home,
            "closing_minor": row.closing_minor,
            "closing_home_minor": row.closing_home_minor,
        }
        if month is not None:
            derived["month"] = following(month)  # type: ignore[assignment]
        yield from differences("contract_balances", name, stored, derived)
        before, month = Worth(minor=row.closing_minor, home=row.closing_home_minor), row.month


def check_rows(
    table: str,
    stored: Iterable[Mapping[str, Any]],
    derived: Iterable[Mapping[str, Any]],
    *,
    key: str,
    named: Callable[[Mapping[str, Any]], str],
) -> Iterator[Difference]:
    """Rows against those that follow, by the column ``key``, which is also what is named of a row that should not be there, or should be."""
    found, wanted = {row[key]: row for row in stored}, {row[key]: row for row in derived}
    for one in sorted(found.keys() | wanted.keys()):
        if one in found and one in wanted:
            yield from differences(table, named(found[one]), found[one], wanted[one])
        elif one in found:
            yield Difference(table=table, row=named(found[one]), column=key, stored=_said(one), derived=_said(None))
        else:
            yield Difference(table=table, row=named(wanted[one]), column=key, stored=_said(None), derived=_said(one))


def check_parts(invoice_id: str, stored: InvoiceParts, derived: InvoiceParts) -> Iterator[Difference]:
    """
    Lines, discounts, and what stands on the lines, against what comes of the work once more.

    Words and trails are held by the hash alone: names in them may have been erased since.
    """

    def of_invoice(column: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda row: f"{invoice_id}/{row[column]}"

    items, found_items = (
        [{**_row(one, _ITEM), "source_id": f"{one.kind}/{one.source_id}"} for one in parts.items] for parts in (derived, stored)
    )
    lines, found_lines = ([_row(one, _LINE) for one in parts.lines] for parts in (derived, stored))
    yield from check_rows("invoice_lines", found_lines, lines, key="position", named=of_invoice("position"))
    yield from check_rows("invoice_items", found_items, items, key="source_id", named=of_invoice("source_id"))
    off, found_off = (
        [{**_row(one, _ALLOWANCE), "position": number} for number, one in enumerate(parts.allowances, start=1)]
        for parts in (derived, stored)
    )
    yield from check_rows("invoice_allowances", found_off, off, key="position", named=of_invoice("position"))


def check_taxes(invoice_id: str, stored: InvoiceParts, derived: InvoiceParts) -> Iterator[Difference]:
    """Of a credit note: what of each tax goes back with it."""
    taxes, found = (
        [
            {"percent": f"{one.category.value} {one.rate.normalize():f}", "net_minor": one.net_minor, "tax_minor": one.tax_minor}
            for one in parts.taxes
        ]
        for parts in (derived, stored)
    )
    yield from check_rows("invoice_taxes", found, taxes, key="percent", named=lambda row: f"{invoice_id}/{row['percent']}")


_LINE = (
    "position",
    "kind",
    "unit",
    "quantity",
    "unit_price",
    "net_minor",
    "tax_category",
    "tax_percent",
    "contract_id",
    "project_id",
    "person_id",
    "service_from",
    "service_until",
    "tells_cost",
    "credits_position",
)
_ITEM = ("position", "day", "net_minor", "person_id", "minutes", "billed_minutes")
_ALLOWANCE = ("contract_id", "base_minor", "percent", "amount_minor", "tax_category", "tax_percent")


def _row(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value)[:200]
