"""Values of the firm check themselves: every fault, with its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import PersonId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Closure
from scheduler.domain.staffing.work import WeekEffort
from tests import factories as make
from tests.cpu_time import cpu_at_most

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2027, 3, 3)
MONDAY = make.MONDAY

FAULTY: dict[str, tuple[Callable[[], Any], set[tuple[str, str]]]] = {
    "empty name": (lambda: make.make_client(" \u2003 "), {("/name", "text.empty")}),
    "long name": (lambda: make.make_client("x" * 201), {("/name", "text.too_long")}),
    "NUL": (lambda: make.make_client("a\x00b"), {("/name", "text.nul")}),
    "line break": (lambda: make.make_client("a\nb"), {("/name", "text.control")}),
    "terminal escape": (lambda: make.make_client("a\x1b[31mb"), {("/name", "text.control")}),
    "line separator": (lambda: make.make_client("a\u2028b"), {("/name", "text.control")}),
    "direction override": (lambda: make.make_skill(external_id="a\u202eb"), {("/external_id", "text.control")}),
    "lone surrogate": (lambda: make.make_client("a\ud800"), {("/name", "text.invalid_unicode")}),
    "long external id": (lambda: make.make_skill(external_id="x" * 201), {("/external_id", "text.too_long")}),
    "level 0": (lambda: make.make_held(level=0), {("/level", "number.out_of_range")}),
    "level 6": (lambda: make.make_held(level=6), {("/level", "number.out_of_range")}),
    "certificate ends first": (
        lambda: make.make_held(valid_from=DAY, valid_until=date(2027, 3, 2)),
        {("/valid_until", "interval.empty")},
    ),
    "minutes of a day": (
        lambda: make.make_term(weekly_minutes=(-1, 1441, 0, 0, 0, 0, 1440)),
        {("/weekly_minutes/0", "number.out_of_range"), ("/weekly_minutes/1", "number.out_of_range")},
    ),
    "negative cost": (lambda: make.make_term(cost_rate=Decimal("-0.01")), {("/cost_rate", "number.out_of_range")}),
    "cost too precise": (lambda: make.make_term(cost_rate=Decimal("1.00001")), {("/cost_rate", "number.too_precise")}),
    "cost NaN": (lambda: make.make_term(cost_rate=Decimal("NaN")), {("/cost_rate", "number.not_finite")}),
    "cost infinite": (lambda: make.make_term(cost_rate=Decimal("Infinity")), {("/cost_rate", "number.not_finite")}),
    "overlapping terms": (
        lambda: make.make_person(
            terms=(make.make_term(period=DateInterval(DAY)), make.make_term(period=DateInterval(date(2027, 1, 1), date(2027, 3, 4))))
        ),
        {("/terms/0/period", "term.overlap")},
    ),
    "skill held twice": (lambda: make.make_person(skills=(make.make_held(), make.make_held(level=4))), {("/skills/1", "skill.overlap")}),
    "max demands": (lambda: make.make_person(max_demands=-1), {("/max_demands", "number.out_of_range")}),
    "country": (lambda: make.make_calendar(country="de"), {("/country", "country.invalid")}),
    "subdivision alone": (lambda: make.make_calendar(subdivision="BY"), {("/subdivision", "subdivision.without_country")}),
    "closure twice": (lambda: make.make_calendar(closures=(Closure(day=DAY), Closure(day=DAY))), {("/closures", "closure.duplicate")}),
    "probability": (lambda: make.make_project(probability=Decimal("1.01")), {("/probability", "number.out_of_range")}),
    "priority 0": (lambda: make.make_project(priority=Decimal(0)), {("/priority", "number.out_of_range")}),
    "negative budget": (lambda: make.make_project(budget_minutes=-1), {("/budget_minutes", "number.out_of_range")}),
    "huge value": (lambda: make.make_project(contract_value_minor=10**5_000), {("/contract_value_minor", "number.out_of_range")}),
    "shift backwards": (lambda: make.make_project(shift_weeks=(1, 0)), {("/shift_weeks", "interval.empty")}),
    "group of one": (lambda: make.make_project(apart=(frozenset({PersonId("a")}),)), {("/apart/0", "group.too_small")}),
    "not a Monday": (lambda: WeekEffort(week=DAY, minutes=60), {("/week", "week.not_monday")}),
    "no minutes": (lambda: WeekEffort(week=MONDAY, minutes=0), {("/minutes", "number.out_of_range")}),
    "share twice": (lambda: make.make_demand(shares=(Decimal(1), Decimal(1))), {("/shares", "share.duplicate")}),
    "week twice": (
        lambda: replace(make.make_demand(), effort=(WeekEffort(week=MONDAY, minutes=60), WeekEffort(week=MONDAY, minutes=30))),
        {("/effort", "week.duplicate")},
    ),
    "no shares": (lambda: make.make_demand(shares=()), {("/shares", "shares.empty")}),
    "share 0": (lambda: make.make_demand(shares=(Decimal(0),)), {("/shares/0", "number.out_of_range")}),
    "share above 1": (lambda: make.make_demand(shares=(Decimal("1.0001"),)), {("/shares/0", "number.out_of_range")}),
    "required level": (lambda: make.make_demand(requires={SkillId("sap"): 6}), {("/requires/sap", "number.out_of_range")}),
    "several at once": (
        lambda: make.make_demand(max_people=0, min_coverage=Decimal(2), shift_weeks=(3, -3), bill_rate=Decimal(-1)),
        {
            ("/max_people", "number.out_of_range"),
            ("/min_coverage", "number.out_of_range"),
            ("/shift_weeks", "interval.empty"),
            ("/bill_rate", "number.out_of_range"),
        },
    ),
    "booking without end": (lambda: make.make_booking(demand=None, period=DateInterval(MONDAY)), {("/period/end", "booking.open_ended")}),
    "booking without minutes": (lambda: make.make_booking(demand=None, weekly_minutes=None), {("/weekly_minutes", "field.missing")}),
    "booking of a demand without share": (lambda: make.make_booking(share=None), {("/share", "field.missing")}),
    "booking with both": (lambda: make.make_booking(weekly_minutes=60), {("/weekly_minutes", "booking.minutes_with_demand")}),
    "share without demand": (
        lambda: make.make_booking(demand=None, share=Decimal(1), shift_weeks=1),
        {("/share", "booking.share_without_demand"), ("/shift_weeks", "booking.shift_without_demand")},
    ),
    "half a week": (
        lambda: make.make_booking(period=DateInterval(DAY, date(2027, 3, 10))),
        {("/period/start", "week.not_monday"), ("/period/end", "week.not_monday")},
    ),
    "negative rate": (lambda: make.make_bill_rate("-1"), {("/rate", "number.out_of_range")}),
    "currency": (lambda: make.make_firm(currency="eur"), {("/currency", "currency.unknown")}),
}


@pytest.mark.parametrize("case", FAULTY)
def test_every_fault_is_named_with_its_place(case: str) -> None:
    """The refusal has all faults at once, and says in words what to do."""
    build, expected = FAULTY[case]
    with pytest.raises(DomainError) as caught:
        build()
    error = caught.value
    assert (error.kind, error.code) == (ErrorKind.INVALID, "input.invalid")
    assert {(fault.pointer, fault.code) for fault in error.faults} == expected
    assert all(fault.message.endswith(".") for fault in error.faults)


@pytest.mark.parametrize("number", [Decimal("1E+1000000"), Decimal("-1E+1000000"), Decimal("1E-1000000")])
def test_h05_huge_exponents_are_refused_quickly(number: Decimal) -> None:
    """Without ever writing the number out."""
    with cpu_at_most(1), pytest.raises(DomainError):
        replace(make.make_bill_rate(), rate=number)


def test_u01_text_is_kept_composed_and_trimmed() -> None:
    """Both spellings of é are one, in the value and as a key."""
    composed, decomposed = (replace(make.make_client(), name=name) for name in ("Café", "  Cafe\u0301 "))
    assert composed == decomposed
    assert name_key("CAFE\u0301") == name_key("café")


def test_blank_optional_text_is_none() -> None:
    """An empty cell is no value."""
    assert make.make_person(team="  ", email="").team is None


def test_order_does_not_matter() -> None:
    """Terms, closures and weeks come out ascending however they were given."""
    first, second = make.make_term(period=DateInterval(date(2020, 1, 1), DAY)), make.make_term(period=DateInterval(DAY))
    assert make.make_person(terms=(second, first)).terms == (first, second)
    assert make.make_demand(effort={}).effort == ()


def test_a_skill_may_be_held_again_after_it_lapsed() -> None:
    """Two levels, one after the other."""
    held = (make.make_held(valid_until=DAY), make.make_held(level=5, valid_from=date(2027, 3, 4)))
    assert make.make_person(skills=held).skills == held
