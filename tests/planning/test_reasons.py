"""Reasons and conflicts in a planner's words."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.planning.conflicts import conflict_sentence
from scheduler.planning.reasons import RULES, sentence, tells_costs
from scheduler.planning.wording import Names, hours, some
from solver_models.staffing.plan import Conflict, Reason, ReasonKind
from tests.factories import monday

NAMES = Names(
    currency="EUR",
    weeks=tuple(monday(week) for week in range(8)),
    people={"p1": "Ann", "p2": "Bob"},
    skills={"s1": "SAP"},
    projects={"j1": "Alpha", "j2": "Beta"},
    demands={"d1": "Lead", "d2": "Dev"},
    project_of={"d1": "j1", "d2": "j2"},
    bars={"p1": {"d1": "does not hold SAP at level 3 on 2027-03-28, while the work may run to 2027-03-28"}},
)


def words(kind: str, facts: dict[str, Any], *, with_amounts: bool = True) -> str:
    return sentence(Reason(kind=ReasonKind(kind), facts=facts), NAMES, demand_id="d1", with_amounts=with_amounts)


def test_nobody_qualified_names_the_nearest_miss() -> None:
    """Who is nearest, in which skill, and how many levels short."""
    nearest = [{"person": "p1", "missing": [{"skill": "s1", "required": 4, "held": 2}]}]
    assert words("nobody_qualified", {"nearest": nearest}) == "Nobody is qualified; nearest: Ann with SAP 2 of 4 (2 levels short)."
    assert words("nobody_qualified", {"nearest": []}) == "Nobody is qualified: the plan has no people."


def test_away_or_booked_names_the_weeks() -> None:
    """Each person's weeks by their Mondays, consecutive ones as a span, and how many people more."""
    people = [{"person": "p1", "periods": [0, 1, 3]}, {"person": "p2", "periods": [2]}]
    told = words("away_or_booked", {"people": people, "people_count": 4, "periods": [0, 1, 2, 3]})
    assert told == (
        "Qualified people lack the time (away, on holiday, booked, or on shorter hours): Ann in the weeks of 2027-03-01 to 2027-03-08"
        " and 2027-03-22; Bob in the week of 2027-03-15 and 2 more."
    )
    assert words("away_or_booked", {"periods": [2]}) == "Everybody qualified lacks the time in the week of 2027-03-15."
    pinned = [{"person": "p2", "periods": [2], "pinned": True}]
    told = words("away_or_booked", {"people": pinned, "periods": [2]})
    assert told == "Qualified people lack the time: Bob is booked by what must stay in the week of 2027-03-15."


def test_outbid_says_by_what() -> None:
    """What the person would bring here, and what that would lose elsewhere; without amounts only where, and nobody's order."""
    by = [{"person": "p1", "gain_x60": 300_000, "instead_of": [{"demand": "d2", "gain_x60": 450_000}]}]
    assert words("outbid", {"by": by}) == "Other work brings more: Ann would bring 50.00 EUR here and lose 75.00 EUR on Dev (Beta)."
    assert words("outbid", {"by": by}, with_amounts=False) == "Other work brings more: who could do it is on Dev (Beta)."
    assert words("outbid", {}) == "Other work brings more."


def test_not_worth_its_cost_says_by_how_much() -> None:
    """The shortfall per hour of the best choice; without amounts neither that nor who it is: the best choice is the one that costs least."""
    facts = {"person": "p1", "short_per_hour": 1_234, "idle_cost": 0, "some_later_fact": 1}
    assert words("not_worth_its_cost", facts) == (
        "It is not worth its cost: even for Ann, the best choice, it falls short by 12.34 EUR an hour."
    )
    told = words("not_worth_its_cost", facts, with_amounts=False)
    assert told == "It is not worth its cost: even for the best choice it falls short."


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"rule": "fairness", "people": [{"person": "p2"}]}, "filling it would push people out of the fairness band."),
        (
            {"rule": "all_or_nothing", "people": [{"person": "p2"}], "holds": "d2"},
            "who could take it would have to leave work whose project is all or nothing.",
        ),
    ],
    ids=["fairness", "held by a project"],
)
def test_whom_a_rule_names_by_what_they_cost_is_told_with_amounts_only(facts: dict[str, Any], told: str) -> None:
    """Of several who could take it the one is named whose change loses least: that is an order of costs."""
    reason = Reason(kind=ReasonKind.BLOCKED_BY_RULE, facts=facts)
    assert tells_costs(reason)
    assert words("blocked_by_rule", facts, with_amounts=False) == f"A rule keeps it open: {told}"
    assert "Bob" in words("blocked_by_rule", facts)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_its_words(rule: str) -> None:
    """A rule is told by what it means, never by its key alone."""
    assert words("blocked_by_rule", {"rule": rule}) == f"A rule keeps it open: {RULES[rule]}."


def test_unknown_rule_is_named() -> None:
    """A rule without words is still told."""
    assert words("blocked_by_rule", {"rule": "moon_phase"}) == "A rule keeps it open: the rule moon_phase does not allow it."


def test_lapsed_certificate_is_told() -> None:
    """Who is barred by ``not_for`` is named with the reason the plan has for it."""
    told = words("blocked_by_rule", {"rule": "not_for", "people": [{"person": "p1", "rules": ["not_for"]}], "people_count": 2})
    assert "(Ann does not hold SAP at level 3 on 2027-03-28, while the work may run to 2027-03-28 and 1 more)" in told


def test_people_barred_are_listed_and_the_others_counted() -> None:
    """Those listed by name, then how many more; without more they are joined by an and."""
    facts = {"rule": "locations", "people": ["p1", "p2"]}
    assert words("blocked_by_rule", facts).endswith(
        "(Ann does not hold SAP at level 3 on 2027-03-28, while the work may run to 2027-03-28 and Bob)."
    )
    assert words("blocked_by_rule", {**facts, "people": ["p2", "p9"], "people_count": 7}).endswith("(Bob, p9 and 5 more).")


def test_several_rules_in_one_sentence() -> None:
    """Different rules for different people are all told; so is a run that its own project holds."""
    assert words("blocked_by_rule", {"rule": "never", "rules": ["never", "locations"]}) == (
        "A rule keeps it open: whoever is qualified is barred by the list of those it is closed to and location."
    )
    assert words("blocked_by_rule", {"rule": "all_or_nothing", "people": [{"person": "p2"}], "holds": "d2"}) == (
        "A rule keeps it open: Bob would have to leave Dev (Beta), whose project is all or nothing."
    )


def test_not_proven_asks_for_time() -> None:
    """What the search did not settle is told as such."""
    assert "more time" in words("not_proven", {})


def test_ids_without_names_stand_for_themselves() -> None:
    """An unknown id is shown, not an error."""
    assert "p9 with s9 0 of 1 (1 level short)" in words(
        "nobody_qualified", {"nearest": [{"person": "p9", "missing": [{"skill": "s9", "required": 1}]}]}
    )


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ("capacity", {"person": "p1", "period": 1, "minutes": 2_700, "limit": 2_400}, ("Ann", "45 h", "2027-03-08", "40 h")),
        ("max_demands", {"person": "p1", "period": 0, "runs": 3, "limit": 2}, ("Ann", "3 demands", "at most 2")),
        ("effort", {"demand": "d1", "period": 0, "share_e4": 15_000}, ("Lead (Alpha)", "150 %")),
        ("max_people", {"demand": "d1", "people": 3, "limit": 1}, ("3 people", "Lead (Alpha)", "at most 1")),
        ("shift", {"unit": "d1", "shifts": [0, 2]}, ("Lead (Alpha)", "0, 2 weeks")),
        ("shift", {"unit": "j2", "shifts": [0, 1]}, ("Beta", "0, 1 weeks")),
        ("duplicate", {"person": "p1", "demand": "d2", "runs": 2}, ("Ann", "2 locked bookings", "Dev (Beta)")),
        ("apart", {"project": "j1", "group": 0, "people": 2, "limit": 1}, ("Alpha", "2 people")),
        ("moon_phase", {}, ("moon_phase",)),
    ],
)
def test_conflicts_are_told_in_business_words(rule: str, facts: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Who or what, when, how much, and the limit."""
    told = conflict_sentence(Conflict(rule=rule, facts=facts), NAMES)
    assert all(part in told for part in expected), told


def test_lists_and_hours_are_short() -> None:
    """Three things are listed, the rest counted; hours have at most two decimals."""
    assert [some(list("abcde")[:n]) for n in range(6)] == ["", "a", "a and b", "a, b and c", "a, b, c and 1 more", "a, b, c and 2 more"]
    assert [hours(m) for m in (0, 60, 90, 50, 600, 60_000)] == ["0 h", "1 h", "1.5 h", "0.83 h", "10 h", "1,000 h"]
