"""
How often somebody may try to log in: free tries, then a wait that doubles up to a bound, and forgetting after a while.

A browser that its owner has logged in with before carries a device mark, and is counted by itself: strangers who try passwords
on an account, from however many places, never keep its owner out. Others are counted by account and by where they come from.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping


class CountedBy(StrEnum):
    """What tries are counted by."""

    DEVICE = "device"
    ACCOUNT = "account"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Free tries, the longest wait after them, and how long a pause forgets all."""

    free: int
    longest: timedelta
    forget: timedelta


RULES: Mapping[CountedBy, Rule] = {
    CountedBy.DEVICE: Rule(free=10, longest=timedelta(minutes=5), forget=timedelta(minutes=15)),
    CountedBy.ACCOUNT: Rule(free=10, longest=timedelta(minutes=1), forget=timedelta(minutes=15)),
    CountedBy.SOURCE: Rule(free=20, longest=timedelta(minutes=15), forget=timedelta(minutes=30)),
}
_FIRST_WAIT_S = 1.0
TOLD_WITHIN = timedelta(hours=1)
TOLD_OF_ACCOUNT, TOLD_OF_ALL = 5, 200
"""Failed logins of an hour that the audit has one by one; of those beyond, the 8th, 16th, 32nd, ... and the 256th, 512th, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Failed tries so far, and when the last one was."""

    failures: int = 0
    last_at: datetime | None = None

    def wait(self, rule: Rule, *, now: datetime) -> timedelta:
        """How long to wait before the next try; nothing when it may be made now."""
        if self.last_at is None or self.failures < rule.free or now - self.last_at >= rule.forget:
            return timedelta(0)
        doubled = _FIRST_WAIT_S * 2.0 ** min(self.failures - rule.free, 30)
        until = self.last_at + min(timedelta(seconds=doubled), rule.longest)
        return max(until - now, timedelta(0))

    def one_more(self, rule: Rule, *, now: datetime) -> Tries:
        """After another failure. A clock that was put back makes no wait longer than the rule's longest."""
        is_forgotten = self.last_at is None or now - self.last_at >= rule.forget
        return Tries(failures=1 if is_forgotten else self.failures + 1, last_at=now)

    def one_more_within(self, span: timedelta, *, now: datetime) -> Tries:
        """After another failure, where ``last_at`` is when the span began. A clock that was put back begins a new one."""
        if self.failures and self.last_at is not None and timedelta() <= now - self.last_at < span:
            return Tries(failures=self.failures + 1, last_at=self.last_at)
        return Tries(failures=1, last_at=now)

    def one_less(self) -> Tries:
        """After a try, counted beforehand as a failure, that succeeded."""
        return Tries(failures=max(0, self.failures - 1), last_at=self.last_at)


def is_told(number: int, *, first: int) -> bool:
    """Whether the audit has this failure of an hour: the first ones, then each power of two, so that nobody fills it and nothing is hidden."""
    return number <= first or number.bit_count() == 1


def counted_source(source: str) -> str:
    """What a source is counted as: an IPv6 network of 64 bits is one, for whoever has an address there has all of them."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def too_many(wait: timedelta) -> DomainError:
    """Wait before the next try."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    detail = (
        f"Too many failed logins; wait {seconds} s. A browser that this user has logged in with before is not affected by others' tries."
    )
    return DomainError(ErrorKind.THROTTLED, "login.too_many", detail, facts={"retry_after_s": seconds})
