"""How clients, projects, demands, bookings and the firm's settings are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import (
    Booking,
    BookingState,
    Client,
    ContractKind,
    Demand,
    Firm,
    Project,
    ProjectState,
    WeekEffort,
)
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED, PERIOD_FILTERS
from scheduler.store.tables.work import (
    BOOKINGS,
    CLIENTS,
    DEMAND_EFFORT,
    DEMAND_LOCATIONS,
    DEMAND_PEOPLE,
    DEMAND_PREFERS,
    DEMAND_REQUIRES,
    DEMAND_SHARES,
    DEMANDS,
    FIRM,
    PROJECT_GROUPS,
    PROJECTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIRM_ID = "firm"

FIRM_AREA: Area[Firm] = Area(
    name="firm",
    one="firm's settings",
    table=FIRM,
    to_row=lambda firm: plain(firm, FIRM, id=FIRM_ID, external_id=None),
    from_row=lambda row, _children: built(Firm, row),
    sorts={"id": "id"},
)

CLIENT_AREA: Area[Client] = Area(
    name="clients",
    one="client",
    table=CLIENTS,
    to_row=lambda client: plain(client, CLIENTS, name_key=name_key(client.name)),
    from_row=lambda row, _children: built(Client, row),
    sorts=BY_NAME,
    filters=NAMED,
)


def _project_row(project: Project) -> dict[str, Any]:
    earliest, latest = project.shift_weeks or (None, None)
    return plain(
        project,
        PROJECTS,
        name_key=name_key(project.name),
        period_start=project.period and project.period.start,
        period_end=project.period and project.period.end,
        shift_earliest=earliest,
        shift_latest=latest,
    )


def _project_children(project: Project) -> Mapping[str, Iterable[dict[str, Any]]]:
    groups = (("apart", project.apart), ("together", project.together))
    return {
        PROJECT_GROUPS.name: [
            {"kind": kind, "position": number, "person_id": person}
            for kind, members in groups
            for number, group in enumerate(members)
            for person in sorted(group)
        ]
    }


def _groups(rows: Iterable[Row], kind: str) -> tuple[frozenset[PersonId], ...]:
    groups: dict[int, set[PersonId]] = {}
    for row in rows:
        if row["kind"] == kind:
            groups.setdefault(row["position"], set()).add(PersonId(row["person_id"]))
    return tuple(frozenset(groups[number]) for number in sorted(groups))


def _project(row: Row, children: ChildRows) -> Project:
    groups = children[PROJECT_GROUPS.name]
    start, earliest = row["period_start"], row["shift_earliest"]
    return built(
        Project,
        row,
        period=None if start is None else DateInterval(start, row["period_end"]),
        shift_weeks=None if earliest is None else (earliest, row["shift_latest"]),
        apart=_groups(groups, "apart"),
        together=_groups(groups, "together"),
    )


PROJECT_AREA: Area[Project] = Area(
    name="projects",
    one="project",
    table=PROJECTS,
    to_row=_project_row,
    to_children=_project_children,
    from_row=_project,
    children=(Child(table=PROJECT_GROUPS, pointer=lambda _number, row: f"/{row['kind']}/{row['position']}"),),
    sorts=BY_NAME,
    filters={
        **NAMED,
        "client_id": Filter(kind=FilterKind.EQUALS, column="client_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=ProjectState),
        "contract": Filter(kind=FilterKind.EQUALS, column="contract", choices=ContractKind),
    },
    stand_ins={"probability": Decimal(1), "priority": Decimal(1)},
)


def _demand_row(demand: Demand) -> dict[str, Any]:
    earliest, latest = demand.shift_weeks
    return plain(
        demand,
        DEMANDS,
        name_key=name_key(demand.name),
        any_location=demand.locations is None,
        anybody=demand.only is None,
        shift_earliest=earliest,
        shift_latest=latest,
    )


def _demand_children(demand: Demand) -> Mapping[str, Iterable[dict[str, Any]]]:
    people = [("only", person) for person in sorted(demand.only or ())] + [("never", person) for person in sorted(demand.never)]
    return {
        DEMAND_EFFORT.name: [plain(effort, DEMAND_EFFORT) for effort in demand.effort],
        DEMAND_REQUIRES.name: [{"skill_id": skill, "level": level} for skill, level in demand.requires.items()],
        DEMAND_PREFERS.name: [{"skill_id": skill, "bonus": bonus} for skill, bonus in demand.prefers.items()],
        DEMAND_LOCATIONS.name: [{"location": place} for place in sorted(demand.locations or ())],
        DEMAND_SHARES.name: [{"position": number, "share": share} for number, share in enumerate(demand.shares)],
        DEMAND_PEOPLE.name: [{"kind": kind, "person_id": person} for kind, person in people],
    }


def _demand(row: Row, children: ChildRows) -> Demand:
    people = children[DEMAND_PEOPLE.name]
    locations = frozenset(place["location"] for place in children[DEMAND_LOCATIONS.name])
    only = frozenset(PersonId(person["person_id"]) for person in people if person["kind"] == "only")
    return built(
        Demand,
        row,
        effort=tuple(built(WeekEffort, effort) for effort in children[DEMAND_EFFORT.name]),
        requires={skill["skill_id"]: skill["level"] for skill in children[DEMAND_REQUIRES.name]},
        prefers={skill["skill_id"]: skill["bonus"] for skill in children[DEMAND_PREFERS.name]},
        locations=None if row["any_location"] else locations,
        shares=tuple(share["share"] for share in children[DEMAND_SHARES.name]),
        only=None if row["anybody"] else only,
        never=frozenset(PersonId(person["person_id"]) for person in people if person["kind"] == "never"),
        shift_weeks=(row["shift_earliest"], row["shift_latest"]),
    )


DEMAND_AREA: Area[Demand] = Area(
    name="demands",
    one="demand",
    table=DEMANDS,
    to_row=_demand_row,
    to_children=_demand_children,
    from_row=_demand,
    children=(
        Child(table=DEMAND_EFFORT, pointer=lambda number, _row: f"/effort/{number}"),
        Child(table=DEMAND_REQUIRES, pointer=lambda _number, row: f"/requires/{row['skill_id']}"),
        Child(table=DEMAND_PREFERS, pointer=lambda _number, row: f"/prefers/{row['skill_id']}"),
        Child(table=DEMAND_LOCATIONS, pointer=lambda number, _row: f"/locations/{number}"),
        Child(table=DEMAND_SHARES, pointer=lambda number, _row: f"/shares/{number}"),
        Child(table=DEMAND_PEOPLE, pointer=lambda _number, row: f"/{row['kind']}"),
    ),
    sorts=BY_NAME,
    filters={
        **NAMED,
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "skill_id": Filter(kind=FilterKind.HAS, column="skill_id", child=DEMAND_REQUIRES),
    },
    stand_ins={"overqualified_cost": Decimal(0), "anybody": True},
)

BOOKING_AREA: Area[Booking] = Area(
    name="bookings",
    one="booking",
    table=BOOKINGS,
    to_row=lambda booking: plain(booking, BOOKINGS, period_start=booking.period.start, period_end=booking.period.end),
    from_row=lambda row, _children: built(Booking, row, period=DateInterval(row["period_start"], row["period_end"])),
    sorts={"start": "period_start", "id": "id"},
    filters={
        **PERIOD_FILTERS,
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "demand_id": Filter(kind=FilterKind.EQUALS, column="demand_id"),
        "plan_id": Filter(kind=FilterKind.EQUALS, column="plan_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=BookingState),
        "over_capacity": Filter(kind=FilterKind.EQUALS, column="over_capacity"),
    },
)
