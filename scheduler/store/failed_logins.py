"""Failed logins in the audit: the first of an hour one by one, then ever fewer, however many strangers try from however many places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.throttle import TOLD_OF_ACCOUNT, TOLD_OF_ALL, TOLD_WITHIN, is_told

if TYPE_CHECKING:
    from scheduler.domain.ground.opaque import KeyedDigest
    from scheduler.store.transaction import Transaction

_UNKNOWN = "nobody who is known"


def note_failed_login(tx: Transaction, *, digest: KeyedDigest, user_id: str | None) -> None:
    """Count a failure, of the user and of all, and record it if there were not too many in this hour; the record says how many there were."""
    of_account = _count(tx, digest.of("failures of account", user_id or _UNKNOWN))
    of_all = _count(tx, digest.of("failures of all", ""))
    if is_told(of_account, first=TOLD_OF_ACCOUNT) and is_told(of_all, first=TOLD_OF_ALL):
        facts = {"failures_this_hour": of_account}
        tx.note(AccessEvent(kind=AccessEventKind.LOGIN_FAILED, user_id=user_id, facts=facts))


def _count(tx: Transaction, counter: str) -> int:
    tx.credentials.lock_tries([counter], now=tx.now)
    tries = tx.credentials.tries(counter).one_more_within(TOLD_WITHIN, now=tx.now)
    tx.credentials.keep_tries(counter, tries)
    return tries.failures
