"""Reading and writing ``staffing-plan/1``: a bare plan, or the solver's whole answer."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from solver_models.result import Status
from solver_models.staffing.formats_faults import FaultList, escaped, shown
from solver_models.staffing.formats_fields import Fields, text, wrong_type
from solver_models.staffing.formats_prices import prices_to_json, read_prices
from solver_models.staffing.formats_problem import check_format, names_of, read_runs
from solver_models.staffing.formats_write import run_to_json
from solver_models.staffing.plan import Answer, Conflict, DemandFill, Reason, ReasonKind

if TYPE_CHECKING:
    from enum import StrEnum

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.formats_problem import Names
    from solver_models.staffing.problem import Problem, Run

PLAN_FORMAT = "staffing-plan/1"
PROOFS = ("prices", "search")
CONFLICT_RULES = ("capacity", "max_demands", "effort", "max_people", "shift", "duplicate", "apart")

PLAN_KEYS = (
    *("format", "assignments", "status", "objective_x60", "bound_x60", "objective", "bound", "gap", "proof", "certificate", "conflicts"),
    *("seed", "engine", "seconds", "demands"),
)
_MAX_X60 = 2**62
_MAX_SEED = 2**63 - 1

Choice = TypeVar("Choice", bound="StrEnum")


def read_plan_value(value: object, problem: Problem, *, faults: FaultList) -> Answer:
    """
    The answer a decoded JSON value stands for; with only ``format`` and ``assignments`` it claims nothing else.

    Raises
    ------
    InvalidFormat
        With every fault: those gathered in ``faults`` before, and the format's own.
    """
    check_format(value, PLAN_FORMAT)
    fields = Fields.of(value, "", faults, known=PLAN_KEYS, required=("format", "assignments"))
    names = names_of(problem)
    answer = Answer(
        status=_choice(fields, "status", Status, Status.FEASIBLE),
        assignments=_assignments(fields, names),
        objective_x60=_x60(fields, "objective"),
        bound_x60=_x60(fields, "bound"),
        proof=_proof(fields),
        certificate=_certificate(fields, problem),
        conflicts=tuple([_conflict(item, at, faults) for at, item in fields.items("conflicts")]),
        fills=tuple([_fill(item, at, names, faults) for at, item in fields.items("demands")]),
        seed=fields.whole("seed", 0, _MAX_SEED),
        engine=_engine(fields),
        seconds=float(_number(fields, "seconds") or 0),
    )
    disagreeing = _disagreeing(fields, answer)
    faults.raise_if_any()
    return replace(answer, disagreeing=disagreeing)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer with every key of the format; what has no value is null."""
    return {
        "format": PLAN_FORMAT,
        "status": answer.status.value,
        "objective": _sixtieth(answer.objective_x60),
        "bound": _sixtieth(answer.bound_x60),
        "gap": answer.gap,
        "proof": answer.proof,
        "objective_x60": answer.objective_x60,
        "bound_x60": answer.bound_x60,
        "seed": answer.seed,
        "engine": dict(answer.engine),
        "seconds": answer.seconds,
        "assignments": None if answer.assignments is None else [run_to_json(run) for run in answer.assignments],
        "demands": [_fill_to_json(fill) for fill in answer.fills],
        "conflicts": [{"rule": conflict.rule, "facts": dict(conflict.facts)} for conflict in answer.conflicts],
        "certificate": None if answer.certificate is None else prices_to_json(answer.certificate),
    }


def _fill_to_json(fill: DemandFill) -> dict[str, Any]:
    reason = None if fill.reason is None else {"kind": fill.reason.kind.value, "facts": dict(fill.reason.facts)}
    return asdict(fill) | {"reason": reason}


def _sixtieth(amount_x60: int | None) -> int | float | None:
    if amount_x60 is None:
        return None
    return amount_x60 / 60 if amount_x60 % 60 else amount_x60 // 60


def _assignments(fields: Fields, names: Names) -> tuple[Run, ...] | None:
    """The runs; null where there is no plan, which must be what the status says."""
    planless = fields.found.get("status") in (Status.INFEASIBLE.value, Status.UNKNOWN.value)
    if fields.has("assignments") and fields.found["assignments"] is None and planless:
        return None
    if planless and fields.has("assignments"):
        message = f"The status {shown(fields.found['status'])} says that there is no plan; assignments must be null."
        fields.faults.add("/assignments", "plan.unexpected", message)
    return read_runs(fields, "assignments", names)


def _choice(fields: Fields, key: str, kind: type[Choice], default: Choice) -> Choice:
    if not fields.has(key):
        return default
    value = fields.found[key]
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(kind)
        hint = fields.faults.nearest(value, list(kind)) if isinstance(value, str) else ""
        fields.faults.add(fields.at(key), "value.not_allowed", f"{shown(value)} is not allowed.{hint} Allowed: {allowed}.")
        return default


def _proof(fields: Fields) -> str | None:
    value = fields.found.get("proof")
    if value is None or (isinstance(value, str) and value in PROOFS):
        return value
    fields.faults.add(
        "/proof", "value.not_allowed", f"{shown(value)} is not allowed. Allowed: {', '.join(PROOFS)}, or null without a bound."
    )
    return None


def _x60(fields: Fields, key: str) -> int | None:
    """``<key>_x60``, or ``<key>`` x 60 where that stands alone."""
    exact = fields.whole(f"{key}_x60", -_MAX_X60, _MAX_X60) if fields.found.get(f"{key}_x60") is not None else None
    amount = _number(fields, key)
    if amount is None:
        return exact
    nearest = round(amount * 60)
    if exact is None:
        exact = nearest
    return exact


def _disagreeing(fields: Fields, answer: Answer) -> tuple[str, ...]:
    """The figures that are given twice and differ: false claims for the checker to name, not faults of the format."""
    found = []
    for key, exact in (("objective", answer.objective_x60), ("bound", answer.bound_x60)):
        amount = _number(fields, key)
        if amount is not None and exact is not None and abs(amount * 60 - exact) > max(Fraction(1, 1000), abs(exact) * Fraction(1, 10**12)):
            found.append(key)
    claimed = _number(fields, "gap")
    if claimed is not None and (answer.gap is None or abs(claimed - Fraction(answer.gap)) > Fraction(1, 10**6)):
        found.append("gap")
    return tuple(found)


def _number(fields: Fields, key: str) -> Fraction | None:
    """Any finite number of modest size, exactly as given; ``None`` if absent or null."""
    value = fields.found.get(key)
    match value:
        case None:
            return None
        case bool():
            wrong_type(fields.faults, fields.at(key), value, "a number")
        case int() if abs(value) < _MAX_X60:
            return Fraction(value)
        case float() if isfinite(value) and abs(value) < _MAX_X60:
            return Fraction(value)
        case Decimal() if value.is_finite() and -60 < value.adjusted() < 18:
            return Fraction(value)
        case Decimal() if value.is_finite() and value.adjusted() < 0:
            return Fraction(0)
        case int() | float() | Decimal():
            code = "number.not_finite" if isinstance(value, float | Decimal) and not isfinite(value) else "number.too_large"
            fields.faults.add(fields.at(key), code, f"{shown(value)} cannot be used; give a finite number below 10^18.")
        case _:
            wrong_type(fields.faults, fields.at(key), value, "a number")
    return None


def _certificate(fields: Fields, problem: Problem) -> Prices | None:
    value = fields.found.get("certificate")
    return None if value is None else read_prices(value, problem, faults=fields.faults)


def _object(fields: Fields, key: str) -> dict[str, Any]:
    """A JSON object of no fixed shape, its decimals as binary floats."""
    value = fields.found.get(key, {})
    if not isinstance(value, dict):
        wrong_type(fields.faults, fields.at(key), value, "an object")
        return {}
    return {str(name): _plain(item) for name, item in value.items()}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case Decimal():
            return float(value)
        case _:
            return value


def _engine(fields: Fields) -> dict[str, str]:
    engine = _object(fields, "engine")
    for name, version in engine.items():
        text(fields.faults, f"/engine/{escaped(name)}", version)
    return engine


def _conflict(value: object, at: str, faults: FaultList) -> Conflict:
    fields = Fields.of(value, at, faults, known=("rule", "facts"), required=("rule", "facts"))
    rule = fields.name("rule")
    if rule and rule not in CONFLICT_RULES:
        message = f"{shown(rule)} is no rule.{faults.nearest(rule, CONFLICT_RULES)} Allowed: {', '.join(CONFLICT_RULES)}."
        faults.add(fields.at("rule"), "value.not_allowed", message)
    return Conflict(rule=rule, facts=_object(fields, "facts"))


def _fill(value: object, at: str, names: Names, faults: FaultList) -> DemandFill:
    keys = ("demand", "filled_min", "open_min", "reason")
    fields = Fields.of(value, at, faults, known=keys, required=keys[:3])
    return DemandFill(
        demand=fields.reference("demand", names.demands),
        filled_min=fields.whole("filled_min", 0, _MAX_X60),
        open_min=fields.whole("open_min", 0, _MAX_X60),
        reason=_reason(fields) if fields.found.get("reason") is not None else None,
    )


def _reason(fields: Fields) -> Reason:
    inner = Fields.of(fields.found["reason"], fields.at("reason"), fields.faults, known=("kind", "facts"), required=("kind",))
    return Reason(kind=_choice(inner, "kind", ReasonKind, ReasonKind.NOT_PROVEN), facts=_object(inner, "facts"))
