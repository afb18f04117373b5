"""How tax codes, legal entities, accounts of clients, contracts and charges are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.contracts import Contract, ContractKind, Retainer, Rounding
from scheduler.domain.billing.parties import Address, ClientAccount, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCode, TaxRate
from scheduler.domain.ground.checks import name_key
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.billing import CHARGES, CLIENT_ACCOUNTS, CONTRACTS, LEGAL_ENTITIES, TAX_CODES, TAX_RATES

_BY_EXTERNAL_ID = {"external_id": Filter(kind=FilterKind.EQUALS, column="external_id")}

TAX_CODE_AREA: Area[TaxCode] = Area(
    name="tax_codes",
    one="tax code",
    table=TAX_CODES,
    to_row=lambda code: plain(code, TAX_CODES, name_key=name_key(code.name)),
    to_children=lambda code: {TAX_RATES.name: [plain(rate, TAX_RATES) for rate in code.rates]},
    from_row=lambda row, children: built(TaxCode, row, rates=tuple(built(TaxRate, one) for one in children[TAX_RATES.name])),
    children=(Child(table=TAX_RATES, pointer=lambda number, _row: f"/rates/{number}"),),
    sorts=BY_NAME,
    filters=NAMED,
)

LEGAL_ENTITY_AREA: Area[LegalEntity] = Area(
    name="legal_entities",
    one="legal entity",
    table=LEGAL_ENTITIES,
    to_row=lambda one: plain(one, LEGAL_ENTITIES, **_address(one.address), accounts=dict(one.accounts), name_key=name_key(one.name)),
    from_row=lambda row, _children: built(LegalEntity, row, address=_built_address(row)),
    sorts=BY_NAME,
    filters=NAMED,
)

CLIENT_ACCOUNT_AREA: Area[ClientAccount] = Area(
    name="client_accounts",
    one="client account",
    table=CLIENT_ACCOUNTS,
    to_row=lambda one: plain(one, CLIENT_ACCOUNTS, **_address(one.address)),
    from_row=lambda row, _children: built(ClientAccount, row, address=_built_address(row)),
    sorts={"id": "id"},
    filters={"client_id": Filter(kind=FilterKind.EQUALS, column="client_id"), **_BY_EXTERNAL_ID},
)

_RETAINER = ("fee_minor", "included_min", "unused", "roll_months", "overage_rate")
_ROUNDING = ("step_min", "mode", "minimum_min", "scope")


def _contract_row(contract: Contract) -> dict[str, Any]:
    retainer = {f"retainer_{name}": getattr(contract.retainer, name, None) for name in _RETAINER}
    rounding = {f"rounding_{name}": getattr(contract.rounding, name) for name in _ROUNDING}
    return plain(contract, CONTRACTS, **retainer, **rounding)


def _contract(row: Row, _children: ChildRows) -> Contract:
    retainer = None
    if row["kind"] is ContractKind.RETAINER:
        retainer = Retainer(**{name: row[f"retainer_{name}"] for name in _RETAINER})
    rounding = Rounding(**{name: row[f"rounding_{name}"] for name in _ROUNDING})
    return built(Contract, row, retainer=retainer, rounding=rounding)


CONTRACT_AREA: Area[Contract] = Area(
    name="contracts",
    one="contract",
    table=CONTRACTS,
    to_row=_contract_row,
    from_row=_contract,
    stand_ins={"discount": Decimal(0)},
    sorts={"starts_on": "starts_on", "id": "id"},
    filters={
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "legal_entity_id": Filter(kind=FilterKind.EQUALS, column="legal_entity_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind", choices=ContractKind),
        "currency": Filter(kind=FilterKind.EQUALS, column="currency"),
        **_BY_EXTERNAL_ID,
    },
)

CHARGE_AREA: Area[Charge] = Area(
    name="charges",
    one="charge",
    table=CHARGES,
    to_row=lambda charge: plain(charge, CHARGES),
    from_row=lambda row, _children: built(Charge, row),
    stand_ins={"amount_minor": 0},
    sorts={"due_on": "due_on", "id": "id"},
    filters={
        "contract_id": Filter(kind=FilterKind.EQUALS, column="contract_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind", choices=ChargeKind),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=ChargeState),
        **_BY_EXTERNAL_ID,
    },
)


def _address(address: Address) -> dict[str, Any]:
    return {name: getattr(address, name) for name in ("line1", "line2", "postcode", "city", "country")}


def _built_address(row: Row) -> Address:
    return built(Address, row)
