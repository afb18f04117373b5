"""What planning reads: all staffing rows in one state, and which version of each row that was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.planning.snapshot import Snapshot

if TYPE_CHECKING:
    from scheduler.store import View

_OF_MONEY = ("exchange_rates", "contracts")
AREAS = ("skills", "calendars", "people", "absences", "clients", "projects", "demands", "bookings", "bill_rates", *_OF_MONEY)

RowVersions = dict[str, dict[str, int]]
"""Area name to id to version; the firm's settings are ``{"firm": {"firm": version}}``."""


def read_snapshot(view: View) -> tuple[Snapshot, RowVersions]:
    """The rows as the view sees them, and their versions."""
    snapshot = Snapshot(
        firm=view.firm.get(),
        skills=view.skills.all(),
        calendars=view.calendars.all(),
        people=view.people.all(),
        absences=view.absences.all(),
        clients=view.clients.all(),
        projects=view.projects.all(),
        demands=view.demands.all(),
        bookings=view.bookings.all(),
        bill_rates=view.bill_rates.all(),
        exchange_rates=view.area("exchange_rates").all(),
        contracts=view.area("contracts").all(),
    )
    return snapshot, row_versions(snapshot)


def row_versions(snapshot: Snapshot) -> RowVersions:
    """The version of every row of a snapshot."""
    versions = {area: {row.id: row.version for row in getattr(snapshot, area)} for area in AREAS}
    return {"firm": {"firm": snapshot.firm.version}, **versions}
