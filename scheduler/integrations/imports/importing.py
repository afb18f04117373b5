"""The import itself: read, check everything, write in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import COST_READ, IMPORTS_CREATE, PRICE_READ, PRIVATE_READ, STAFFING_READ
from scheduler.domain.staffing.change_orders import check_value_stays
from scheduler.domain.staffing.consistency import check_currency_stays
from scheduler.domain.staffing.work import Firm, Project
from scheduler.integrations.imports.billing_checks import check_billing
from scheduler.integrations.imports.drafts import Drafting, blame
from scheduler.integrations.imports.faults import Faults, ImportRefused, Place
from scheduler.integrations.imports.opening_books import KEEPERS
from scheduler.integrations.imports.reconciliation import reconciled
from scheduler.integrations.imports.records import read_records
from scheduler.integrations.imports.references import GROWING_AREAS, STORED_AREAS
from scheduler.planning.price_changes import check_approved_stays
from scheduler.store import retried
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.open_invoices import taken_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.person_days import OverbookedWeek
    from scheduler.integrations.imports.draft import Draft
    from scheduler.integrations.imports.map_values import ImportMap
    from scheduler.integrations.imports.reconciliation import Reconciled
    from scheduler.integrations.imports.records import Records
    from scheduler.integrations.imports.tables import Source
    from scheduler.store import Store
    from scheduler.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCount:
    """What became of the records of one area."""

    area: str
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or (``dry_run``) would do."""

    dry_run: bool
    rows_read: int
    areas: tuple[AreaCount, ...]
    notes: tuple[str, ...]
    """Assumptions that the map makes."""
    unused_files: tuple[str, ...]
    """Files given that the map does not name."""
    totals: tuple[Reconciled, ...] = ()
    """What the files say of hours and amounts, against what is stored."""

    @property
    def created(self) -> int:
        """Values that were new."""
        return sum(count.created for count in self.areas)

    @property
    def changed(self) -> int:
        """Values that were stored and differed."""
        return sum(count.changed for count in self.areas)

    @property
    def unchanged(self) -> int:
        """Values that had been imported already and stay as they are."""
        return sum(count.unchanged for count in self.areas)

    def summary(self) -> str:
        """One sentence."""
        would = "would be " if self.dry_run else ""
        already = f", {self.unchanged:,} already imported and unchanged" if self.unchanged else ""
        return f"{self.rows_read:,} rows read: {self.created:,} records {would}created, {self.changed:,} {would}changed{already}."


_NEEDED = (
    IMPORTS_CREATE,
    *(f"{'invoices' if area == 'open_invoices' else area}:read" for area in (*STORED_AREAS, "firm")),
    *(COST_READ, PRICE_READ, PRIVATE_READ, STAFFING_READ),
)
"""Whoever does not see what is stored cannot tell what the files change of it."""


_REASON_MAX = 200
_MANY_ROWS = 1_000


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    """Leave the transaction without keeping anything."""


def require_import(actor: Actor) -> None:
    """Raise DomainError ``access.denied`` unless the actor may import; to be asked before anything they sent is looked at."""
    for permission in _NEEDED:
        require(actor, permission)


@retried
def import_files(
    store: Store,
    *,
    actor: Actor,
    sources: Sequence[Source],
    mapping: ImportMap,
    dry_run: bool,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> ImportReport:
    """
    Import files as a map says, all or nothing. What was imported before is recognised by its external id.

    A dry run does nothing, so it takes no key.

    Raises
    ------
    ImportRefused
        ``import.refused``: the rows have faults; each is listed with file, row and column. Nothing was written.
    DomainError
        ``access.denied``; a file is too large or dangerous to open, or the firm's settings are missing or differ.
    """
    require_import(actor)
    faults = Faults()
    records = read_records(sources, mapping, faults)
    counts: dict[str, Counter[str]] = {}
    overbooked: tuple[str, ...] = ()
    totals: tuple[Reconciled, ...] = ()
    try:
        with store.begin(actor, now=now, idempotency=None if dry_run else idempotency) as tx:
            firm = _firm(tx, mapping, counts, faults)
            _write(tx, records, firm.currency, faults, counts)
            # What another tool let in is no reason to refuse its export: it is flagged, and said.
            tx.allow_excess(f"Import by the map {mapping.name}"[:_REASON_MAX])
            overbooked = _overbooked(tx.settle_days())
            totals = _reconciled(tx, records, firm.currency)
            if dry_run:
                raise _OnlyTried
            report = tx.answer(_report(records, mapping, counts, overbooked, totals, dry_run=False))
    except _OnlyTried:
        return _report(records, mapping, counts, overbooked, totals, dry_run=True)
    if report.rows_read >= _MANY_ROWS:
        store.refresh_statistics()
    return report


def _reconciled(tx: Transaction, records: Records, currency: str) -> tuple[Reconciled, ...]:
    """Raises DomainError ``import.not_reconciled`` where the database does not have what the files say."""
    totals = reconciled(tx, records, home=currency)
    wrong = next((total for total in totals if not total.agrees), None)
    if wrong is None:
        return totals
    where = f" of project {wrong.project!r}" if wrong.project else f" in {wrong.currency}" if wrong.currency else ""
    detail = (
        f"The files have {wrong.records_in:,} {wrong.area} with {wrong.total_in} {wrong.figure}{where}, but {wrong.records_out:,} with"
        f" {wrong.total_out} would be stored. Nothing was written. This is a fault of the program: please report it with the map."
    )
    raise DomainError(ErrorKind.CONFLICT, "import.not_reconciled", detail)


def _overbooked(weeks: Sequence[tuple[str, OverbookedWeek]]) -> tuple[str, ...]:
    if not weeks:
        return ()
    people = len({person for person, _ in weeks})
    hours = sum(week.over_min for _, week in weeks) / 60
    return (
        (
            f"Bookings of {people} {'person' if people == 1 else 'people'} exceed their capacity, by {hours:,.1f} h in all; they are taken in"
            " and flagged (GET /v1/bookings?over_capacity=true)."
        ),
    )


def _report(
    records: Records,
    mapping: ImportMap,
    counts: Mapping[str, Counter[str]],
    overbooked: tuple[str, ...],
    totals: tuple[Reconciled, ...],
    *,
    dry_run: bool,
) -> ImportReport:
    areas = tuple(
        AreaCount(area=area, created=count["created"], changed=count["changed"], unchanged=count["unchanged"])
        for area, count in counts.items()
    )
    return ImportReport(
        dry_run=dry_run,
        rows_read=records.rows_read,
        areas=areas,
        notes=(*mapping.notes, *overbooked),
        unused_files=records.unused,
        totals=totals,
    )


def _firm(tx: Transaction, mapping: ImportMap, counts: dict[str, Counter[str]], faults: Faults) -> Firm:
    """The firm's settings, brought along by the map or as they are stored."""
    stored = tx.firm.get()
    rule = mapping.firm
    if rule is None:
        return stored
    firm = Firm(name=rule.name, currency=rule.currency, shadow_rate=rule.shadow_rate, version=stored.version)
    try:
        amounts = (tx.people, tx.bill_rates, tx.projects, tx.demands, tx.area("exchange_rates"))
        check_currency_stays(stored, firm, has_amounts=any(not area.is_empty() for area in amounts))
    except DomainError as error:
        faults.add(Place(mapping.name, None, "firm.currency"), error.code, error.detail)
        return stored
    if stored.version and firm == stored:
        counts["firm"] = Counter(unchanged=1)
        return stored
    counts["firm"] = Counter(changed=1) if stored.version else Counter(created=1)
    return tx.firm.save(firm)


def _write(tx: Transaction, records: Records, currency: str, faults: Faults, counts: dict[str, Counter[str]]) -> None:
    drafting = Drafting(records, {area: _stored(tx, area, records) for area in STORED_AREAS}, currency, faults)
    drafts = drafting.drafts()
    if not faults.count:
        # Before any booking is locked, as everybody does: so nobody waits for an import that waits for them.
        tx.hold_days(people={draft.value.person_id for draft in drafts if draft.area in {"bookings", "absences"}})
        for area, same in groupby(drafts, key=lambda draft: draft.area):
            group = list(same)
            counts[area] = counts.get(area, Counter()) + _keep(tx, area, group, drafting, faults)
    if not faults.count:
        check_billing(tx, drafts, home=currency, blame=lambda draft, error: blame(draft.record, error, drafting.parts, faults))
    if not faults.count:
        _check_prices(tx, drafts, drafting, faults)
    if faults.count:
        raise refused(faults)


def _check_prices(tx: Transaction, drafts: Sequence[Draft], drafting: Drafting, faults: Faults) -> None:
    """What the files say leaves prices and costs of time that was approved before as they were; the row that would not is named."""
    try:
        check_approved_stays(ApprovedWork(tx))
    except DomainError as error:
        changed = error.facts.get("bill_rate") or error.facts.get("id")
        draft = next((draft for draft in drafts if draft.value.id == changed), None)
        if error.code not in {"rate.in_use", "price.in_use"} or draft is None:
            raise
        blame(draft.record, error, drafting.parts, faults)


def _stored(tx: Transaction, area: str, records: Records) -> tuple[Any, ...]:
    """All that is stored of an area; of those that grow every day what the files name."""
    if area not in GROWING_AREAS:
        return tx.area(area).all()
    keys = {record.key for record in records.by_area.get(area, ()) if record.key is not None}
    return taken_over(tx, keys) if area == "open_invoices" else tx.area(area).among("external_id", keys)


def _keep(tx: Transaction, area: str, drafts: Sequence[Draft], drafting: Drafting, faults: Faults) -> Counter[str]:
    """Write the values of an area, in their order; how many are new, changed or as they were."""
    before = faults.count

    def refuse(draft: Draft, error: DomainError) -> None:
        if error.kind not in (ErrorKind.INVALID, ErrorKind.CONFLICT):
            raise error
        blame(draft.record, error, drafting.parts, faults)

    new = [draft.value for draft in drafts if draft.before is None]
    changed = [draft for draft in drafts if draft.before is not None and draft.is_change]
    if area in KEEPERS:
        KEEPERS[area](tx, drafts, refuse)
    else:
        by_id = {draft.value.id: draft for draft in drafts}
        tx.area(area).add_many(new, refused=lambda value, error: refuse(by_id[value.id], error))
        _save(tx, area, changed, refuse)
    created = len(new) if faults.count == before else 0
    return Counter(created=created, changed=len(changed), unchanged=len(drafts) - len(new) - len(changed))


def _save(tx: Transaction, area: str, changed: Sequence[Draft], refuse: Callable[[Draft, DomainError], None]) -> None:
    repository = tx.area(area)
    for draft in changed:
        try:
            if isinstance(draft.value, Project):
                check_value_stays(draft.before, draft.value, tx.area("change_orders").matching(project_id=draft.value.id))
            repository.save(draft.value)
        except DomainError as error:
            refuse(draft, error)


def refused(faults: Faults) -> ImportRefused:
    """The error that lists every fault."""
    plural = "fault" if faults.count == 1 else "faults"
    return ImportRefused(
        code="import.refused",
        detail=f"The files have {faults.count:,} {plural}; nothing was written. Correct them and import again.",
        faults=faults,
    )
