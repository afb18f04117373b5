"""Mean cost rates that give nobody away: A14, however the answers are put together."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.ids import PersonId
from scheduler.domain.staffing.group_rates import LEAST, GroupRate, Standing, fixed_rates, rate_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scheduler.domain.staffing.group_rates import Group

DAY = date(2027, 1, 1)
PRIME = 2**61 - 1


def everybody(**teams: str) -> dict[PersonId, Standing | None]:
    """People by team, one letter each, at 50, 51, ... an hour."""
    names = [(team, name) for team, members in teams.items() for name in members]
    return {PersonId(name): Standing(team=team, cost_rate=Decimal(50 + number)) for number, (team, name) in enumerate(names)}


def fixed(*days: Mapping[PersonId, Standing | None]) -> dict[Group, list[tuple[int, int]]]:
    """How many people each rate of a group was fixed over, with the day's number."""
    found = fixed_rates((DAY + timedelta(days=number), changes) for number, changes in enumerate(days))
    return {group: [((rate.fixed_on - DAY).days, rate.people) for rate in rates] for group, rates in found.items()}


def at(team: str | None, rate: int) -> Standing:
    return Standing(team=team, cost_rate=Decimal(rate))


def test_a14_a_mean_rests_on_five_people_with_a_rate() -> None:
    """Four are too few, five are enough; the firm counts as a group."""
    assert fixed(everybody(North="abcd")) == {}
    assert fixed(everybody(North="abcde")) == {None: [(0, 5)], "North": [(0, 5)]}
    (rate,) = fixed_rates([(DAY, everybody(North="abcde"))])["North"]
    assert rate == GroupRate(fixed_on=DAY, people=5, rate=Fraction(52))


def test_a14_what_the_firm_has_beside_its_teams_is_no_small_team() -> None:
    """Firm less North would be South's three: so North has no rate, while it has one beside five others."""
    assert fixed(everybody(North="abcdefg", South="xyz")) == {None: [(0, 10)]}
    assert fixed(everybody(North="abcde", South="vwxyz")) == {None: [(0, 10)], "North": [(0, 5)], "South": [(0, 5)]}
    assert fixed(everybody(East="abcde", North="fghij", South="xyz")) == {None: [(0, 13)], "East": [(0, 5)]}


def test_a14_who_joins_leaves_or_moves_is_not_the_difference_of_two_means() -> None:
    """The rate before stays in force until five make the difference, whoever moves them."""
    start = everybody(North="abcdefghij", South="klmnopqrst")
    whole = {None: [(0, 20)], "North": [(0, 10)], "South": [(0, 10)]}
    assert fixed(start) == whole
    assert fixed(start, {PersonId("a"): None}) == whole
    assert fixed(start, {PersonId("z"): at("North", 70)}) == whole
    assert fixed(start, {PersonId("a"): at("South", 50)}) == whole
    four = {PersonId(name): at("South", 50) for name in "abcd"}
    assert fixed(start, four) == whole
    five = {PersonId("e"): at("South", 54)} | {PersonId(name): at("South", 50 + number) for number, name in enumerate("abcd")}
    assert fixed(start, five) == {None: [(0, 20)], "North": [(0, 10), (1, 5)], "South": [(0, 10), (1, 15)]}


def test_a14_one_rise_is_not_the_difference_of_two_means() -> None:
    """A rise of fewer than five of them, or of all but fewer than five, waits; a rise of everybody shows at once."""
    start = everybody(North="abcdefgh")

    def raised(names: str) -> dict[PersonId, Standing | None]:
        return {PersonId(name): at("North", 90 + number) for number, name in enumerate(names)}

    assert fixed(start, raised("a"))["North"] == [(0, 8)]
    assert fixed(start, raised("abcde"))["North"] == [(0, 8)], "three kept theirs"
    assert fixed(start, raised("abcdefgh"))["North"] == [(0, 8), (1, 8)]
    gone = {PersonId(name): None for name in "fgh"}
    assert fixed(start, {**raised("abcde"), **gone})["North"] == [(0, 8)], "whoever knows that all rose alike would know the three"


def test_a14_nobody_dominates_a_sum() -> None:
    """A director whose rate is most of the sum is not told by it; nor is one who could be worked out with the firm's."""
    team = {PersonId(name): at("North", 1) for name in "abcd"}
    assert fixed({**team, PersonId("e"): at("North", 5)}) == {}
    assert fixed({**team, PersonId("e"): at("North", 4)})[None] == [(0, 5)]
    others = {PersonId(name): at("South", 50) for name in "klmnop"}
    assert fixed({**team, PersonId("e"): at("North", 9), **others}) == {None: [(0, 11)]}


def test_what_is_in_force_on_a_day() -> None:
    """The one fixed last before it; the first before there was any; none where none was fixed."""
    first, second = (GroupRate(fixed_on=DAY + timedelta(days=days), people=5, rate=Fraction(days)) for days in (0, 9))
    assert [rate_on([first, second], DAY + timedelta(days=days)) for days in (-5, 0, 8, 9, 99)] == [first, first, first, second, second]
    assert rate_on([], DAY) is None


standings = st.none() | st.builds(Standing, team=st.sampled_from(["A", "B", None]), cost_rate=st.sampled_from([Decimal(50), Decimal(60)]))
histories = st.lists(
    st.dictionaries(st.sampled_from([PersonId(name) for name in "abcdefghijkl"]), standings, min_size=4, max_size=12),
    min_size=1,
    max_size=7,
)


@given(days=histories, start=st.sampled_from([everybody(A="abcdef", B="ghijkl"), everybody(A="abcdefghijkl"), {}]))
@settings(max_examples=60)
def test_a14_no_linear_combination_of_all_answers_rests_on_fewer_than_five(
    days: list[dict[PersonId, Standing | None]], start: dict[PersonId, Standing | None]
) -> None:
    """
    By linear algebra and not by the rule's own reasoning: over whatever history, with rates that stay and with rates that change.

    A combination that rests on four people or fewer is there exactly when leaving out those people's columns lowers the rank.
    """
    history = [(DAY + timedelta(days=number), changes) for number, changes in enumerate([start, *days])]
    rows = list(_told(history))
    for parts in (1, 2):  # what a person costs for good (by person); what they cost as long as it stays the same (by person and rate)
        columns = sorted({item[:parts] for row in rows for item in row})
        matrix = [[int(column in {item[:parts] for item in row}) for column in columns] for row in rows]
        whole = _rank(matrix)
        for few in combinations(range(len(columns)), min(LEAST - 1, len(columns))):
            assert _rank([[v for number, v in enumerate(row) if number not in few] for row in matrix]) == whole, (rows, few)


def _told(history: Sequence[tuple[date, Mapping[PersonId, Standing | None]]]) -> Iterable[frozenset[tuple[PersonId, Decimal]]]:
    """Of whom each mean that was ever fixed was taken; the mean and their number say that it is they."""
    found = fixed_rates(history)
    for group, rates in found.items():
        for rate in rates:
            standing: dict[PersonId, Standing | None] = {}
            for day, changes in history:
                if day <= rate.fixed_on:
                    standing |= changes
            members = frozenset((p, s.cost_rate) for p, s in standing.items() if s is not None and group in (None, s.team))
            assert (len(members), sum(Fraction(amount) for _, amount in members)) == (rate.people, rate.rate * rate.people)
            yield members


def _rank(matrix: Sequence[Sequence[int]]) -> int:
    """Modulo a prime that no sum of so few ones reaches."""
    rows, rank = [list(row) for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((number for number in range(rank, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        inverse = pow(rows[rank][column], -1, PRIME)
        for number in range(rank + 1, len(rows)):
            factor = rows[number][column] * inverse % PRIME
            if factor:
                rows[number] = [(v - factor * w) % PRIME for v, w in zip(rows[number], rows[rank], strict=True)]
        rank += 1
    return rank
