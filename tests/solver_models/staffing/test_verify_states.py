"""Which partial schedules the check may leave out: each case here comes out too low when what could still make up for it is not counted."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from solver_models.staffing import verify_sweep
from solver_models.staffing.verify_cuts import Cut
from solver_models.staffing.verify_marks import CUT, DEMAND, Marks
from solver_models.staffing.verify_offers import Fairness, Offers, Way
from solver_models.staffing.verify_schedule import STATE_CAPS, best_worth
from solver_models.staffing.verify_states import Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOM = 100
Choice = tuple[str, int, int, int, int]
"""A demand, its shift, the period of the run, minutes, value."""


def offers_of(choices: Sequence[Choice], horizon: int, *, units: dict[str, str] | None = None, **more: Any) -> Offers:
    """Runs of one period each; the demand's name begins with that of its project."""
    ways = tuple(Way(demand, ("unit", (units or {}).get(demand, demand)), shift, demand[0]) for demand, shift, *_ in choices)
    minutes, worth = (np.zeros((len(choices), horizon), dtype=np.int64) for _ in range(2))
    for n, (_, _, t, taken, brings) in enumerate(choices):
        minutes[n, t], worth[n, t] = taken, brings
    first = np.array([choice[2] for choice in choices], dtype=np.int64)
    value = np.array([choice[4] for choice in choices], dtype=np.int64)
    given = {"room": (ROOM,) * horizon, "places": None, "fairness": None, "fees": {}} | more
    once, way = np.zeros(len(ways), dtype=np.int64), np.arange(len(ways))
    return Offers(constant=0, ways=ways, minutes=minutes, worth=worth, once=once, way=way, first=first, last=first, value=value, **given)


def best_of_all(offers: Offers) -> int:
    """The best of all sets of runs that keep the rules."""
    runs = range(len(offers.way))
    return max(_worth(offers, chosen) for size in range(len(runs) + 1) for chosen in combinations(runs, size) if _fits(offers, chosen))


def _fits(offers: Offers, chosen: Sequence[int]) -> bool:
    ways = [offers.ways[n] for n in chosen]
    shifts = {(way.unit, way.shift) for way in ways}
    used = offers.minutes[list(chosen)].sum(axis=0)
    at_once = [sum(int(offers.first[n]) == t for n in chosen) for t in range(len(offers.room))]
    alone = len({way.pair for way in ways}) == len(ways) and len({unit for unit, _ in shifts}) == len(shifts)
    placed = offers.places is None or all(n <= most for n, most in zip(at_once, offers.places, strict=True))
    return alone and placed and bool((used <= np.array(offers.room)).all())


def _worth(offers: Offers, chosen: Sequence[int]) -> int:
    ways = [offers.ways[n] for n in chosen]
    worth = int(offers.value[list(chosen)].sum()) - sum(offers.fees.get(project, 0) for project in {way.project for way in ways})
    for cut in offers.cuts:
        worth -= cut.price * ((sum(way.pair in cut.demands for way in ways) + cut.named) // 2)
    return worth if offers.fairness is None else worth + offers.fairness.worth(int(offers.minutes[list(chosen)].sum()))


BARRED = {
    "demand": offers_of([("a1", 0, 0, 0, 10), ("a1", 0, 1, 0, 100), ("b1", 0, 1, 0, 5)], 2),
    "shift": offers_of(
        [("a1", 0, 0, 0, 10), ("a1", 1, 1, 0, 5), ("a2", 1, 1, 0, 100), ("b1", 0, 1, 0, 5)], 2, units={"a1": "a", "a2": "a"}
    ),
    "cut": offers_of([("a", 0, 0, 0, 10), ("b", 0, 1, 0, 100)], 2, cuts=(Cut(frozenset({"a", "b"}), named=False, price=50),)),
    "fee": offers_of([("a1", 0, 0, 0, 45), ("a2", 0, 1, 0, 60)], 2, fees={"a": 50}),
    "rebate": offers_of([("a1", 0, 0, 0, -10), ("a2", 0, 1, 0, 5)], 2, fees={"a": -50}),
}


@pytest.mark.parametrize("name", sorted(BARRED))
def test_what_is_decided_does_not_hide_what_is_better_later(name: str) -> None:
    """A first run brings something at once and bars, or makes dearer, what comes later."""
    offers = BARRED[name]
    found = best_worth(offers)
    assert found.exact
    assert found.limit == best_of_all(offers)


@pytest.mark.parametrize("name", sorted(BARRED))
def test_the_better_schedule_is_lost_without_what_could_make_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases above are of use: with nothing to make up for, the state that is ahead now hides the one that is better in the end."""
    monkeypatch.setattr(verify_sweep, "Facts", lambda **of: Facts(**of | {name: np.zeros_like(of[name]) for name in ("more", "fewer")}))
    assert best_worth(BARRED[name]).limit < best_of_all(BARRED[name])


def test_minutes_missing_in_the_band_make_up_as_well() -> None:
    """A run that is worth less without its minutes hides none whose minutes are missing."""
    offers = offers_of(
        [("a1", 0, 0, 10, 30), ("a1", 0, 1, 100, 20), ("b1", 0, 1, 1, 1)], 2, fairness=Fairness(cost=1, low=100, high=150, booked=0)
    )
    found = best_worth(offers)
    assert found.exact
    assert found.limit == best_of_all(offers)


def _drawn(draw: Random) -> Offers:
    """A few runs of every kind, close together in worth."""
    horizon = draw.randint(2, 4)
    demands = [f"{project}{n}" for project in "ab" for n in range(3)]
    units = {demand: draw.choice(["a", demand]) for demand in demands[:3]}
    choices = [
        (draw.choice(demands), draw.randint(0, 1), draw.randrange(horizon), draw.randint(0, 50), draw.randint(-20, 60))
        for _ in range(draw.randint(5, 9))
    ]
    low = draw.randint(0, 200)
    return offers_of(
        choices,
        horizon,
        units=units,
        room=tuple(draw.randint(50, 100) for _ in range(horizon)),
        places=draw.choice([None, tuple(draw.randint(1, 2) for _ in range(horizon))]),
        fairness=draw.choice(
            [None, Fairness(cost=draw.randint(0, 2), low=low, high=low + draw.randint(0, 50), booked=draw.randint(0, 50))]
        ),
        fees={project: draw.randint(-40, 40) for project in draw.choice(["", "a", "ab"])},
        cuts=tuple(
            Cut(frozenset(draw.sample(demands, draw.randint(2, 4))), named=draw.random() < 0.3, price=draw.randint(1, 40))
            for _ in range(draw.randint(0, 3))
        ),
    )


@pytest.mark.parametrize("seed", range(100))
def test_limits_are_exact_or_above_whatever_the_person(seed: int) -> None:
    """All kinds of bars at once, against trying everything, with many states and with few."""
    offers = _drawn(Random(seed))
    best = best_of_all(offers)
    found = best_worth(offers)
    assert found.exact
    assert found.limit == best
    for caps, effort in (((1, 1), 10**6), ((2, 3), 10**6), (STATE_CAPS, 15)):
        little = best_worth(offers, caps=caps, effort=effort)
        assert little.found <= best <= little.limit


@pytest.mark.parametrize("seed", range(0, 100, 5))
def test_amounts_beyond_64_bits_keep_the_limit_valid_and_close(seed: int) -> None:
    """What is too large is rounded up, by no more than a unit for each amount."""
    small, large = _drawn(Random(seed)), _drawn(Random(seed))
    by = 10**20
    object.__setattr__(large, "value", large.value.astype(object) * by)
    object.__setattr__(large, "worth", large.worth.astype(object) * by)
    object.__setattr__(large, "fees", {project: fee * by for project, fee in large.fees.items()})
    object.__setattr__(large, "cuts", tuple(Cut(cut.demands, cut.named, cut.price * by) for cut in large.cuts))
    if (band := large.fairness) is not None:
        object.__setattr__(large, "fairness", Fairness(cost=band.cost * by, low=band.low, high=band.high, booked=band.booked))
    best, found = best_of_all(small) * by, best_worth(large)
    assert found.found <= best <= found.limit <= best + by // 1000


def test_a_bit_stands_for_one_thing_at_a_time() -> None:
    """Marks that overlap have different bits; those that follow one another may share one, which is cleared between."""
    spans = {(DEMAND, 0): (0, 1), (DEMAND, 1): (1, 3), (DEMAND, 2): (2, 3), (CUT, 0): (0, 2)}
    marks = Marks.of(spans, 4)
    for (one, (_, end)), (other, (begin, _)) in combinations(sorted(spans.items(), key=lambda item: item[1]), 2):
        assert marks.bits[one] != marks.bits[other] or end < begin
    assert marks.count == 3
    assert marks.bits[DEMAND, 2] == marks.bits[DEMAND, 0]
    lasting = marks.lasting()[:, 0].tolist()
    assert [bool(words >> marks.bits[DEMAND, 2] & 1) for words in lasting] == [False, True, False, True, False]
