"""Reading an earlier plan as where to start from: names are taken as they are, prices where they have the shape of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver_models.staffing.certificate import Prices
from solver_models.staffing.formats_fields import Fields, Known, wrong_type
from solver_models.staffing.formats_plan import PLAN_FORMAT, PLAN_KEYS
from solver_models.staffing.formats_problem import Names, check_format, read_runs
from solver_models.staffing.warm_answer import Warm

if TYPE_CHECKING:
    from solver_models.staffing.formats_faults import FaultList

_MOST = 2**62


def read_warm_value(value: object, *, faults: FaultList) -> Warm:
    """
    The runs, prices and demands of a plan, whatever problem it was for.

    Raises
    ------
    InvalidFormat
        With every fault, where this is no plan.
    """
    check_format(value, PLAN_FORMAT)
    fields = Fields.of(value, "", faults, known=PLAN_KEYS, required=("format", "assignments"))
    names = Names(
        periods=0,
        people=Known("person", _named(fields, "assignments", "person")),
        demands=Known("demand", _named(fields, "assignments", "demand")),
        work=Known("demand or project", frozenset()),
        moving_projects=frozenset(),
    )
    warm = Warm(
        assignments=() if fields.found.get("assignments", 0) is None else read_runs(fields, "assignments", names),
        prices=_prices(fields),
        demands=_named(fields, "demands", "demand"),
    )
    faults.raise_if_any()
    return warm


def _named(fields: Fields, key: str, name: str) -> frozenset[str]:
    listed = fields.found.get(key)
    entries = listed if isinstance(listed, list) else []
    return frozenset(entry[name] for entry in entries if isinstance(entry, dict) and isinstance(entry.get(name), str))


def _prices(fields: Fields) -> Prices | None:
    listed = fields.found.get("certificate")
    if listed is None:
        return None
    if not isinstance(listed, dict):
        wrong_type(fields.faults, "/certificate", listed, "an object")
        return None
    fresh = listed.get("new")
    return Prices(
        share=_priced(listed, "share", (str, int, int)),
        heads={demand: h for (demand,), h in _priced(listed, "heads", (str,)).items()},
        fresh=fresh if isinstance(fresh, int) and _is_price(fresh) else 0,
        apart=_priced(listed, "apart", (str, int)),
        together=_priced(listed, "together", (str, int, str)),
        cuts=_cuts(listed),
    )


def _priced(listed: dict[str, Any], key: str, kinds: tuple[type, ...]) -> dict[Any, int]:
    """The entries of a list of prices that have the shape of one."""
    found = {}
    for entry in _entries(listed, key):
        *place, price = entry or [None]
        if [type(part) for part in place] == list(kinds) and _is_price(price):
            found[tuple(place)] = price
    return found


def _cuts(listed: dict[str, Any]) -> dict[tuple[tuple[str, ...], str | None], int]:
    found = {}
    for entry in _entries(listed, "cuts"):
        match entry:
            case [[*demands], person, price] if (
                _is_price(price) and isinstance(person, str | None) and all(isinstance(d, str) for d in demands)
            ):
                found[tuple(demands), person] = price
    return found


def _entries(listed: dict[str, Any], key: str) -> list[list[Any]]:
    entries = listed.get(key)
    return [entry for entry in entries if isinstance(entry, list)] if isinstance(entries, list) else []


def _is_price(value: object) -> bool:
    return type(value) is int and abs(value) <= _MOST
