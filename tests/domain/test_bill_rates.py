"""Which bill rate applies, and what a bill rate may say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.bill_rates import BillRate, RateCard, RateQuestion, by_epoch, check_rate_alone
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ActivityTypeId, ClientId, PersonId, ProjectId
from tests.factories import make_bill_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DAY = date(2027, 3, 1)
ALPHA = ProjectId("alpha")
CLIENTS = {ALPHA: ClientId("acme"), ProjectId("beta"): ClientId("globex"), ProjectId("own"): None}
NAMES: dict[str, Any] = {
    "person_id": PersonId("ann"),
    "grade": "senior",
    "project_id": ALPHA,
    "client_id": ClientId("acme"),
    "activity_type_id": ActivityTypeId("travel"),
}
IN_ORDER = [
    make_bill_rate(200, **NAMES),
    make_bill_rate(190, person_id="ann", grade="senior"),
    make_bill_rate(180, person_id="ann", project_id="alpha", client_id="acme", activity_type_id="travel"),
    make_bill_rate(170, person_id="ann"),
    make_bill_rate(160, grade="senior", project_id="alpha"),
    make_bill_rate(150, grade="senior", client_id="acme", activity_type_id="travel"),
    make_bill_rate(140, grade="senior"),
    make_bill_rate(130, project_id="alpha"),
    make_bill_rate(120, client_id="acme", activity_type_id="travel"),
    make_bill_rate(110, client_id="acme"),
    make_bill_rate(100, activity_type_id="travel"),
    make_bill_rate(90),
]
OTHERS = {"person_id": "bob", "grade": "junior", "project_id": "beta", "client_id": "globex", "activity_type_id": "office"}


def card_of(rates: Iterable[BillRate]) -> RateCard:
    return RateCard(rates, home="EUR", clients=CLIENTS)


def question(**changes: Any) -> RateQuestion:
    named = {name: value for name, value in NAMES.items() if name != "client_id"}
    return RateQuestion(**{"day": DAY, **named, **changes})


@pytest.mark.parametrize("position", range(len(IN_ORDER)))
def test_most_specific_rate_wins(position: int) -> None:
    """Person before grade, then project, client and activity, each before none, whatever follows."""
    found = card_of(reversed(IN_ORDER[position:])).found(question())
    assert found is IN_ORDER[position]


@pytest.mark.parametrize("name", OTHERS)
def test_rates_for_others_do_not_apply(name: str) -> None:
    """A rate for another person, grade, project, client or activity is no rate."""
    card = card_of([make_bill_rate(1, **{name: OTHERS[name]})])
    assert card.found(question()) is None
    assert card.rate(day=DAY, project_id=ALPHA, grade="senior", person_id=PersonId("ann")) is None


def test_what_is_not_asked_for_is_not_taken() -> None:
    """Without a person, an activity or a client of the project only rates for any are looked at."""
    rates = [make_bill_rate(1, **{name: NAMES[name]}) for name in ("person_id", "activity_type_id", "client_id")]
    asked = RateQuestion(day=DAY, project_id=ProjectId("own"), grade="senior")
    assert card_of(rates).found(asked) is None
    assert card_of([*rates, make_bill_rate(80)]).found(asked) == make_bill_rate(80)


def test_m08_a_rate_prices_only_its_own_currency() -> None:
    """A rate without currency is in the firm's; one in another prices nothing billed in the firm's, and the other way round."""
    euros, dollars, said = make_bill_rate(100), make_bill_rate(120, currency="USD"), make_bill_rate(90, currency="EUR", grade="senior")
    card = card_of([euros, dollars])
    assert (card.found(question()), card.found(question(currency="EUR")), card.found(question(currency="USD"))) == (euros, euros, dollars)
    assert card.found(question(currency="CHF")) is None
    assert card_of([dollars]).found(question()) is None
    assert card_of([euros, said]).found(question(currency="EUR")) is said


@pytest.mark.parametrize(
    ("currency", "codes"),
    [
        ("JPY", []),
        ("KWD", []),
        ("BTC", ["currency.unknown"]),
        ("eur", ["currency.unknown"]),
        ("XXX", ["currency.unknown"]),
        ("HRK", ["currency.unknown"]),
    ],
)
def test_m08_currencies_are_those_in_use(currency: str, codes: list[str]) -> None:
    """Without decimals or with three they are fine; invented, lower-case and retired ones are not."""
    try:
        make_bill_rate(currency=currency)
        found = []
    except DomainError as error:
        found = [fault.code for fault in error.faults]
    assert found == codes


def test_rate_is_valid_from_its_first_to_its_last_day() -> None:
    """Both ends count; outside there is no rate."""
    card = card_of([make_bill_rate(100, valid_from=DAY, valid_until=DAY)])
    found = [card.rate(day=DAY + timedelta(days=n), project_id=ALPHA, grade=None) for n in (-1, 0, 1)]
    assert found == [None, Decimal(100), None]


def test_later_rate_wins_among_equals() -> None:
    """Of two rates as specific as each other the one that began later is valid."""
    card = card_of([make_bill_rate(100), make_bill_rate(105, valid_from=DAY)])
    assert card.rate(day=DAY, project_id=ALPHA, grade=None) == Decimal(105)
    assert card.rate(day=DAY - timedelta(days=1), project_id=ALPHA, grade=None) == Decimal(100)


def test_minutes_are_summed_over_days_with_the_same_rates() -> None:
    """A rate that begins between two weeks parts their minutes; nothing else does."""
    card = card_of([make_bill_rate(100), make_bill_rate(105, valid_from=date(2027, 3, 10))])
    minutes = {date(2027, 3, 15): 30, date(2027, 3, 1): 10, date(2027, 3, 8): 20}
    assert by_epoch(card, minutes) == {date(2027, 3, 1): 30, date(2027, 3, 15): 30}


def test_two_rates_for_the_same_do_not_hold_together() -> None:
    """The same person, grade, project, client, activity and currency; no currency and the firm's are the same."""
    rate = make_bill_rate(100, **NAMES, valid_until=DAY)
    for changes in ({}, {"currency": "EUR"}):
        with pytest.raises(DomainError, match=r"rate\.overlap"):
            check_rate_alone(make_bill_rate(110, **NAMES, valid_from=DAY, **changes), [rate], home="EUR")
    check_rate_alone(make_bill_rate(110, **NAMES, valid_from=DAY + timedelta(days=1)), [rate], home="EUR")
    check_rate_alone(make_bill_rate(110, **NAMES, currency="USD"), [rate], home="EUR")
    for name in NAMES:
        check_rate_alone(make_bill_rate(110, **{**NAMES, name: None}), [rate], home="EUR")


def test_every_rate_considered_says_why_it_lost() -> None:
    """First the one that applies, then what it beats, then what does not fit; rates of other people, projects and clients are left out."""
    rates = [
        make_bill_rate(1, person_id="ann", valid_until=DAY - timedelta(days=1)),
        make_bill_rate(2, grade="senior", currency="USD"),
        make_bill_rate(3, grade="junior"),
        make_bill_rate(4, activity_type_id="office"),
        make_bill_rate(5, grade="senior", valid_from=DAY),
        make_bill_rate(6, client_id="acme"),
        *(make_bill_rate(7, **{name: OTHERS[name]}) for name in ("person_id", "project_id", "client_id")),
    ]
    found = [(int(one.rate.rate), one.lost_by) for one in card_of(rates).considered(question())]
    assert found == [(5, None), (6, "less_specific"), (1, "validity"), (3, "grade"), (2, "currency"), (4, "activity_type_id")]


_SCOPE = {
    "person_id": st.sampled_from([None, "ann", "bob"]),
    "grade": st.sampled_from([None, "senior", "junior"]),
    "project_id": st.sampled_from([None, "alpha", "beta"]),
    "client_id": st.sampled_from([None, "acme", "globex"]),
    "activity_type_id": st.sampled_from([None, "travel"]),
    "currency": st.sampled_from([None, "EUR", "USD"]),
}
_DAYS = st.integers(0, 6).map(lambda n: DAY + timedelta(days=n))


@st.composite
def _rates(draw: st.DrawFn) -> list[BillRate]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        first, last = sorted((draw(_DAYS), draw(_DAYS)))
        validity = {"valid_from": draw(st.sampled_from([None, first])), "valid_until": draw(st.sampled_from([None, last]))}
        scope = draw(st.fixed_dictionaries(_SCOPE))
        found.append(make_bill_rate(draw(st.integers(1, 9)), rate_id=f"r{number:02}", **scope, **validity))
    return found


def _slowly(rates: Sequence[BillRate], asked: RateQuestion) -> BillRate | None:
    """All that fit, and the greatest by the written order."""
    wanted = {
        "person_id": asked.person_id,
        "grade": asked.grade,
        "project_id": asked.project_id,
        "client_id": CLIENTS[asked.project_id],
        "activity_type_id": asked.activity_type_id,
    }
    fitting = [
        rate
        for rate in rates
        if all(getattr(rate, name) in {None, value} for name, value in wanted.items())
        and (rate.currency or "EUR") == (asked.currency or "EUR")
        and (rate.valid_from or date.min) <= asked.day <= (rate.valid_until or date.max)
    ]
    named = [*wanted]
    return max(
        fitting,
        key=lambda rate: ([getattr(rate, name) is not None for name in named], rate.valid_from or date.min, rate.rate, rate.id),
        default=None,
    )


@given(
    rates=_rates(),
    questions=st.lists(
        st.builds(
            RateQuestion,
            day=_DAYS,
            project_id=st.sampled_from([ALPHA, ProjectId("beta"), ProjectId("own")]),
            grade=_SCOPE["grade"],
            person_id=_SCOPE["person_id"],
            activity_type_id=_SCOPE["activity_type_id"],
            currency=_SCOPE["currency"],
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_the_card_finds_what_a_slow_search_finds(rates: list[BillRate], questions: list[RateQuestion]) -> None:
    """Whatever was asked of the card before; the rate and its row agree, and what is considered begins with it."""
    card = card_of(rates)
    for asked in questions:
        expected = _slowly(rates, asked)
        assert card.found(asked) is expected
        rate = card.rate(
            day=asked.day,
            project_id=asked.project_id,
            grade=asked.grade,
            person_id=asked.person_id,
            activity_type_id=asked.activity_type_id,
            currency=asked.currency,
        )
        assert rate == (None if expected is None else expected.rate)
        won = [one.rate for one in card.considered(asked) if one.lost_by is None]
        assert won == ([] if expected is None else [expected])
