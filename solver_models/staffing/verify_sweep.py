"""One pass over the periods: every schedule of some runs, as far as it can matter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate
from typing import TYPE_CHECKING

from solver_models.staffing.verify_hopes import Hopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.verify_hopes import Bits
    from solver_models.staffing.verify_multipliers import Multipliers, Tree
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers
    from solver_models.staffing.verify_room import Room

State = tuple[int, int, int]
"""Room taken (one field of bits per period to come), what is decided (bits), minutes booked where a band binds."""
States = dict[State, int]
"""With what each could come to, were the rest of its room sold at the multipliers and nothing more chosen."""
NOTHING = -(10**40)
_BEATING = 32
"""States that others are compared with, of those that agree in all but minutes and cuts."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that may be taken: what it does to a state."""

    packed: int
    """Room it takes, in the fields of a state at its first period."""
    minutes: int
    paid: int
    reach: int
    """No more is gained by taking it, with all that follows from it alone."""
    bits: Bits


class Fields:
    """How room is packed into one integer: per period a field for each kind, full when its top bit is set."""

    def __init__(self, room: Room) -> None:
        self._most: list[list[int]] = room.most.tolist()
        # Wide enough that the sum of any two never runs over.
        bits = [max(most).bit_length() + 2 for most in self._most]
        self._at = [sum(bits[:kind]) for kind in range(len(bits))]
        self._bits = bits
        self.width = sum(bits)

    def empty(self) -> int:
        """The state of nobody having anything: each field as far below its top as there is room."""
        fields = zip(self._most, self._bits, self._at, strict=True)
        return sum(((1 << (bits - 1)) - 1 - x) << (t * self.width + at) for most, bits, at in fields for t, x in enumerate(most))

    def full(self, periods: int) -> int:
        """The top bits of all fields."""
        one = sum(1 << (at + bits - 1) for at, bits in zip(self._at, self._bits, strict=True))
        return sum(one << (t * self.width) for t in range(periods))

    def packed(self, taken: list[list[int]], first: int, last: int) -> int:
        """Room that a way takes from first to last, which begins with the first."""
        state = 0
        for t in range(last, first - 1, -1):
            state <<= self.width
            for row, at in zip(taken, self._at, strict=True):
                state |= row[t] << at
        return state

    def priced(self, prices: list[int]) -> list[tuple[int, int, int, int]]:
        """Of each kind with a price, to reckon what is left of it: where its field is, its mask, its content when full, its price."""
        fields = zip(self._at, self._bits, prices, strict=True)
        return [(at, (1 << bits) - 1, (1 << (bits - 1)) - 1, price) for at, bits, price in fields if price]


class Sweep:
    """
    The best schedule of the runs kept, better than ``known``.

    ``best`` is its worth (``known`` if there is none better); ``given_up`` limits whatever was not followed for want of states or effort.
    """

    def __init__(
        self, offers: Offers, tree: Tree, room: Room, multipliers: Multipliers, kept: Numbers, *, known: int, cap: int, effort: int
    ) -> None:
        self.best, self.given_up = known, NOTHING
        self._offers, self._room, self._multipliers = offers, room, multipliers
        self._cap, self._most = cap, effort
        self.effort = 0
        self._hopes = Hopes(offers, tree, multipliers, kept)
        self._fields = Fields(room)
        self._parities = self._hopes.parities
        self._counting = self._parities.all_bits
        self._run()

    def _run(self) -> None:
        horizon, width, group = len(self._offers.room), self._fields.width, 0
        choices = list(self._choices())
        states: States = {(self._fields.empty(), self._parities.start, 0): self._multipliers.room - self._parities.left_out}
        for t in range(horizon):
            full = self._fields.full(horizon - t)
            while group < len(choices) and self._hopes.first[group] == t:
                if self.effort + len(states) > self._most:
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
        """The steps of each group, best first."""
        fields, hopes = self._fields, self._hopes
        ways = {step.way for group in hopes.groups for step in group}
        rows: dict[int, list[list[int]]] = {w: self._room.taken[:, w].tolist() for w in ways}
        counted = self._offers.fairness is not None
        for group in hopes.groups:
            choices = []
            for step in group:
                bits = hopes.bits(step)
                taken = fields.packed(rows[step.way], step.first, step.last)
                minutes = sum(rows[step.way][0][step.first : step.last + 1]) if counted else 0
                choices.append(Choice(taken, minutes, step.paid, step.paid + step.later + max(0, -bits.fee), bits))
            yield sorted(choices, key=lambda choice: -choice.reach)

    def _extend(self, states: States, choices: list[Choice], group: int, full: int) -> None:
        """Every state with every step of a group that it may have, beside the state itself; ``group`` is the next one."""
        hope_of, best, tries, due = self._hopes.of, self.best, 0, self._parities.due
        answers, asked = self._hopes.answers(group), self._hopes.asked_of[group]
        # Whether a cut stands odd is remembered until the end of the period, when its rate is given back.
        alive = self._hopes.alive[group] | self._parities.all_bits
        for (room, decided, booked), hope in list(states.items()):
            # Whatever a step decides, no more is left to hope for from the others.
            later = answers.get(decided & asked)
            least = best - hope - (hope_of(group, decided) if later is None else later)
            for choice in choices:
                tries += 1
                if choice.reach <= least:
                    break
                taken, bits = room + choice.packed, choice.bits
                if taken & full or decided & bits.barred or decided & bits.needs != bits.needs:
                    continue
                new = hope + choice.paid
                if bits.fee and not decided & bits.project:
                    new -= bits.fee
                if decided & bits.flips:
                    new -= due(decided & bits.flips)
                after = ((decided | bits.sets | bits.project) & alive) ^ bits.flips
                state = taken, after, booked + choice.minutes
                if states.get(state, NOTHING) < new:
                    later = answers.get(after & asked)
                    if new + (hope_of(group, after) if later is None else later) > best:
                        states[state] = new
        self.effort += tries

    def _next_period(self, states: States, t: int, group: int, width: int) -> States:
        """The states after a period: what was left of its room is lost."""
        priced = self._fields.priced([prices[t] for prices in self._multipliers.prices])
        alive, hope_of, best, parities = self._hopes.alive[group], self._hopes.of, self.best, self._parities
        answers, asked = self._hopes.answers(group), self._hopes.asked_of[group]
        ending, self._counting = self._counting & ~alive, self._counting & alive
        after: States = {}
        for (room, decided, booked), hope in states.items():
            rest, still = hope, decided & alive
            for at, mask, most, price in priced:
                rest -= price * (most - (room >> at & mask))
            if ending & ~decided:
                rest -= parities.back(ending & ~decided)
            later = answers.get(still & asked)
            if rest + (hope_of(group, still) if later is None else later) <= best:
                continue
            state = room >> width, still, booked
            if after.get(state, NOTHING) < rest:
                after[state] = rest
        if self._counting:
            return self._unbeaten(after)
        return after if self._offers.fairness is None else self._undominated(after)

    def _undominated(self, states: States) -> States:
        """Without states whose minutes differ from those of an otherwise equal one by less than the other one is better."""
        cost, slope = self._offers.fairness.cost if self._offers.fairness else 0, self._multipliers.slope
        alike = defaultdict[tuple[int, int], list[tuple[int, int]]](list)
        for (room, decided, booked), hope in states.items():
            alike[room, decided].append((booked, hope - slope * booked))
        kept: States = {}
        for (room, decided), found in alike.items():
            found.sort()
            below = list(accumulate((worth + cost * booked for booked, worth in found), max))
            above = list(accumulate((worth - cost * booked for booked, worth in reversed(found)), max))[::-1]
            for i, (booked, worth) in enumerate(found):
                fewer = i > 0 and below[i - 1] >= worth + cost * booked
                more = i + 1 < len(found) and above[i + 1] >= worth - cost * booked
                if not fewer and not more:
                    kept[room, decided, booked] = worth + slope * booked
        return kept

    def _unbeaten(self, states: States) -> States:
        """Without states that differ from an otherwise equal one in minutes and cuts by less than the other one is better."""
        cost, slope = self._offers.fairness.cost if self._offers.fairness else 0, self._multipliers.slope
        parities, counting = self._parities, self._counting
        alike = defaultdict[tuple[int, int], list[tuple[int, int, State]]](list)
        for state, hope in states.items():
            room, decided, booked = state
            odd = decided & counting
            alike[room, decided ^ odd].append((hope - slope * booked - parities.back(counting ^ odd), odd, state))
        kept: States = {}
        for found in alike.values():
            found.sort(reverse=True)
            beating: list[tuple[int, int, State]] = []
            for worth, odd, state in found:
                for more, other, (_, _, booked) in beating:
                    if more - worth >= cost * abs(booked - state[2]) + parities.apart(other & ~odd):
                        break
                else:
                    kept[state] = states[state]
                    if len(beating) < _BEATING:
                        beating.append((worth, odd, state))
        return kept

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
