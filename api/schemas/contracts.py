"""Contracts, charges, and where a contract stands."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field

from api.schemas.billing import PaymentDays
from api.schemas.fields import (
    Currency,
    Day,
    Fraction,
    Id,
    Instant,
    Integer,
    Markup,
    Minor,
    Minutes,
    Name,
    Part,
    Rate,
    RecordWrite,
    Schema,
    WriteSchema,
)
from api.schemas.lists import ListQuery, Word
from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.contracts import (
    ROLL_MONTHS_MAX,
    STEP_MAX,
    BeyondCap,
    Contract,
    ContractKind,
    LineDetail,
    Recognition,
    Retainer,
    Rounding,
    RoundingMode,
    RoundingScope,
    Unused,
)
from scheduler.domain.ground.ids import ChargeId, ContractId, LegalEntityId, ProjectId, TaskId, TaxCodeId

if TYPE_CHECKING:
    from scheduler.queries.contracts import ContractStatus

Step = Annotated[Integer, Field(ge=1, le=STEP_MAX)]
_PARTS = frozenset({"retainer", "rounding"})


class RoundingShape(Part):
    """How minutes are rounded when they are priced: by entry, by person and day, or by line of an invoice."""

    step_min: Step = 1
    mode: RoundingMode = RoundingMode.UP
    minimum_min: Annotated[Integer, Field(ge=0, le=STEP_MAX, description="Least minutes billed of what is rounded together.")] = 0
    scope: RoundingScope = RoundingScope.ENTRY

    def to_value(self) -> Rounding:
        """As the domain knows it."""
        return Rounding(**{name: getattr(self, name) for name in RoundingShape.model_fields})

    @classmethod
    def of(cls, value: Rounding) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(**{name: getattr(value, name) for name in RoundingShape.model_fields})


class RetainerShape(Part):
    """A fee for each month and the minutes in it; unused ones lapse, or roll over for ``roll_months``."""

    fee_minor: Annotated[Minor | None, Field(description="Null for whoever may not see prices.")]
    included_min: Minutes
    unused: Unused = Unused.LAPSE
    roll_months: Annotated[Integer, Field(ge=0, le=ROLL_MONTHS_MAX)] = 0
    overage_rate: Annotated[Rate | None, Field(description="Per hour beyond; null: by the bill rates.")] = None

    def to_value(self) -> Retainer:
        """As the domain knows it."""
        return Retainer(**{name: getattr(self, name) for name in RetainerShape.model_fields})

    @classmethod
    def of(cls, value: Retainer) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(**{name: getattr(value, name) for name in RetainerShape.model_fields})


class ContractWrite(RecordWrite):
    """
    How a project's work becomes money; one for each project. Amounts are in minor units of ``currency``, before tax.

    Each kind has its terms: ``cap_minor`` of a capped one, ``retainer`` of a retainer, ``markup`` of cost-plus, ``blended_rate`` of those that
    bill time. The price of a fixed one is the project's ``contract_value_minor``; in a foreign currency it is ``value_minor``.
    """

    project_id: Id
    name: Name
    kind: ContractKind
    currency: Currency
    legal_entity_id: Id
    starts_on: Day
    ends_on: Annotated[Day | None, Field(description="The last day; null: it goes on.")] = None
    tax_code_id: Annotated[Id | None, Field(description="Null: the client's account says it, else the legal entity.")] = None
    recognition: Recognition | None = None
    blended_rate: Rate | None = None
    cap_minor: Minor | None = None
    beyond_cap: BeyondCap = BeyondCap.STOP
    value_minor: Minor | None = None
    retainer: RetainerShape | None = None
    markup: Markup | None = None
    discount: Fraction = Decimal(0)
    retention: Fraction = Decimal(0)
    retention_due_on: Day | None = None
    payment_days: PaymentDays | None = None
    rounding: Annotated[RoundingShape, Field(default_factory=RoundingShape)]
    detail: LineDetail = LineDetail.PERSON
    order_reference: Name | None = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Contract:
        """As the domain knows it."""
        ids = {"project_id", "legal_entity_id", "tax_code_id"}
        given = {name: getattr(self, name) for name in ContractWrite.model_fields if name not in _PARTS | ids}
        return Contract(
            id=ContractId(own_id),
            version=version,
            project_id=ProjectId(self.project_id),
            legal_entity_id=LegalEntityId(self.legal_entity_id),
            tax_code_id=None if self.tax_code_id is None else TaxCodeId(self.tax_code_id),
            retainer=None if self.retainer is None else self.retainer.to_value(),
            rounding=self.rounding.to_value(),
            **given,
        )

    @classmethod
    def of(cls, value: Contract) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in ContractWrite.model_fields if name not in _PARTS}
        retainer = None if value.retainer is None else RetainerShape.of(value.retainer)
        return cls.model_construct(**given, retainer=retainer, rounding=RoundingShape.of(value.rounding))


class ChargeWrite(RecordWrite):
    """
    An amount of a contract that becomes billable once, in minor units of the contract's currency, before tax.

    ``milestone``: once it is approved; ``schedule``: on its day; ``deposit``: on its day, and taken off later invoices; ``block``: on its day,
    and worth ``minutes`` of work.
    """

    shown_only: ClassVar[Mapping[str, Any]] = {
        "state": ChargeState,
        "approved_on": Day | None,
        "approved_at": Instant | None,
        "approved_by": Id | None,
    }
    read_only: ClassVar[frozenset[str]] = WriteSchema.read_only | set(shown_only)

    contract_id: Id
    kind: ChargeKind
    name: Annotated[Name, Field(description="What the client reads on the invoice.")]
    due_on: Annotated[Day, Field(description="When it becomes billable; of a milestone, when it is expected.")]
    amount_minor: Annotated[Minor, Field(ge=1)]
    minutes: Annotated[Minutes | None, Field(description="Of a block: the work that it pays for.")] = None
    task_id: Annotated[Id | None, Field(description="The milestone of the project that it goes with.")] = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Charge:
        """As the domain knows it."""
        names = set(ChargeWrite.model_fields) - {"contract_id", "task_id"}
        return Charge(
            id=ChargeId(own_id),
            version=version,
            contract_id=ContractId(self.contract_id),
            task_id=None if self.task_id is None else TaskId(self.task_id),
            **{name: getattr(self, name) for name in names},
        )

    @classmethod
    def of(cls, value: Charge) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in ChargeWrite.model_fields})


class ContractList(ListQuery):
    """Contracts."""

    project_id: Word | None = None
    legal_entity_id: Word | None = None
    kind: ContractKind | None = None
    currency: Word | None = None
    external_id: Word | None = None


class ChargeList(ListQuery):
    """Charges."""

    contract_id: Word | None = None
    kind: ChargeKind | None = None
    state: ChargeState | None = None
    external_id: Word | None = None


class ChargeApprovalWrite(WriteSchema):
    """When the milestone was reached; null: today."""

    reached_on: Day | None = None


class ChargeUnapprovalWrite(WriteSchema):
    """Nothing but the step itself."""


class ContractStatusQuery(Schema):
    """Of which day."""

    on: Annotated[Day | None, Field(description="Which months have begun and what lapsed by this day; null: today.")] = None


class BlockRead(Schema):
    """A block of hours that is billed, and how much of it is used."""

    charge_id: Id
    name: str
    minutes: Integer
    used_minutes: Integer
    left_minutes: Integer


class RetainerMonthRead(Schema):
    """A month of a retainer: what of its time is used, what may still be, and what nobody can use any more."""

    month: str
    fee_is_billed: bool
    included_minutes: Integer
    used_minutes: Integer
    left_minutes: Annotated[Integer, Field(description="Usable on the day that is asked about; after the month, what rolled over.")]
    lapsed_minutes: Integer
    usable_until: Day


class ContractStatusRead(Schema):
    """Where a contract stands, in minor units of its currency and before tax; null: does not apply, or may not be seen."""

    contract_id: Id
    currency: str
    value_minor: int | None
    billed_minor: Annotated[int | None, Field(description="On invoices that count, drafts included, less what was credited.")]
    cap_minor: int | None
    cap_left_minor: int | None
    milestones_minor: Annotated[int | None, Field(description="What all milestones come to; it has to be the value.")]
    deposits_minor: Annotated[Integer, Field(description="Deposits on invoices that were issued.")]
    deposits_left_minor: Annotated[int | None, Field(description="What of them is not taken off yet.")]
    blocks: list[BlockRead]
    months: list[RetainerMonthRead]


def shown_status(found: ContractStatus) -> ContractStatusRead:
    """As HTTP shows it."""
    names = set(ContractStatusRead.model_fields) - {"blocks", "months"}
    return ContractStatusRead(
        **{name: getattr(found, name) for name in names},
        blocks=[BlockRead(**{name: getattr(one, name) for name in BlockRead.model_fields}) for one in found.blocks],
        months=[RetainerMonthRead(**{name: getattr(one, name) for name in RetainerMonthRead.model_fields}) for one in found.months],
    )
