"""Contracts: how a project's work becomes money. One project has at most one; its terms say what is billed, when and at what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.money import check_currency

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.ids import ContractId, LegalEntityId, ProjectId, TaxCodeId

STEP_MAX = 480
"""Largest step of rounding in minutes: a working day."""
ROLL_MONTHS_MAX = 60
PAYMENT_DAYS_MAX = 365


class ContractKind(StrEnum):
    """What a contract charges for."""

    TIME_AND_MATERIALS = "time_and_materials"
    CAPPED = "capped"
    """Time and materials up to an amount."""
    FIXED_PRICE = "fixed_price"
    """A price, billed by milestones."""
    FIXED_SCHEDULE = "fixed_schedule"
    """A price, billed by days that were agreed."""
    RETAINER = "retainer"
    """A fee for each month, with so much work in it."""
    BLOCK_HOURS = "block_hours"
    """Hours bought beforehand."""
    COST_PLUS = "cost_plus"
    """What the work costs, with a markup."""
    INTERNAL = "internal"
    """Never billed."""


PRICED_AS_A_WHOLE = frozenset({ContractKind.FIXED_PRICE, ContractKind.FIXED_SCHEDULE})
BILLS_TIME = frozenset(ContractKind) - PRICED_AS_A_WHOLE - {ContractKind.INTERNAL}
"""Kinds under which worked time comes onto invoices."""


class BeyondCap(StrEnum):
    """What becomes of work beyond the cap."""

    WARN = "warn"
    STOP = "stop"


class Unused(StrEnum):
    """What becomes of a retainer's time that nobody used in its month."""

    LAPSE = "lapse"
    ROLL_OVER = "roll_over"


class Recognition(StrEnum):
    """When revenue counts as earned."""

    AS_APPROVED = "as_approved"
    COST_TO_COST = "cost_to_cost"
    MILESTONE = "milestone"
    STRAIGHT_LINE = "straight_line"


class RoundingMode(StrEnum):
    """Where minutes go that are no whole step."""

    UP = "up"
    NEAREST = "nearest"
    DOWN = "down"


class RoundingScope(StrEnum):
    """What is rounded: each entry, all of one person and day, or each line of an invoice."""

    ENTRY = "entry"
    DAY = "day"
    LINE = "line"


class LineDetail(StrEnum):
    """What stands on one line of an invoice."""

    ENTRY = "entry"
    PERSON = "person"
    TASK = "task"
    GRADE = "grade"
    """Nobody's name: what anybody of a grade did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """How minutes are rounded when they are priced; recorded minutes never change."""

    step_min: int = 1
    mode: RoundingMode = RoundingMode.UP
    minimum_min: int = 0
    """Least minutes billed of each thing that is rounded."""
    scope: RoundingScope = RoundingScope.ENTRY

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/step_min", self.step_min, least=1, most=STEP_MAX)
        faults.integer("/minimum_min", self.minimum_min, least=0, most=STEP_MAX)
        faults.raise_any("rounding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retainer:
    """A fee for each month and the work that is in it."""

    fee_minor: int | None
    """``None`` for whoever may not see prices."""
    included_min: int
    unused: Unused = Unused.LAPSE
    roll_months: int = 0
    """For how many months unused time may still be used; 0 unless it rolls over."""
    overage_rate: Decimal | None = None
    """Per hour beyond; ``None``: by the bill rates."""

    def __post_init__(self) -> None:
        faults = Faults()
        if self.fee_minor is not None:
            faults.integer("/fee_minor", self.fee_minor, least=0)
        faults.integer("/included_min", self.included_min, least=0)
        faults.integer("/roll_months", self.roll_months, least=0, most=ROLL_MONTHS_MAX)
        if (self.unused is Unused.ROLL_OVER) != (self.roll_months > 0):
            faults.add("/roll_months", "contract.roll_months", "Say for how many months unused time rolls over, and only where it does.")
        if self.overage_rate is not None:
            faults.decimal("/overage_rate", self.overage_rate, least=Decimal(0))
        faults.raise_any("retainer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What was agreed for a project. Amounts are in minor units of ``currency``, before tax; rates per hour in its main unit."""

    id: ContractId
    project_id: ProjectId
    name: str
    kind: ContractKind
    currency: str
    legal_entity_id: LegalEntityId
    """Who bills it."""
    starts_on: date
    """Also the first month of a retainer."""
    ends_on: date | None = None
    """Last day; ``None``: it goes on."""
    tax_code_id: TaxCodeId | None = None
    """``None``: the client's account says it, else the legal entity."""
    recognition: Recognition | None = None
    """``None``: as its kind has it, see ``method``."""
    blended_rate: Decimal | None = None
    """One rate for everybody's hours."""
    cap_minor: int | None = None
    """Of a capped contract; ``None`` as well for whoever may not see prices."""
    beyond_cap: BeyondCap = BeyondCap.STOP
    value_minor: int | None = None
    """Price of a contract in a foreign currency; in the firm's own it is the project's, which change orders move."""
    retainer: Retainer | None = None
    markup: Decimal | None = None
    """Share that is added to costs: 0.15. ``None`` unless the contract is cost-plus, or for whoever may not see prices."""
    discount: Decimal = Decimal(0)
    """Share that is taken off everything but deposits."""
    retention: Decimal = Decimal(0)
    """Share of each invoice that is paid later."""
    retention_due_on: date | None = None
    payment_days: int | None = None
    """``None``: the client's account says it, else the legal entity."""
    rounding: Rounding = Rounding()
    detail: LineDetail = LineDetail.PERSON
    order_reference: str | None = None
    """The client's order, which stands on its invoices."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        for name in ("order_reference", "external_id"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        check_currency(faults, "/currency", self.currency)
        for name in ("discount", "retention"):
            faults.decimal(f"/{name}", getattr(self, name), least=Decimal(0), most=Decimal(1))
        if self.blended_rate is not None:
            faults.decimal("/blended_rate", self.blended_rate, least=Decimal(0))
        if self.markup is not None:
            faults.decimal("/markup", self.markup, least=Decimal(0), most=Decimal(10))
        for name in ("cap_minor", "value_minor"):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=0)
        if self.payment_days is not None:
            faults.integer("/payment_days", self.payment_days, least=0, most=PAYMENT_DAYS_MAX)
        if self.ends_on is not None and self.ends_on < self.starts_on:
            faults.add("/ends_on", "interval.empty", f"It ends {self.ends_on}, before it begins on {self.starts_on}.")
        self._check_kind(faults)
        faults.raise_any("contract")

    def _check_kind(self, faults: Faults) -> None:
        """No kind has the terms of another; see ``require_terms`` for those that it needs."""
        if (self.retainer is not None) != (self.kind is ContractKind.RETAINER):
            faults.add("/retainer", "contract.terms", "A retainer has its fee and its time, and no other contract does.")
        if self.cap_minor is not None and self.kind is not ContractKind.CAPPED:
            faults.add("/cap_minor", "contract.terms", "A cap belongs to capped contracts; leave it out.")
        if self.markup is not None and self.kind is not ContractKind.COST_PLUS:
            faults.add("/markup", "contract.terms", "A markup belongs to cost-plus contracts; leave it out.")
        if self.blended_rate is not None and self.kind not in BILLS_TIME - {ContractKind.COST_PLUS}:
            faults.add("/blended_rate", "contract.terms", f"Under a {self.kind} contract no hours are billed at rates; leave it out.")
        if self.value_minor is not None and self.kind not in PRICED_AS_A_WHOLE:
            faults.add("/value_minor", "contract.terms", "A price as a whole belongs to fixed-price contracts; leave it out.")
        if self.recognition not in METHODS[self.kind] | {None}:
            allowed = " or ".join(sorted(METHODS[self.kind])) or "none"
            faults.add("/recognition", "contract.recognition", f"Revenue of a {self.kind} contract is recognised by {allowed}.")
        if (self.retention > 0) != (self.retention_due_on is not None):
            faults.add("/retention_due_on", "contract.terms", "Say when what is held back is due, and only where something is.")

    def require_terms(self) -> None:
        """Raise DomainError ``input.invalid`` for amounts without which nothing can be billed; for a contract that is seen whole."""
        faults = Faults()
        needed = {
            "/cap_minor": (ContractKind.CAPPED, self.cap_minor),
            "/markup": (ContractKind.COST_PLUS, self.markup),
            "/retainer/fee_minor": (ContractKind.RETAINER, self.retainer and self.retainer.fee_minor),
        }
        for pointer, (kind, term) in needed.items():
            if self.kind is kind and term is None:
                faults.add(pointer, "contract.terms", f"A contract of kind {kind} needs it; give it.")
        faults.raise_any("contract")

    @property
    def method(self) -> Recognition:
        """When its revenue counts as earned."""
        return self.recognition or DEFAULT_METHOD[self.kind]


METHODS = {
    **dict.fromkeys(BILLS_TIME, frozenset({Recognition.AS_APPROVED})),
    ContractKind.RETAINER: frozenset({Recognition.STRAIGHT_LINE, Recognition.AS_APPROVED}),
    **dict.fromkeys(PRICED_AS_A_WHOLE, frozenset({Recognition.COST_TO_COST, Recognition.MILESTONE, Recognition.STRAIGHT_LINE})),
    ContractKind.FIXED_SCHEDULE: frozenset({Recognition.COST_TO_COST, Recognition.STRAIGHT_LINE}),
    ContractKind.INTERNAL: frozenset[Recognition](),
}
DEFAULT_METHOD = {
    **dict.fromkeys(ContractKind, Recognition.AS_APPROVED),
    ContractKind.RETAINER: Recognition.STRAIGHT_LINE,
    ContractKind.FIXED_PRICE: Recognition.MILESTONE,
    ContractKind.FIXED_SCHEDULE: Recognition.STRAIGHT_LINE,
}
