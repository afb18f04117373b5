"""How fields of records become attributes, whatever the area is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from scheduler.domain.ground.money import exponent
from scheduler.integrations.imports.parts import PART_ATTRIBUTE, invalid_field

if TYPE_CHECKING:
    from decimal import Decimal

    from scheduler.integrations.imports.parts import Parts
    from scheduler.integrations.imports.records import Record
    from scheduler.integrations.imports.references import References

Attributes = dict[str, Any]


def same_names(record: Record, *names: str) -> Attributes:
    """Fields that are called as their attributes are."""
    return {name: record.values[name] for name in names if name in record.values}


def renamed(record: Record, **names: str) -> Attributes:
    """Attributes by the names of their fields."""
    return {attribute: record.values[name] for attribute, name in names.items() if name in record.values}


def linked(record: Record, references: References, *names: str) -> Attributes:
    """Attributes that name other records, by the fields that hold their external ids."""
    return {f"{name}_id": references.one(record, name) for name in names if name in record.values}


def enum_of(record: Record, name: str, choices: type[Any]) -> Attributes:
    """A field that is a choice."""
    if name not in record.values:
        return {}
    value = record.values[name]
    return {name: None if value is None else choices(value)}


def minor(record: Record, currency: str, **names: str) -> Attributes:
    """Whole units of the currency to its minor ones, exactly."""
    places = exponent(currency)
    found: Attributes = {}
    for attribute, name in names.items():
        amount = cast("Decimal | None", record.values.get(name))
        if name in record.values:
            minor = None if amount is None else amount.scaleb(places)
            if minor is not None and minor != minor.to_integral_value():
                raise invalid_field(
                    f"/{attribute}", "money.too_precise", f"{amount:f} has more decimals than {currency} has ({places}); round it."
                )
            found[attribute] = None if minor is None else int(minor)
    return found


def part(parts: Parts, record: Record, part_area: str) -> Attributes:
    """The parts of the record that have rows of their own, where the map feeds them."""
    given = parts.given(part_area, record.key or "")
    return {} if given is None else {PART_ATTRIBUTE[part_area]: given}
