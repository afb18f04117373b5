"""Having a problem solved that somebody sends in: the optimiser as a service. Nothing of the firm's own rows is read or written."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import SOLVES_OWN
from scheduler.planning.request import checked_limits
from scheduler.store import retried
from solver_models.staffing import formats

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.solves import Solve
    from scheduler.planning.request import SolveLimits
    from scheduler.store import Store


def request_solve(
    store: Store, *, actor: Actor, raw: bytes, limits: SolveLimits, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Solve:
    """
    Ask for a problem (staffing-problem/1 as JSON text) to be solved.

    Raises DomainError ``access.denied``, and for a problem that cannot be solved the code of its first fault, with every fault by its
    JSON pointer.
    """
    require(actor, SOLVES_OWN)
    checked_limits(limits)
    try:
        problem = formats.problem_to_json(formats.read_problem(raw))
    except formats.InvalidFormat as error:
        raise _refused(error) from None
    return _keep(store, actor=actor, problem=problem, limits=limits, now=now, idempotency=idempotency)


@retried
def _keep(
    store: Store, *, actor: Actor, problem: dict[str, object], limits: SolveLimits, now: datetime, idempotency: IdempotencyClaim | None
) -> Solve:
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        solve = tx.solves.add(problem=problem, limits=asdict(limits), now=now)
        tx.dispatch(solve.job)
        return tx.answer(solve)


def _refused(error: formats.InvalidFormat) -> DomainError:
    faults = tuple(Fault(pointer=one.pointer, code=one.code, message=one.message) for one in error.faults)
    unreadable = faults[0].code.startswith("json.")
    count = "One fault" if len(faults) == 1 else f"{len(faults):,} faults"
    detail = f"The body is not a problem that can be solved. {count}; see errors. docs/model.md describes the format."
    if unreadable:
        detail = f"The body is not JSON that can be read: {faults[0].message}"
    return DomainError(ErrorKind.UNREADABLE if unreadable else ErrorKind.INVALID, faults[0].code, detail, faults)
