"""What the books keep as rows: closed months, balances taken over from other books, and adjustments by hand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.months import check_month
from scheduler.domain.billing.roll_forward import AdjustedAmount, Opening
from scheduler.domain.ground.checks import INTEGER_MAX, Faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from scheduler.domain.ground.ids import ActorId, AdjustmentId, ClosedMonthId, ContractId, OpeningId

REASON_MAX = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A month of which nothing changes any more. The hashes tell whether its rows, and those of months before, are what was written."""

    id: ClosedMonthId
    month: date
    closed_at: datetime
    closed_by: ActorId
    content_sha256: str
    chain_sha256: str
    known_at: datetime | None = None
    """The instant as of which it was reckoned: what was recorded later counts in later months. ``None``: that was not kept yet."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        check_month(faults, "/month", self.month)
        faults.raise_any("closed month")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractOpening:
    """What other books say of a contract before the month from which these count; amounts in minor units."""

    id: OpeningId
    contract_id: ContractId
    month: date
    earned_minor: int
    billed_minor: int
    home_minor: int
    """What the difference is carried at in the firm's currency."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.raise_any("opening balance")
        _ = self.opening

    @property
    def opening(self) -> Opening:
        """As the roll-forward takes it. Raises DomainError ``input.invalid``."""
        return Opening(month=self.month, earned_minor=self.earned_minor, billed_minor=self.billed_minor, home_minor=self.home_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueAdjustment:
    """An amount (minor units of the contract's currency, below 0: taken away) that somebody added to revenue and balance by hand."""

    id: AdjustmentId
    contract_id: ContractId
    day: date
    amount_minor: int
    reason: str
    made_at: datetime
    made_by: ActorId
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        reason = faults.optional_lines("/reason", self.reason, most=REASON_MAX)
        if reason is None:
            faults.add("/reason", "text.empty", "The text is empty; say why it is adjusted.")
        object.__setattr__(self, "reason", reason or "")
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.integer("/amount_minor", self.amount_minor, least=-INTEGER_MAX)
        if not self.amount_minor:
            faults.add("/amount_minor", "number.out_of_range", "An adjustment of 0 changes nothing; give an amount above or below it.")
        faults.raise_any("adjustment")

    @property
    def adjusted(self) -> AdjustedAmount:
        """As the roll-forward takes it."""
        return AdjustedAmount(day=self.day, amount_minor=self.amount_minor)


def content_hash(month: date, balances: Iterable[Mapping[str, Any]], postings: Iterable[Mapping[str, Any]]) -> str:
    """The hash of a closed month's rows, each by column name, in the order in which they are kept."""
    content = {"month": month.isoformat(), "balances": list(balances), "postings": list(postings)}
    return hashlib.sha256(json.dumps(content, default=str, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chain_hash(before: str | None, content: str) -> str:
    """The hash of a month's content and of the chain of the month before."""
    return hashlib.sha256(f"{before or ''}{content}".encode()).hexdigest()
