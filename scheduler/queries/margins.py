"""Planned hours, revenue, cost and margin by group of people and calendar month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import denied
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import COST_AGGREGATE, COST_READ, PRICE_READ
from scheduler.domain.staffing.group_rates import GroupRate, fixed_rates, rate_on
from scheduler.domain.staffing.margin import Work, summed
from scheduler.planning.planned_work import planned_work
from scheduler.planning.wording import minor_units
from scheduler.queries.snapshot import read_snapshot
from scheduler.store import retried
from scheduler.store.standings import standings_by_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.group_rates import Group
    from scheduler.store import Store

TOO_SMALL = "aggregate.too_small"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthMargin:
    """
    A group's month. Amounts in minor units; ``None``: not to be seen.

    ``suppressed`` is the code of the rule by which cost and margin are kept back; ``rate`` the group's mean that costs were
    reckoned at, none where everybody's own was taken.
    """

    month: date
    minutes: int
    unpriced_minutes: int
    revenue_minor: int | None
    cost_minor: int | None
    margin_minor: int | None
    suppressed: str | None
    rate: GroupRate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMargins:
    """The months of the whole firm (``team`` is ``None``) or of a team."""

    team: str | None
    months: tuple[MonthMargin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """The report; ``own_rates``: costs are everybody's own, and not reckoned at the mean of the group."""

    currency: str
    own_rates: bool
    groups: tuple[GroupMargins, ...]


@retried
def planned_margins(store: Store, *, actor: Actor, first: date, months: int, now: datetime) -> Margins:
    """
    What is booked in ``months`` calendar months from that of ``first`` on, for the firm and each team.

    Whoever may read costs gets everybody's own. Others get the group's hours at its mean rate, where that gives nobody away
    (``fixed_rates``); somebody who is limited to a team gets that team. Raises DomainError ``access.denied``.
    """
    if not (actor.may(COST_AGGREGATE) or actor.may(COST_READ)):
        raise denied(COST_AGGREGATE)
    starts = _month_starts(first, months)
    with store.read(actor) as view:
        everything = view.unrestricted
        snapshot, _ = read_snapshot(everything)
        own_rates = actor.may(COST_READ)
        rates = {} if own_rates else fixed_rates(standings_by_day(everything.connection, now=now))
    teams: dict[PersonId, Group] = {person.id: person.team for person in snapshot.people}
    works = planned_work(snapshot, DateInterval(starts[0], starts[-1]), with_costs=own_rates)
    every: list[Group] = [None, *sorted({team for team in teams.values() if team is not None})]
    reckoned = _Reckoning(currency=snapshot.firm.currency, own_rates=own_rates, sees_prices=actor.may(PRICE_READ), today=now.date())
    found = []
    for group in every if actor.team is None else [actor.team]:
        members = [work for work in works if group is None or teams[work.person_id] == group]
        found.append(GroupMargins(team=group, months=tuple(reckoned.months(members, starts, rates.get(group, ())))))
    return Margins(currency=snapshot.firm.currency, own_rates=own_rates, groups=tuple(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reckoning:
    currency: str
    own_rates: bool
    sees_prices: bool
    today: date

    def months(self, works: Sequence[Work], starts: Sequence[date], rates: Sequence[GroupRate]) -> Iterable[MonthMargin]:
        """Month by month; ``starts`` has the first day of each and the day after the last."""
        by_month: Mapping[date, list[Work]] = {start: [] for start in starts}
        for work in works:
            by_month[work.month].append(work)
        for start, following in pairwise(starts):
            rate = rate_on(rates, min(self.today, following - timedelta(days=1)))
            yield self._month(start, by_month[start], rate)

    def _month(self, month: date, works: Sequence[Work], rate: GroupRate | None) -> MonthMargin:
        sums = summed(works, cost_rate=None if rate is None else rate.rate)
        revenue = minor_units(sums.revenue, self.currency) if self.sees_prices else None
        is_shown = self.own_rates or rate is not None
        cost = minor_units(sums.cost, self.currency) if is_shown else None
        return MonthMargin(
            month=month,
            minutes=sums.minutes,
            unpriced_minutes=sums.unpriced_minutes,
            revenue_minor=revenue,
            cost_minor=cost,
            margin_minor=None if revenue is None or cost is None else revenue - cost,
            suppressed=None if is_shown else TOO_SMALL,
            rate=rate,
        )


def _month_starts(first: date, months: int) -> tuple[date, ...]:
    """The first day of each month, and of the one after them."""
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month + months)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in numbers)
