"""Public holidays by country and region, from the ``holidays`` library."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays
from holidays.constants import HALF_DAY, PUBLIC

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.capacity import merge_days_off
from scheduler.domain.staffing.people import DayPart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import Calendar

EVENING = re.compile(r"\(from (?:[5-9]|1[01]) ?pm\)")
"""Some half holidays begin after working hours ("Christmas Eve (from 7pm)"); they take nothing."""


def check_region(country: str | None, subdivision: str | None) -> None:
    """Raise DomainError when no public holidays are known for the country or its subdivision."""
    if country is None:
        if subdivision is not None:
            raise DomainError(
                ErrorKind.INVALID, "calendar.country_missing", f"The subdivision {subdivision!r} has no country; give its country too."
            )
        return
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise DomainError(
            ErrorKind.INVALID,
            "calendar.country_unknown",
            f"No public holidays are known for the country {country!r}; give an ISO 3166-1 code such as DE, or none and closures instead.",
        )
    if subdivision is not None and subdivision not in known[country]:
        allowed = ", ".join(known[country]) or "none"
        raise DomainError(
            ErrorKind.INVALID,
            "calendar.subdivision_unknown",
            f"The country {country} has no subdivision {subdivision!r}; known ones: {allowed}.",
        )


def public_holidays(country: str, subdivision: str | None, *, days: DateInterval) -> dict[date, DayPart]:
    """
    Public holidays among ``days``, which must have an end; half ones where the library knows them for the region.

    Raises
    ------
    DomainError
        ``calendar.country_unknown`` or ``calendar.subdivision_unknown``.
    """
    check_region(country, subdivision)
    last = max(days.days())
    found: dict[date, DayPart] = {}
    for year in range(days.start.year, last.year + 1):
        found.update((day, part) for day, part in _of_year(country, subdivision, year).items() if day in days)
    return found


def days_off(calendar: Calendar, *, days: DateInterval) -> dict[date, DayPart]:
    """Every day nobody works under a calendar: public holidays and closures."""
    known = public_holidays(calendar.country, calendar.subdivision, days=days) if calendar.country else {}
    return merge_days_off(calendar.closures, known)


@lru_cache(maxsize=1024)
def _of_year(country: str, subdivision: str | None, year: int) -> Mapping[date, DayPart]:
    whole = holidays.country_holidays(country, subdiv=subdivision, years=year, categories=(PUBLIC,))
    found = dict.fromkeys(whole, DayPart.WHOLE)
    if HALF_DAY in whole.supported_categories:
        half = holidays.country_holidays(country, subdiv=subdivision, years=year, categories=(HALF_DAY,))
        for day, name in half.items():
            if not EVENING.search(name):
                found.setdefault(day, DayPart.HALF)
    return found
