"""
What is left of a plan for somebody who may not see costs.

The plan itself, what stays open, and why in words that tell no amount. Gone are objective, bound, prices and every fact from which a
cost rate follows; the gap is rounded up to whole percent, because exact ones of several plans give amounts away.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.domain.staffing.plans import Plan

_AMOUNTS = ("objective_minor", "bound_minor", "objective_x60", "bound_x60")
_OF_PRICES = frozenset({"revenue_minor", "expected_revenue_minor", "unpriced_minutes"})
_BILLS_COSTS = frozenset({"bills_costs"})
_TELLING_FAILURES = frozenset({"problem.out_of_range"})
"""Failures whose words may repeat a figure of the problem."""


def without_cost(plan: Plan, *, with_prices: bool) -> Plan:
    """The plan without what tells costs and, unless ``with_prices``, without what tells bill rates."""
    progress = plan.progress
    if progress is not None:
        progress = replace(progress, objective_x60=None, bound_x60=None, gap=coarse_gap(progress.gap))
    detail = plan.failure_detail
    if plan.failure_code in _TELLING_FAILURES:
        detail = "The plan's problem is out of the solver's range; somebody who may read cost sees which figure."
    result = None if plan.result is None else _result(plan.result, with_prices=with_prices)
    return replace(plan, progress=progress, failure_detail=detail, result=result)


def view_without_cost(view: Mapping[str, Any], *, with_prices: bool = True) -> dict[str, Any]:
    """A plan in a planner's words, without amounts and without everything marked confidential."""
    shown = dict(view)
    shown["proof"] = {**view["proof"], **dict.fromkeys(_AMOUNTS), "gap": coarse_gap(view["proof"]["gap"])}
    shown["valuation"] = [said for said in view["valuation"] if with_prices and not said["confidential"]]
    shown["left_out"] = [said for said in view["left_out"] if not said["confidential"]]
    if shown.get("key_figures") is not None:
        shown["key_figures"] = _figures(shown["key_figures"], with_prices=with_prices)
    shown["demands"] = [{**demand, "reason": _reason(demand["reason"])} for demand in view["demands"]]
    return shown


def _figures(figures: Mapping[str, Any], *, with_prices: bool) -> dict[str, Any]:
    """Hours as they are; of money only what bill rates tell, to whom these are told."""
    told = figures["money"]
    # Where contracts bill costs, costs follow from what is billed.
    shown = frozenset() if not with_prices else _BILLS_COSTS if told.get("bills_costs") else _OF_PRICES | _BILLS_COSTS
    money = {name: amount if name in shown else None for name, amount in told.items()}
    return {**figures, "money": money, "value_coverage": figures["value_coverage"] if with_prices else None}


def coarse_gap(gap: float | None) -> float | None:
    """Up to whole percent."""
    return None if gap is None else math.ceil(round(gap * 100, 6)) / 100


def _result(result: Mapping[str, Any], *, with_prices: bool) -> dict[str, Any]:
    alternative = result.get("alternative")
    if alternative is not None:
        alternative = {"dropped": alternative["dropped"], "view": view_without_cost(alternative["view"], with_prices=with_prices)}
    return {
        "view": view_without_cost(result["view"], with_prices=with_prices),
        "ended": result.get("ended"),
        "earlier_plan_id": result.get("earlier_plan_id"),
        "alternative": alternative,
        "nothing_to_plan": result.get("nothing_to_plan"),
    }


def _reason(reason: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if reason is None or not reason["confidential"]:
        return reason
    return {**reason, "facts": {}, "sentence": reason["sentence_without_amounts"]}


_COSTS = ("cost_low_minor", "cost_high_minor", "is_exact", "would_leave", "would_take")


def explanation_without_cost(said: Mapping[str, Any]) -> dict[str, Any]:
    """Rules that bar and relaxations in words, without any amount and without those relaxations that are amounts."""
    shown = dict(said)
    if "relaxations" in said:
        shown["relaxations"] = [{**one, "gain_minor": None} for one in said["relaxations"] if not one["confidential"]]
    if "sentence_without_amounts" in said:
        shown |= {**dict.fromkeys(_COSTS), "sentence": said["sentence_without_amounts"]}
    return shown


def candidates_without_cost(listed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Without prices; their order must not follow from them either."""
    return [{**one, "cost_minor": None, "value_per_hour_minor": None} for one in listed]
