"""The kinds of changes that a scenario may have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model

from api.schemas import people, rates, work
from api.schemas.fields import Day, Fraction, Id, Integer, RecordWrite, Schema
from api.schemas.records import patch_shape
from scheduler.domain.staffing.scenarios import HIRES_MAX, ONE_OF, Change

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITES: dict[str, type[RecordWrite]] = {
    "skills": people.SkillWrite,
    "people": people.PersonWrite,
    "projects": work.ProjectWrite,
    "demands": work.DemandWrite,
    "absences": people.AbsenceWrite,
    "bill_rates": rates.BillRateWrite,
    "bookings": work.BookingWrite,
}
NewId = Annotated[
    Id | None,
    Field(description="Left out, or a name of your own that begins with # and stands for the id in other changes; the server gives ids."),
]


class ChangeShape(Schema):
    """Base of all changes."""

    kind: str

    def to_value(self) -> Change:
        """As the domain knows it."""
        body = self.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return Change(kind=body.pop("kind"), body=body)


class RemovePerson(ChangeShape):
    """
    Somebody leaves: ``leaves`` is the first day on which they do not work any more.

    Their terms end then and their bookings at the end of that week; what they were booked for is open demand again.
    """

    kind: Literal["remove_person"]
    id: Id
    leaves: Day


class Hire(ChangeShape):
    """
    ``count`` people of one profile. A term without ``cost_rate`` gets the mean of the people of its grade, or of everybody.

    ``ids``: of those hired, given by the server, or names of your own that begin with #.
    """

    kind: Literal["hire"]
    count: Annotated[Integer, Field(ge=1, le=HIRES_MAX)]
    ids: Annotated[list[Id], Field(max_length=HIRES_MAX)] = Field(default_factory=list)
    profile: people.PersonWrite


class WinProject(ChangeShape):
    """A tentative project is won."""

    kind: Literal["win_project"]
    project_id: Id


class LoseProject(ChangeShape):
    """A tentative project is lost; its bookings go, all of them or those ``from`` a Monday on."""

    kind: Literal["lose_project"]
    project_id: Id
    from_: Annotated[Day | None, Field(alias="from")] = None


class SetProbability(ChangeShape):
    """A tentative project is won with another probability."""

    kind: Literal["set_probability"]
    project_id: Id
    probability: Fraction = Decimal(1)


class ShiftProject(ChangeShape):
    """A project with its demands and bookings moves by whole weeks, later or (negative) earlier."""

    kind: Literal["shift_project"]
    project_id: Id
    weeks: Annotated[Integer, Field(ge=-520, le=520)]


class RaiseSkill(ChangeShape):
    """Somebody holds a skill at a higher level, all the time or ``from`` a day on."""

    kind: Literal["raise_skill"]
    person_id: Id
    skill_id: Id
    level: Annotated[Integer, Field(ge=1, le=5)]
    from_: Annotated[Day | None, Field(alias="from")] = None


def _of_records() -> Iterator[type[ChangeShape]]:
    for area, one in ONE_OF.items():
        name, write, words = one.title().replace("_", ""), _WRITES[area], one.replace("_", " ")
        yield _shape(f"Add{name}", f"add_{one}", f"A new {words}.", id=(NewId, None), record=(write, ...))
        # The same shape as the one that changes the record itself, so that the description has it once.
        patch = patch_shape(f"{name}Patch", write)
        yield _shape(f"Change{name}", f"change_{one}", f"Other fields of a {words}.", id=(Id, ...), fields_=(patch, Field(alias="fields")))
        if one != "person":
            yield _shape(f"Remove{name}", f"remove_{one}", f"A {words} less, and what belongs to it.", id=(Id, ...))


def _shape(name: str, kind: str, doc: str, **fields: Any) -> type[ChangeShape]:
    own: dict[str, Any] = {"kind": (Literal[kind], ...), **fields}
    return create_model(name, __base__=ChangeShape, __doc__=doc, **own)


SHAPES: tuple[type[ChangeShape], ...] = (
    *_of_records(),
    RemovePerson,
    Hire,
    WinProject,
    LoseProject,
    SetProbability,
    ShiftProject,
    RaiseSkill,
)
