"""One pass over the periods: every schedule of some runs, as far as it can matter."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

from solver_models.staffing.verify_hopes import Hopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.verify_multipliers import Multipliers, Tree
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers

State = tuple[int, int, int]
"""Room taken (one field of bits per period to come), what is decided (bits), minutes booked where a band binds."""
States = dict[State, int]
"""With what each could come to, were the rest of its room sold at the multipliers and nothing more chosen."""
NOTHING = -(10**40)


@dataclass(frozen=True, slots=True)
class Choice:
    """A run that may be chosen: what it does to a state."""

    packed: int
    """Room it takes, in the fields of a state at its first period."""
    minutes: int
    paid: int
    sets: int
    barred: int
    project: int
    """Bit of its project, 0 where nothing is to be remembered of it."""
    fee: int


@dataclass(frozen=True, slots=True)
class Fields:
    """How room is packed into one integer: per period a field for minutes and one for runs, full when its top bit is set."""

    minutes: int
    runs: int

    @staticmethod
    def of(offers: Offers) -> Fields:
        """Fields wide enough that the sum of any two never runs over."""
        runs = 0 if offers.places is None else max(offers.places).bit_length() + 2
        return Fields(max(offers.room).bit_length() + 2, runs)

    @property
    def width(self) -> int:
        """Bits of a period."""
        return self.minutes + self.runs

    def empty(self, offers: Offers) -> int:
        """The state of nobody having anything: each field as far below its top as there is room."""
        return sum(
            self._period(room, 0 if offers.places is None else offers.places[t]) << (t * self.width) for t, room in enumerate(offers.room)
        )

    def _period(self, room: int, places: int) -> int:
        field = (1 << (self.minutes - 1)) - 1 - room
        return field | (((1 << (self.runs - 1)) - 1 - places) << self.minutes) if self.runs else field

    def full(self, periods: int) -> int:
        """The top bits of all fields."""
        one = 1 << (self.minutes - 1) | (1 << (self.width - 1) if self.runs else 0)
        return sum(one << (t * self.width) for t in range(periods))

    def packed(self, minutes: list[int]) -> int:
        """Room that a way takes in all periods."""
        one = 1 << self.minutes if self.runs else 0
        return sum((m | one) << (t * self.width) for t, m in enumerate(minutes))

    def left(self, state: int) -> tuple[int, int]:
        """Minutes and runs left in the first period of a state."""
        minutes = (1 << (self.minutes - 1)) - 1 - (state & ((1 << self.minutes) - 1))
        if not self.runs:
            return minutes, 0
        return minutes, (1 << (self.runs - 1)) - 1 - ((state >> self.minutes) & ((1 << self.runs) - 1))


class Sweep:
    """
    The best schedule of the runs kept, better than ``known``.

    ``best`` is its worth (``known`` if there is none better); ``given_up`` limits whatever was not followed for want of states or effort.
    """

    def __init__(self, offers: Offers, tree: Tree, multipliers: Multipliers, kept: Numbers, *, known: int, cap: int, effort: int) -> None:
        self.best, self.given_up = known, NOTHING
        self._offers, self._multipliers = offers, multipliers
        self._cap, self._most = cap, effort
        self.effort = 0
        self._hopes = Hopes(offers, tree, multipliers, kept)
        self._fields = Fields.of(offers)
        self._run()

    def _run(self) -> None:
        horizon, width, group = len(self._offers.room), self._fields.width, 0
        choices = list(self._choices())
        states: States = {(self._fields.empty(self._offers), 0, 0): self._multipliers.room}
        for t in range(horizon):
            full = self._fields.full(horizon - t)
            while group < len(choices) and self._hopes.first[group] == t:
                self.effort += len(states) * len(choices[group])
                if self.effort > self._most:
                    self._give_up(states.items(), group)
                    return
                self._extend(states, choices[group], group + 1, full)
                group += 1
                if len(states) > 2 * self._cap:
                    states = self._fewer(states, group)
            states = self._next_period(states, t, group, width)
            if len(states) > self._cap:
                states = self._fewer(states, group)
        for (_, _, booked), hope in states.items():
            self.best = max(self.best, self._worth(hope, booked))

    def _choices(self) -> Iterator[list[Choice]]:
        """The runs of each group."""
        offers, fields, hopes = self._offers, self._fields, self._hopes
        packed = {w: fields.packed(offers.minutes[w].tolist()) for w in {int(offers.way[r]) for g in hopes.groups for r in g}}
        rows = {w: offers.minutes[w].tolist() for w in packed}
        way, first, last, paid = offers.way.tolist(), offers.first.tolist(), offers.last.tolist(), self._multipliers.paid.tolist()
        counted = offers.fairness is not None
        for group in hopes.groups:
            yield [
                Choice(
                    (packed[way[r]] >> (first[r] * fields.width)) & ((1 << ((last[r] - first[r] + 1) * fields.width)) - 1),
                    sum(rows[way[r]][first[r] : last[r] + 1]) if counted else 0,
                    paid[r],
                    *hopes.bits(r),
                )
                for r in group
            ]

    def _extend(self, states: States, choices: list[Choice], group: int, full: int) -> None:
        """Every state with every run of a group that it may have, beside the state itself; ``group`` is the next one."""
        alive, hope_of, best = self._hopes.alive[group], self._hopes.of, self.best
        for (room, decided, booked), hope in list(states.items()):
            for choice in choices:
                taken = room + choice.packed
                if taken & full or decided & choice.barred:
                    continue
                new = hope + choice.paid
                if choice.fee and not decided & choice.project:
                    new -= choice.fee
                after = (decided | choice.sets | choice.project) & alive
                state = taken, after, booked + choice.minutes
                if states.get(state, NOTHING) < new and new + hope_of(group, after) > best:
                    states[state] = new

    def _next_period(self, states: States, t: int, group: int, width: int) -> States:
        """The states after a period: what was left of its room is lost."""
        minute, run = self._multipliers.minutes[t], self._multipliers.runs[t]
        alive, hope_of, left_of, best = self._hopes.alive[group], self._hopes.of, self._fields.left, self.best
        after: States = {}
        for (room, decided, booked), hope in states.items():
            minutes, runs = left_of(room) if minute or run else (0, 0)
            rest, still = hope - minute * minutes - run * runs, decided & alive
            if rest + hope_of(group, still) <= best:
                continue
            state = room >> width, still, booked
            if after.get(state, NOTHING) < rest:
                after[state] = rest
        return after

    def _fewer(self, states: States, group: int) -> States:
        """The most promising states; the others are given up."""
        hope_of = self._hopes.of
        ranked = nlargest(len(states), states.items(), key=lambda item: item[1] + hope_of(group, item[0][1]))
        self._give_up(ranked[self._cap : self._cap + 1], group)
        return dict(ranked[: self._cap])

    def _give_up(self, states: Iterable[tuple[State, int]], group: int) -> None:
        for (_, decided, _), hope in states:
            self.given_up = max(self.given_up, hope + self._hopes.of(group, decided))

    def _worth(self, hope: int, booked: int) -> int:
        """What a finished schedule is worth: the slope in place of the band gives way to the band."""
        band, slope = self._offers.fairness, self._multipliers.slope
        if band is None:
            return hope
        return hope - slope * booked + slope * ((band.low if slope >= 0 else band.high) - band.booked) + band.worth(booked)
