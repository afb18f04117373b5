"""
The JSON of staffing problems and plans: exact readers and writers.

Readers list every fault at once (``InvalidFormat.faults``), each with a JSON pointer, a stable code and what is allowed.
Numbers are read as written: use ``decode_json``, ``read_problem`` and ``read_plan``. Values decoded elsewhere are accepted too;
a binary float in them means the shortest decimal that prints like it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from solver_models.staffing import formats_plan
from solver_models.staffing.formats_faults import Fault, FaultList, InvalidFormat
from solver_models.staffing.formats_json import decode_json, decode_leniently
from solver_models.staffing.formats_plan import PLAN_FORMAT, read_plan_value
from solver_models.staffing.formats_problem import PROBLEM_FORMAT, read_problem_value
from solver_models.staffing.formats_size import SizeEstimate, estimate_size
from solver_models.staffing.formats_warm import read_warm_value
from solver_models.staffing.formats_write import problem_to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.warm_answer import Warm

Value = TypeVar("Value")

__all__ = [
    "PLAN_FORMAT",
    "PROBLEM_FORMAT",
    "Fault",
    "InvalidFormat",
    "SizeEstimate",
    "answer_to_json",
    "decode_json",
    "estimate_size",
    "plan_from_json",
    "problem_from_json",
    "problem_to_json",
    "read_plan",
    "read_problem",
    "read_warm",
    "warm_from_json",
]


def read_problem(raw: bytes) -> Problem:
    """The problem a JSON text stands for. Raises InvalidFormat with every fault of the text."""
    return _read(raw, lambda value, faults: read_problem_value(value, faults=faults))


def problem_from_json(value: object) -> Problem:
    """The problem a decoded JSON value stands for. Raises InvalidFormat with every fault."""
    return read_problem_value(value, faults=FaultList())


def read_plan(raw: bytes, problem: Problem) -> Answer:
    """The plan, with what it claims, that a JSON text stands for. Raises InvalidFormat with every fault of the text."""
    return _read(raw, lambda value, faults: read_plan_value(value, problem, faults=faults))


def read_warm(raw: bytes) -> Warm:
    """What a plan leaves to a later search, of whatever problem it was. Raises InvalidFormat with every fault of the text."""
    return _read(raw, lambda value, faults: read_warm_value(value, faults=faults))


def warm_from_json(value: object) -> Warm:
    """What a plan, given as a decoded JSON value, leaves to a later search. Raises InvalidFormat with every fault."""
    return read_warm_value(value, faults=FaultList())


def plan_from_json(value: object, problem: Problem) -> Answer:
    """The plan a decoded JSON value stands for; ``format`` and ``assignments`` are enough. Raises InvalidFormat with every fault."""
    return read_plan_value(value, problem, faults=FaultList())


def answer_to_json(answer: Answer, problem: Problem) -> dict[str, Any]:  # noqa: ARG001
    """The answer with every key of the format, as a value for ``json.dumps``."""
    return formats_plan.answer_to_json(answer)


def _read(raw: bytes, reader: Callable[[object, FaultList], Value]) -> Value:
    value, found = decode_leniently(raw)
    try:
        result = reader(value, FaultList())
    except InvalidFormat as error:
        told = {(fault.pointer, fault.code) for fault in found}
        raise InvalidFormat((*found, *(fault for fault in error.faults if (fault.pointer, fault.code) not in told))) from None
    if found:
        raise InvalidFormat(found)
    return result
