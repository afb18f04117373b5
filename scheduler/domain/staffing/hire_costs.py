"""What somebody costs whose cost rate is not given: as the term before, or as people of the same grade do on the mean."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.staffing.people import Person, Term

_PLACES = Decimal("0.0001")


def with_cost_rates(person: Person, *, before: Person | None, others: Iterable[Person], pointer: str) -> Person:
    """
    The person with a cost rate in each term that has none.

    A term goes on at the rate of the term of ``before`` that began last; for somebody new, at the mean rate of the grade's other terms
    in force last, or of everybody's. Stays empty where no rate can be seen. Raises DomainError ``field.missing`` in a firm without terms.
    """
    if all(term.cost_rate is not None for term in person.terms):
        return person
    known = [other.terms[-1] for other in others if other.terms and other.id != person.id]
    terms = []
    for number, term in enumerate(person.terms):
        if term.cost_rate is not None:
            terms.append(term)
        elif before is not None and before.terms:
            earlier = [one for one in before.terms if one.period.start <= term.period.start]
            terms.append(replace(term, cost_rate=(earlier[-1] if earlier else before.terms[0]).cost_rate))
        elif known:
            terms.append(replace(term, cost_rate=_mean(term, known)))
        else:
            message = "Nobody else has a cost rate from which it could follow; give one."
            raise invalid("change", Fault(pointer=f"{pointer}/terms/{number}/cost_rate", code="field.missing", message=message))
    return replace(person, terms=tuple(terms))


def _mean(term: Term, known: list[Term]) -> Decimal | None:
    rates = [one.cost_rate for one in known if one.cost_rate is not None]
    alike = [one.cost_rate for one in known if one.cost_rate is not None and one.grade == term.grade]
    found = alike or rates
    return (sum(found, Decimal(0)) / len(found)).quantize(_PLACES, rounding=ROUND_HALF_UP) if found else None
