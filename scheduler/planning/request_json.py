"""A plan request as plain JSON, for the plan's row: decimals are text, so that they stay exact."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.ids import ProjectId
from scheduler.domain.staffing.plan_scope import SCOPE
from scheduler.planning.request import ChangePolicy, PlanRequest, SolveLimits, Tentative

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_POLICY_DECIMALS = ("setup_cost", "churn_cost", "max_churn_hours", "fairness_cost", "band_low", "band_high")


def request_to_json(request: PlanRequest) -> dict[str, Any]:
    """Plain JSON values; ``request_from_json`` gives an equal request back."""
    policy = asdict(request.policy)
    policy["priorities"] = [{"project_id": project, "priority": _text(factor)} for project, factor in request.policy.priorities]
    return {
        "horizon_start": request.horizon_start.isoformat(),
        "weeks": request.weeks,
        **{name: _sorted(getattr(request, name)) for name in SCOPE},
        "tentative": request.tentative.value,
        "min_probability": _text(request.min_probability),
        "policy": {name: _text(value) if name in _POLICY_DECIMALS else value for name, value in policy.items()},
        "limits": asdict(request.limits),
        "cost_blind": request.cost_blind,
        **({"rebalances": True} if request.rebalances else {}),
        "scenario_id": request.scenario_id,
    }


def request_from_json(value: Mapping[str, Any]) -> PlanRequest:
    """What ``request_to_json`` wrote. Raises DomainError when the request is not valid (any more)."""
    policy: dict[str, Any] = {name: _decimal(entry) if name in _POLICY_DECIMALS else entry for name, entry in value["policy"].items()}
    given = policy.pop("priorities", [])
    policy["priorities"] = tuple((ProjectId(one["project_id"]), Decimal(one["priority"])) for one in given)
    return PlanRequest(
        horizon_start=date.fromisoformat(value["horizon_start"]),
        weeks=value["weeks"],
        **{name: _scope(value.get(name), of) for name, of in SCOPE.items()},
        tentative=Tentative(value["tentative"]),
        min_probability=_decimal(value["min_probability"]),
        policy=ChangePolicy(**policy),
        limits=SolveLimits(**value["limits"]),
        cost_blind=value.get("cost_blind", False),
        rebalances=value.get("rebalances", False),
        scenario_id=value.get("scenario_id"),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _sorted(named: frozenset[Any] | None) -> list[Any] | None:
    return None if named is None else sorted(named)


def _scope(named: list[str] | None, of: Callable[[str], Any]) -> frozenset[Any] | None:
    return None if named is None else frozenset(map(of, named))
