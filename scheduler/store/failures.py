"""What a database's refusal means in the words of the domain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from scheduler.store.areas.base import Area

_TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "57014", "25P03"})
"""Serialisation failure, deadlock, a lock or a statement that took too long, a transaction that was left open too long."""
_FULL_STATES = frozenset({"53100", "53200"})
_AWAY_CLASSES = frozenset({"08", "57"})
"""SQLSTATE classes: connection exception, operator intervention (such as a server that shuts down)."""
_SQLITE_COLUMN = re.compile(r"constraint failed: (?P<table>\w+)\.(?P<column>\w+)")


def is_transient(error: Exception) -> bool:
    """Whether trying the same transaction again may succeed."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _TRANSIENT_STATES:
        return True
    return isinstance(error, OperationalError) and (
        "database is locked" in str(error.orig) or "database table is locked" in str(error.orig)
    )


def understood(error: Exception) -> DomainError | None:
    """What a caller gets for a failure that is not the program's fault; ``None`` for one that is."""
    if is_transient(error):
        return _busy()
    if not isinstance(error, OperationalError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state in _FULL_STATES or "database or disk is full" in str(error.orig):
        detail = "The disk of the database is full; nothing was changed. Free some space on the server, then try again."
        return DomainError(ErrorKind.BUSY, "store.full", detail)
    if error.connection_invalidated or (
        type(error.orig).__module__.startswith("psycopg") and (state is None or state[:2] in _AWAY_CLASSES)
    ):
        detail = "The database cannot be reached; nothing was changed as far as is known. Try again, or ask whoever runs the server."
        return DomainError(ErrorKind.BUSY, "store.unreachable", detail)
    return None


def _busy() -> DomainError:
    return DomainError(
        ErrorKind.BUSY, "store.busy", "The database is busy with other changes; nothing was changed. Try again in a few seconds."
    )


def refused(error: IntegrityError, area: Area[object], *, name: str | None) -> DomainError:
    """The rule of the area that a refused row broke."""
    constraint = _constraint(error)
    if "name_key" in constraint:
        return _taken(
            area, "/name", "name.taken", f"Another {area.one} is called {name!r} (upper and lower case do not matter); choose another name."
        )
    if "login_key" in constraint:
        return _taken(area, "/login", "login.taken", "Another user has this login (upper and lower case do not matter); choose another.")
    if "external_id" in constraint:
        return _taken(area, "/external_id", "external_id.taken", f"Another {area.one} has this external id; it must be unique.")
    if constraint in ("uq_budgets_project_id_target_key", "budgets.project_id"):
        return _taken(area, "", "budget.taken", "There is a budget for this part of the project already; change that one instead.")
    if constraint in ("uq_exchange_rates_currency_day", "exchange_rates.currency"):
        message = "There is a rate of this currency for this day already; change that one instead."
        return _taken(area, "/day", "exchange_rate.taken", message)
    if constraint in ("uq_contracts_project_id", "contracts.project_id"):
        return _taken(area, "/project_id", "contract.taken", "The project has a contract already; change that one instead.")
    if constraint in ("uq_client_accounts_client_id", "client_accounts.client_id"):
        return _taken(area, "/client_id", "client_account.taken", "The client has an account already; change that one instead.")
    if constraint in ("uq_contract_openings_contract_id", "contract_openings.contract_id"):
        message = "The contract has an opening balance already; delete that one first, as long as its month is open."
        return _taken(area, "/contract_id", "opening.taken", message)
    if constraint == "uq_invoices_number":
        message = "The legal entity has an invoice of this number already; somebody took it over just now."
        return _taken(area, "/number", "invoice.number_taken", message)
    if constraint.startswith(("fk_", "FOREIGN KEY")):
        message = f"Something the {area.one} refers to does not exist (any more); read it again."
        return DomainError(
            ErrorKind.INVALID, "reference.not_found", message, (Fault(pointer="", code="reference.not_found", message=message),)
        )
    if constraint.startswith("pk_") or constraint.endswith(".id"):
        return DomainError(ErrorKind.CONFLICT, "record.exists", f"A {area.one} with this id exists already; change that one instead.")
    return DomainError(ErrorKind.INVALID, "input.invalid", f"The {area.one} breaks the rule {constraint}.")


def _taken(area: Area[object], pointer: str, code: str, message: str) -> DomainError:
    return DomainError(ErrorKind.CONFLICT, code, message, (Fault(pointer=pointer, code=code, message=message),), {"area": area.name})


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name:
        return str(diagnosis.constraint_name)
    found = _SQLITE_COLUMN.search(str(error.orig))
    if found:
        return f"{found['table']}.{found['column']}"
    return str(error.orig).removesuffix(" constraint failed").removeprefix("CHECK constraint failed: ")
