"""Importing contracts, charges and whom they bill, on both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.charges import ChargeState
from scheduler.domain.billing.contracts import ContractKind, Rounding, RoundingMode, Unused
from scheduler.domain.ground.access import LOCAL
from tests.integrations.firm_files import faults_of, run, standard_map

if TYPE_CHECKING:
    from scheduler.integrations.imports.importing import ImportReport
    from scheduler.store import Store

AREAS = ("clients", "projects", "tax_codes", "tax_rates", "legal_entities", "client_accounts", "contracts", "charges")
FILES = {
    "clients.csv": "id,name\nacme,Acme\n",
    "projects.csv": "id,name,client,contract,contract_value\nalpha,Alpha,acme,fixed_price,3000\nbeta,Beta,acme,,\ngamma,Gamma,acme,,\n",
    "tax_codes.csv": "id,name,category,exemption_code\nvat,VAT,S,\nrc,Reverse charge,AE,VATEX-EU-AE\n",
    "tax_rates.csv": "tax_code,valid_from,percent\nvat,2020-01-01,19\nvat,2020-07-01,16\n",
    "legal_entities.csv": "id,name,line1,postcode,city,country,tax_code,iban\nde,Acme GmbH,Main Street 1,10115,Berlin,DE,vat,DE89370400440532013000\n",
    "client_accounts.csv": "client,name,line1,city,country,grouping\nacme,Acme Ltd,High Road 7,London,GB,client\n",
    "contracts.csv": (
        "project,name,kind,currency,legal_entity,starts_on,cap,fee,included_hours,unused,roll_months,rounding_step,rounding_mode\n"
        "alpha,Alpha,fixed_price,EUR,de,2026-01-01,,,,,,,\n"
        "beta,Beta,capped,EUR,de,2026-01-01,50000.50,,,,,15,nearest\n"
        "gamma,Gamma,retainer,KWD,de,2026-01-01,,800.125,20,roll_over,2,,\n"
    ),
    "charges.csv": (
        "id,contract,kind,name,due_on,amount,currency,approved_on\n"
        "m1,alpha,milestone,Draft,2026-02-01,1000,,2026-02-03\n"
        "m2,alpha,milestone,Final,2026-03-01,2000,EUR,\n"
        "d1,gamma,deposit,On signing,2026-01-01,100.001,KWD,\n"
    ),
}


def imported(store: Store, **files: str) -> ImportReport:
    """The files, some of them with other contents."""
    return run(store, {**FILES, **{f"{name}.csv": text for name, text in files.items()}}, standard_map(*AREAS))


def test_contracts_come_with_their_terms_and_totals(store: Store) -> None:
    """Terms, charges, taxes and accounts are stored as the files say them; amounts by currency agree; the same again changes nothing."""
    report = imported(store)
    assert (report.created, report.changed) == (14, 0)
    totals = {(one.area, one.figure, one.currency): (one.total_in, one.total_out, one.agrees) for one in report.totals}
    assert totals["contracts", "cap", "EUR"] == (Decimal("50000.50"), Decimal("50000.50"), True)
    assert totals["contracts", "fee", "KWD"] == (Decimal("800.125"), Decimal("800.125"), True)
    assert totals["charges", "amount", "EUR"] == (Decimal(3000), Decimal(3000), True)
    assert totals["charges", "amount", "KWD"] == (Decimal("100.001"), Decimal("100.001"), True)
    with store.read(LOCAL) as view:
        contracts = {one.name: one for one in view.area("contracts").all()}
        charges = {one.external_id: one for one in view.area("charges").all()}
        tax = view.area("tax_codes").find_external("vat")
        entity = view.area("legal_entities").find_external("de")
        account = view.area("client_accounts").all()[0]
    assert (contracts["Beta"].kind, contracts["Beta"].cap_minor) == (ContractKind.CAPPED, 5_000_050)
    assert contracts["Beta"].rounding == Rounding(step_min=15, mode=RoundingMode.NEAREST)
    retainer = contracts["Gamma"].retainer
    assert (retainer.fee_minor, retainer.included_min, retainer.unused, retainer.roll_months) == (800_125, 1_200, Unused.ROLL_OVER, 2)
    assert (charges["m1"].state, charges["m2"].state, charges["d1"].amount_minor) == (ChargeState.APPROVED, ChargeState.PLANNED, 100_001)
    assert tax is not None
    assert entity is not None
    assert [rate.percent for rate in tax.rates] == [Decimal(19), Decimal(16)]
    assert (entity.address.city, entity.tax_code_id, account.address.country) == ("Berlin", tax.id, "GB")
    again = imported(store)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 14)


def test_what_does_not_agree_is_a_fault_of_its_row(store: Store) -> None:
    """A kind that the project has not, an amount in a currency that is not the contract's, a charge under the wrong contract, a missing cap."""
    head = "project,name,kind,currency,legal_entity,starts_on,cap\n"
    contracts = (
        head
        + "alpha,Alpha,fixed_price,EUR,de,2026-01-01,\nbeta,Beta,capped,EUR,de,2026-01-01,\ngamma,Gamma,fixed_schedule,EUR,de,2026-01-01,\n"
    )
    charges = "id,contract,kind,name,due_on,amount,currency\nm1,alpha,milestone,A,2026-02-01,1000,USD\nb1,alpha,schedule,B,2026-02-01,1,\n"
    files = {**FILES, "contracts.csv": contracts, "charges.csv": charges}
    assert faults_of(store, files, standard_map(*AREAS)) == [
        ("contracts.csv, row 3, column cap", "contract.terms"),
        ("contracts.csv, row 4, column kind", "contract.other_than_project"),
        ("charges.csv, row 2, column currency", "money.currency_mismatch"),
        ("charges.csv, row 3, column kind", "charge.other_than_contract"),
    ]
    with store.read(LOCAL) as view:
        assert view.area("contracts").is_empty()


def test_a_project_does_not_leave_its_contract(store: Store) -> None:
    """An import that makes the project of a contract another sort of project is refused at the project's row."""
    imported(store)
    files = {"projects.csv": "id,name,contract\nbeta,Beta,internal\n"}
    assert faults_of(store, files, standard_map("projects")) == [("projects.csv, row 2, column contract", "contract.other_than_project")]


def test_an_approved_milestone_stays_as_it_is(store: Store) -> None:
    """Its amount cannot be imported anew; the same amount is no change."""
    imported(store)
    head = "id,contract,kind,name,due_on,amount\n"
    files = {"charges.csv": head + "m1,alpha,milestone,Draft,2026-02-01,1500\nm2,alpha,milestone,Final,2026-03-01,1500\n"}
    assert faults_of(store, files, standard_map("charges")) == [("charges.csv, row 2, column id", "charge.approved")]
