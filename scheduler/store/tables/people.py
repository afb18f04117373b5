"""Tables of people and of what describes their time: skills, calendars, absences."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, SmallInteger, String

from scheduler.domain.staffing.absence_kinds import Accrual, BalanceUnit, BeyondBalance
from scheduler.domain.staffing.absence_requests import RequestState
from scheduler.domain.staffing.people import DayPart, Employment
from scheduler.store.columns import Choice, Id, Key, Name, Scaled, UtcDateTime
from scheduler.store.tables.base import at_least, child, head, reference

WEEKDAYS = ("mon_min", "tue_min", "wed_min", "thu_min", "fri_min", "sat_min", "sun_min")

SKILLS = head(
    "skills",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("family", Name),
    Index("uq_skills_name_key", "name_key", unique=True),
)

CALENDARS = head(
    "calendars",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("country", Name),
    Column("subdivision", Name),
    Index("uq_calendars_name_key", "name_key", unique=True),
)

CALENDAR_CLOSURES = child(
    "calendar_closures",
    CALENDARS,
    Column("day", Date, primary_key=True),
    Column("part", Choice(DayPart), nullable=False),
    Column("name", Name, nullable=False),
)

PEOPLE = head(
    "people",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False, index=True),
    Column("email", Name),
    Column("team", Name),
    Column("max_demands", Integer),
)

PERSON_TERMS = child(
    "person_terms",
    PEOPLE,
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date),
    Column("employment", Choice(Employment), nullable=False),
    reference("calendar_id", CALENDARS),
    *(Column(day, SmallInteger, nullable=False) for day in WEEKDAYS),
    Column("cost_rate", Scaled, nullable=False),
    Column("location", Name),
    Column("grade", Name),
    Column("billable_target", Scaled),
    at_least("cost_rate", 0),
)

PERSON_SKILLS = child(
    "person_skills",
    PEOPLE,
    Column("position", SmallInteger, primary_key=True),
    reference("skill_id", SKILLS),
    Column("level", SmallInteger, nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    at_least("level", 1),
)

ABSENCES = head(
    "absences",
    reference("person_id", PEOPLE),
    Column("period_start", Date, nullable=False, index=True),
    Column("period_end", Date),
    Column("part", Choice(DayPart), nullable=False),
    Column("kind", Name, nullable=False),
    # No reference: requests are never deleted, and the table is older than they are.
    Column("request_id", Id, index=True),
)

ABSENCE_KINDS = head(
    "absence_kinds",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("needs_approval", Boolean(create_constraint=False), nullable=False),
    Column("is_always_recordable", Boolean(create_constraint=False), nullable=False),
    Column("unit", Choice(BalanceUnit), nullable=False),
    Column("entitlement", Integer),
    Column("full_week", Integer),
    Column("first_year", SmallInteger),
    Column("accrual", Choice(Accrual), nullable=False),
    Column("carry_over_max", Integer),
    Column("carry_over_until", String(5)),
    Column("beyond_balance", Choice(BeyondBalance), nullable=False),
    Index("uq_absence_kinds_name_key", "name_key", unique=True),
)

ABSENCE_REQUESTS = head(
    "absence_requests",
    reference("person_id", PEOPLE),
    # Emptied when the person is erased.
    reference("kind_id", ABSENCE_KINDS, nullable=True),
    Column("period_start", Date, nullable=False, index=True),
    Column("period_end", Date, nullable=False),
    Column("first_half", Boolean(create_constraint=False), nullable=False),
    Column("last_half", Boolean(create_constraint=False), nullable=False),
    Column("note", Name),
    Column("state", Choice(RequestState), nullable=False),
    Column("requested_by", Id),
    Column("requested_at", UtcDateTime),
    Column("decided_by", Id),
    Column("decided_at", UtcDateTime),
    Column("reason", Name),
)
