"""How bill rates and exchange rates are stored."""

from __future__ import annotations

from scheduler.domain.ground.bill_rates import BillRate
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.store.areas.base import Area, Filter, FilterKind, built, plain
from scheduler.store.tables.rates import BILL_RATES, EXCHANGE_RATES

BILL_RATE_AREA: Area[BillRate] = Area(
    name="bill_rates",
    one="bill rate",
    table=BILL_RATES,
    to_row=lambda rate: plain(rate, BILL_RATES),
    from_row=lambda row, _children: built(BillRate, row),
    sorts={"id": "id"},
    filters={
        name: Filter(kind=FilterKind.EQUALS, column=name)
        for name in ("project_id", "person_id", "grade", "client_id", "activity_type_id", "currency", "external_id")
    },
)

EXCHANGE_RATE_AREA: Area[ExchangeRate] = Area(
    name="exchange_rates",
    one="exchange rate",
    table=EXCHANGE_RATES,
    to_row=lambda rate: plain(rate, EXCHANGE_RATES),
    from_row=lambda row, _children: built(ExchangeRate, row),
    sorts={"day": "day", "id": "id"},
    filters={
        "currency": Filter(kind=FilterKind.EQUALS, column="currency"),
        "from": Filter(kind=FilterKind.SINCE, column="day"),
        "until": Filter(kind=FilterKind.STARTS_BEFORE, column="day"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)
