"""
An independent check of a staffing plan: its rules, its objective, its bound, and what else its answer claims.

Written from the definition of the problem alone. It shares the values of ``problem`` and ``plan`` with the solver and nothing
else, so that a fault in the one does not hide in the other.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from solver_models.result import Status
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_limits import fixed_conflicts, fixed_conflicts_of, pinned_conflicts, pinned_conflicts_of
from solver_models.staffing.verify_objective import net_rate, objective_of, objective_x60, value_per_hour
from solver_models.staffing.verify_prices import effort_for, price_faults, priced_bound
from solver_models.staffing.verify_rules import Violation, check_plan, check_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from solver_models.staffing.plan import Answer, Conflict, DemandFill
    from solver_models.staffing.problem import Problem, Run

__all__ = [
    "Report",
    "Violation",
    "check_plan",
    "fixed_conflicts",
    "net_rate",
    "objective_x60",
    "pinned_conflicts",
    "report_to_json",
    "restated",
    "value_per_hour",
    "verify",
]

_MOST_FAULTS = 20
"""Price faults told of one certificate."""
CLAIMED = "claimed, not independently checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    What the check found. ``None`` means that there was nothing to check: no plan, nothing claimed, or nothing that can be checked.

    ``violations`` with rule 0 are false claims of the answer other than its objective and bound.
    """

    feasible: bool | None
    """Whether the plan keeps rules 1 to 8; ``None`` without a plan."""
    violations: tuple[Violation, ...]
    objective_x60: int | None
    """Recomputed."""
    objective_matches: bool | None
    bound_x60: int | None
    """As claimed."""
    priced_bound_x60: int | None
    """Recomputed from the prices of the certificate; ``None`` without one that proves anything."""
    bound_holds: bool | None
    certificate: str
    """Which proof of the bound was found: ``none``, ``search`` or ``prices``."""
    note: str
    """What the result says about the bound, in words."""

    @property
    def holds(self) -> bool:
        """Whether nothing that could be checked is wrong."""
        return not self.violations and False not in (self.feasible, self.objective_matches, self.bound_holds)


def verify(problem: Problem, answer: Answer, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None) -> Report:
    """Check an answer against its problem; ``on_progress`` hears how many people's best schedules are recomputed, of how many."""
    ledger = Ledger.of(problem)
    claims = tuple(_false_claims(ledger, answer))
    priced = _priced_bound_x60(ledger, answer, on_progress)
    if answer.assignments is None:
        return _report(answer, feasible=None, violations=claims, objective=None, priced=priced)
    claims += tuple(_wrong_fills(ledger, answer.assignments, answer.fills))
    broken = check_runs(ledger, answer.assignments)
    objective = objective_of(ledger, answer.assignments)
    return _report(answer, feasible=not broken, violations=claims + broken, objective=objective, priced=priced)


def restated(report: Report, answer: Answer) -> Report:
    """The report on the same runs and prices, of an answer that claims another bound."""
    return _report(
        answer, feasible=report.feasible, violations=report.violations, objective=report.objective_x60, priced=report.priced_bound_x60
    )


def report_to_json(report: Report) -> dict[str, Any]:
    """The report as a value for ``json.dumps``; amounts in minor units and, exactly, in minor units x 60."""
    return {
        "feasible": report.feasible,
        "violations": [{"rule": v.rule, "message": v.message, "facts": dict(v.facts)} for v in report.violations],
        "objective": _sixtieth(report.objective_x60),
        "objective_x60": report.objective_x60,
        "objective_matches": report.objective_matches,
        "bound": _sixtieth(report.bound_x60),
        "bound_x60": report.bound_x60,
        "priced_bound": _sixtieth(report.priced_bound_x60),
        "priced_bound_x60": report.priced_bound_x60,
        "bound_holds": report.bound_holds,
        "certificate": report.certificate,
        "note": report.note,
        "holds": report.holds,
    }


def _priced_bound_x60(ledger: Ledger, answer: Answer, on_progress: Callable[[int, int], None]) -> int | None:
    """The bound that the answer's prices give; none of prices that are no proof, or of a problem without any plan."""
    prices = answer.certificate
    if prices is None or fixed_conflicts_of(ledger) or any(price_faults(ledger, prices)):
        return None
    effort = effort_for(len(ledger.problem.people), answer.seconds)
    return priced_bound(ledger, prices, effort=effort, on_progress=on_progress).bound_x60


def _report(
    answer: Answer, *, feasible: bool | None, violations: tuple[Violation, ...], objective: int | None, priced: int | None
) -> Report:
    matches = None if objective is None or answer.objective_x60 is None else objective == answer.objective_x60
    if "objective" in answer.disagreeing:
        matches = False
    refuted = _refutation(answer, objective if feasible else None, priced)
    holds, note = _judged_bound(answer, priced)
    return Report(
        feasible=feasible,
        violations=violations,
        objective_x60=objective,
        objective_matches=matches,
        bound_x60=answer.bound_x60,
        priced_bound_x60=priced,
        bound_holds=False if refuted else holds,
        certificate=answer.proof or "none",
        note=refuted or note,
    )


def _judged_bound(answer: Answer, priced: int | None) -> tuple[bool | None, str]:
    """Whether the claimed bound holds, where nothing refutes it."""
    if answer.bound_x60 is None:
        return None, "no bound claimed"
    if answer.proof == "prices":
        return (True, "bound recomputed from its prices") if priced is not None else (False, "the bound comes without prices that prove it")
    return None, f"bound {CLAIMED}"


def _refutation(answer: Answer, objective: int | None, priced: int | None) -> str | None:
    """Why the claimed bound is false, where that can be seen."""
    bound = answer.bound_x60
    if "bound" in answer.disagreeing:
        return "the two figures given for the bound differ"
    if answer.status is Status.OPTIMAL and (bound is None or bound != answer.objective_x60):
        return f"the status is optimal, but the bound ({bound}) is not the objective ({answer.objective_x60})"
    if bound is not None and objective is not None and objective > bound:
        return f"the plan is feasible and its objective ({objective}) exceeds the bound ({bound})"
    if bound is not None and priced is not None and answer.proof == "prices" and priced > bound:
        return f"the prices give only {priced}, more than the bound claimed ({bound})"
    return None


def _false_claims(ledger: Ledger, answer: Answer) -> Iterator[Violation]:
    """Infeasible means that the fixed runs conflict by themselves, and conversely; the conflicts listed are the ones there are."""
    against = fixed_conflicts_of(ledger)
    if answer.status is Status.INFEASIBLE and not against:
        message = "The answer says infeasible, but the fixed runs by themselves break no rule, so the pinned runs alone are a plan."
        yield Violation(rule=0, message=message, facts={"claim": "status", "status": answer.status.value})
    if answer.status in (Status.OPTIMAL, Status.FEASIBLE) and against:
        message = f"The fixed runs by themselves break {len(against)} rules, so the problem is infeasible, not {answer.status.value}."
        yield Violation(rule=0, message=message, facts={"claim": "status", "conflicts": [_facts(conflict) for conflict in against]})
    if "gap" in answer.disagreeing:
        message = f"The gap is not (bound - objective) / max(1, |bound|) of the answer's own figures; that is {answer.gap}."
        yield Violation(rule=0, message=message, facts={"claim": "gap", "gap": answer.gap})
    yield from _false_prices(ledger, answer)
    # A bare plan claims nothing but its runs.
    if answer.objective_x60 is None and answer.status is not Status.INFEASIBLE:
        return
    expected = against or pinned_conflicts_of(ledger)
    listed, there = Counter(map(_key, answer.conflicts)), Counter(map(_key, expected))
    if listed != there:
        message = f"The answer lists {listed.total()} conflicts of pinned runs; there are {there.total()}, or they are others."
        missing = [_facts(conflict) for conflict in expected if not listed[_key(conflict)]]
        yield Violation(rule=0, message=message, facts={"claim": "conflicts", "missing": missing})


def _false_prices(ledger: Ledger, answer: Answer) -> Iterator[Violation]:
    """Prices as proof must be there, and be prices."""
    if answer.proof == "prices" and answer.certificate is None:
        message = "The answer says that prices prove its bound, and has none."
        yield Violation(rule=0, message=message, facts={"claim": "proof"})
    if answer.certificate is not None and (faults := list(islice(price_faults(ledger, answer.certificate), _MOST_FAULTS))):
        message = f"The certificate has prices that prove nothing: {faults[0]}."
        yield Violation(rule=0, message=message, facts={"claim": "certificate", "faults": faults})


def _wrong_fills(ledger: Ledger, runs: Sequence[Run], fills: Sequence[DemandFill]) -> Iterator[Violation]:
    """Filled minutes are those that the runs deliver, open ones what the effort has more; who lists demands lists each once."""
    delivered: Counter[str] = Counter()
    for run in runs:
        delivered[run.demand] += sum(minutes for _, minutes in ledger.minutes_by_period(run))
    listed = Counter(fill.demand for fill in fills)
    for demand in ledger.problem.demands:
        if fills and listed[demand.id] != 1:
            message = f"The answer lists {demand.id} {listed[demand.id]} times among its demands; each belongs there once."
            yield Violation(rule=0, message=message, facts={"claim": "demands", "demand": demand.id})
    effort = {demand.id: sum(demand.effort) for demand in ledger.problem.demands}
    for fill in fills:
        minutes = delivered[fill.demand]
        still = max(0, effort[fill.demand] - minutes)
        if (fill.filled_min, fill.open_min) != (minutes, still):
            message = (
                f"The answer says that {fill.filled_min} minutes of {fill.demand} are filled and {fill.open_min} open;"
                f" its runs deliver {minutes}, which leaves {still}."
            )
            yield Violation(rule=0, message=message, facts={"claim": "demands", "demand": fill.demand, "minutes": minutes})


def _facts(conflict: Conflict) -> dict[str, Any]:
    return {"rule": conflict.rule} | dict(conflict.facts)


def _key(conflict: Conflict) -> str:
    return json.dumps(_facts(conflict), sort_keys=True)


def _sixtieth(amount_x60: int | None) -> int | float | None:
    if amount_x60 is None:
        return None
    return amount_x60 / 60 if amount_x60 % 60 else amount_x60 // 60
