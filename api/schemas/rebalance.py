"""Rebalance policies, and the change sets that their runs come to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction as Exact
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field

from api.schemas.fields import Clean, Flag, Fraction, Id, Integer, Name, Rate, RecordWrite, Schema, WriteSchema
from api.schemas.lists import ListQuery, NamedList, Word
from api.schemas.plan_application import MovedRead
from scheduler.domain.ground.ids import PersonId, RebalancePolicyId
from scheduler.domain.staffing.change_sets import ChangeSetState
from scheduler.domain.staffing.plan_scope import SCOPE, DemandState
from scheduler.domain.staffing.rebalance_policies import TIME_LIMIT_MAX_S, WEEKS_MAX, RebalancePolicy, Unasked
from scheduler.jobs.decisions import Approval

if TYPE_CHECKING:
    from scheduler.domain.staffing.change_sets import ChangeGroup, ChangeSet
    from scheduler.queries.change_sets import ShownChangeSet

MOVED_SHOWN = 20
Positions = Annotated[list[Annotated[Integer, Field(ge=1)]], Field(max_length=10_000)]


class RebalancePolicyWrite(RecordWrite):
    """When and how the bookings in force are planned anew. Amounts are in the firm's currency; periods begin on the next Monday."""

    name: Name
    cron: Annotated[
        Clean | None,
        Field(description="Minute, hour, day of month, month, day of week; null: only when somebody runs it.", examples=["30 2 * * 1-5"]),
    ] = None
    time_zone: Annotated[Clean, Field(description="Of `cron`, by its IANA name.", examples=["Europe/Berlin"])] = "UTC"
    is_active: Annotated[Flag, Field(description="Whether it runs by itself.")] = True
    weeks: Annotated[Integer, Field(ge=1, le=WEEKS_MAX)] = 26
    project_ids: Annotated[list[Id] | None, Field(max_length=10_000, description="null: every won or tentative project.")] = None
    project_states: Annotated[list[Literal["won", "tentative"]] | None, Field(max_length=2, description="null: both.")] = None
    demand_states: Annotated[list[DemandState] | None, Field(max_length=3, description="How much is booked; null: however much.")] = None
    skill_ids: Annotated[list[Id] | None, Field(max_length=1_000, description="Demands that require one of them; null: all.")] = None
    teams: Annotated[list[Name] | None, Field(max_length=1_000, description="Whose people are planned; null: everybody's.")] = None
    locations: Annotated[list[Name] | None, Field(max_length=1_000, description="Where they work who are planned; null: anywhere.")] = None
    min_probability: Annotated[Fraction | None, Field(description="Least probability of the tentative projects that are planned.")] = None
    frozen_weeks: Annotated[Integer, Field(ge=0, le=WEEKS_MAX, description="In the first so many weeks nothing moves.")] = 1
    churn_cost: Annotated[Rate, Field(description="Per changed hour.")] = Decimal(20)
    setup_cost: Annotated[Rate, Field(description="Per person put on a demand they are not booked on.")] = Decimal(0)
    max_churn_hours: Annotated[Rate | None, Field(description="Most new hours in one run.")] = None
    min_worth: Annotated[
        Rate, Field(description="Groups that bring less are left out, unless they mend something. Needs the right `cost:read`.")
    ] = Decimal(0)
    unasked: Annotated[Unasked, Field(description="What a run may change without anybody's leave.")] = Unasked.NONE
    tell: Annotated[
        list[Id],
        Field(
            max_length=100,
            description="People who are told by mail when a change set is ready or has expired, if they have a login that may read it.",
        ),
    ] = Field(default_factory=list)
    time_limit_s: Annotated[Integer, Field(ge=1, le=TIME_LIMIT_MAX_S, description="Seconds that the search may take.")] = 60
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> RebalancePolicy:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in (*SCOPE, "tell")}
        scope: dict[str, Any] = {
            name: None if (one := getattr(self, name)) is None else frozenset(map(of, one)) for name, of in SCOPE.items()
        }
        return RebalancePolicy(id=RebalancePolicyId(own_id), version=version, tell=tuple(map(PersonId, self.tell)), **scope, **given)

    @classmethod
    def of(cls, value: RebalancePolicy) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in cls.model_fields if name not in (*SCOPE, "tell", "id", "version")}
        given |= {name: None if (one := getattr(value, name)) is None else sorted(one) for name in SCOPE}
        return cls.model_construct(**given, tell=list(value.tell))


class RebalancePolicyList(NamedList):
    """Rebalance policies."""


class RunWrite(WriteSchema):
    """How a policy is run now."""

    anew: Annotated[Flag, Field(description="Plan although nothing has changed since the last change set.")] = False


class GroupsWrite(WriteSchema):
    """Which groups of a change set, by their number; without `groups` all that can be decided so."""

    groups: Positions | None = None


class ApprovalWrite(GroupsWrite):
    """Which groups are applied, and how firm their bookings shall be."""

    state: Literal["tentative", "confirmed"] = "tentative"
    override_reason: Annotated[
        Name | None, Field(description="Why people are booked beyond their capacity; needs the right `bookings:overbook`.")
    ] = None

    def to_value(self) -> Approval:
        """As the use case knows it."""
        return Approval(groups=self.groups, confirmed=self.state == "confirmed", override_reason=self.override_reason)


class ChangeSetList(ListQuery):
    """Change sets."""

    policy_id: Word | None = None
    state: ChangeSetState | None = None


class NamedRead(Schema):
    """A thing and its name."""

    id: Id
    name: str


class RunRead(Schema):
    """A booking's weeks, share and shift; ``state`` only of what is booked."""

    first_week: str
    last_week: str
    share: str
    shift_weeks: Integer
    state: str | None = None


class ChangeRead(Schema):
    """One person on one demand, otherwise than booked."""

    id: str
    kind: str
    person: NamedRead
    demand: NamedRead
    project: NamedRead
    was: RunRead | None
    now: RunRead | None


class ReasonRead(Schema):
    """Why a group is proposed. Codes: `mends`, `fills`, `leaves`, `worth_more`."""

    code: str
    text: str
    facts: dict[str, Any]


class GroupRead(Schema):
    """Changes that are applied together or not at all. Without the right `cost:read`, worth is null."""

    number: Integer
    state: Annotated[
        str, Field(description="`open`, `expired` (open, but what it rests on has changed), `applied`, `rejected` or `undone`.")
    ]
    worth_minor: Annotated[Integer | None, Field(description="The objective with the group less that without it, rounded.")]
    worth_x60: Annotated[Integer | None, Field(description="The same, exactly: minor units x 60.")]
    reasons: list[ReasonRead]
    changes: list[ChangeRead]
    decided_at: datetime | None
    decided_by: str | None
    moved: Annotated[list[MovedRead], Field(description="What has changed since it was computed and matters to it; the first of them.")]


class BrokenRead(Schema):
    """A booking in force that no longer holds."""

    code: str
    text: str
    facts: dict[str, Any]


class ChangeSetRead(Schema):
    """What a run of a policy came to; as an item of a list without groups, proof and what is broken."""

    id: Id
    version: Integer
    policy_id: Id
    policy_name: str | None
    state: ChangeSetState
    is_dry_run: bool
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    expired_at: Annotated[datetime | None, Field(description="When it was found that what open groups rest on has changed.")]
    plan_id: Id | None
    failure_code: str | None
    gain_minor: Annotated[Integer | None, Field(description="What all groups bring together, rounded; null without `cost:read`.")]
    gain_x60: Integer | None
    dropped_count: Annotated[Integer | None, Field(description="Groups that bring less than the policy wants; null without `cost:read`.")]
    proof: dict[str, Any] | None
    broken: list[BrokenRead]
    groups: list[GroupRead]


def shown_set(found: ChangeSet, seen: ShownChangeSet | None = None) -> ChangeSetRead:
    """As callers see it; without ``seen`` as an item of a list."""
    proof = None if seen is None or seen.proof is None else dict(seen.proof)
    broken = (
        [] if seen is None else [BrokenRead.model_construct(code=b["code"], text=b["text"], facts=dict(b["facts"])) for b in seen.broken]
    )
    return ChangeSetRead.model_construct(
        id=found.id,
        version=found.version,
        policy_id=found.policy_id,
        policy_name=None if seen is None else seen.policy_name,
        state=found.state,
        is_dry_run=found.is_dry_run,
        due_at=found.due_at,
        created_at=found.created_at,
        finished_at=found.finished_at,
        expired_at=found.expired_at,
        plan_id=found.plan_id,
        failure_code=found.failure_code,
        gain_minor=_minor(found.gain_x60),
        gain_x60=found.gain_x60,
        dropped_count=found.dropped_count,
        proof=proof,
        broken=broken,
        groups=[] if seen is None else [_group(group, seen) for group in found.groups],
    )


def _minor(amount_x60: int | None) -> int | None:
    return None if amount_x60 is None else round(Exact(amount_x60, 60))


def _group(group: ChangeGroup, seen: ShownChangeSet) -> GroupRead:
    moved = seen.moved.get(group.position, ())
    return GroupRead.model_construct(
        number=group.position,
        state="expired" if moved else group.state.value,
        worth_minor=_minor(group.worth_x60),
        worth_x60=group.worth_x60,
        reasons=[_reason(reason, seen) for reason in group.reasons],
        changes=[_change(change, seen) for change in group.changes],
        decided_at=group.decided_at,
        decided_by=group.decided_by,
        moved=[MovedRead.model_construct(**row.to_json()) for row in moved[:MOVED_SHOWN]],
    )


def _named(area: str, row_id: str, seen: ShownChangeSet) -> NamedRead:
    return NamedRead.model_construct(id=row_id, name=seen.names[area].get(row_id, row_id))


def _change(change: Any, seen: ShownChangeSet) -> ChangeRead:
    was, now = (None if change[end] is None else RunRead.model_construct(**{"state": None, **change[end]}) for end in ("was", "now"))
    return ChangeRead.model_construct(
        id=change["id"],
        kind=change["kind"],
        person=_named("people", change["person_id"], seen),
        demand=_named("demands", change["demand_id"], seen),
        project=_named("projects", change["project_id"], seen),
        was=was,
        now=now,
    )


def _reason(reason: Any, seen: ShownChangeSet) -> ReasonRead:
    facts = {name: value for name, value in reason.items() if name != "code"}
    demand = _named("demands", facts["demand_id"], seen).name if "demand_id" in facts else ""
    hours = f"{facts.get('minutes', 0) / 60:,.2f}".rstrip("0").rstrip(".")
    match reason["code"]:
        case "mends":
            person = _named("people", facts["person_id"], seen).name
            text = f"Mends the booking of {person} on {demand}, which no longer holds ({facts['why'].replace('_', ' ')})."
        case "fills":
            text = f"Fills {hours} h more of {demand}."
        case "leaves":
            text = f"Leaves {hours} h of {demand} open that were booked."
        case _:
            text = "Is worth more than what is booked now."
    return ReasonRead.model_construct(code=reason["code"], text=text, facts=facts)
