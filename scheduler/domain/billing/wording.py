"""Words that stand on the lines of invoices, in the languages in which they are written."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Word(StrEnum):
    """What has to be said."""

    WORK = "work"
    EXPENSE = "expense"
    FEE = "fee"
    """With the month."""
    COVERED = "covered"
    """With whose work it was, and what had paid for it."""
    CAP = "cap"
    DRAW = "draw"
    """With the deposit's name."""
    DISCOUNT = "discount"


_WORDS: Mapping[str, Mapping[Word, str]] = {
    "en": {
        Word.WORK: "Work",
        Word.EXPENSE: "Expense",
        Word.FEE: "Monthly fee {0}",
        Word.COVERED: "{0}, included in {1}",
        Word.CAP: "Beyond the agreed limit",
        Word.DRAW: "Less deposit: {0}",
        Word.DISCOUNT: "Discount",
    },
    "de": {
        Word.WORK: "Leistung",
        Word.EXPENSE: "Auslage",
        Word.FEE: "Monatspauschale {0}",
        Word.COVERED: "{0}, enthalten in {1}",
        Word.CAP: "Über der vereinbarten Obergrenze",
        Word.DRAW: "Abzüglich Anzahlung: {0}",
        Word.DISCOUNT: "Rabatt",
    },
    "fr": {
        Word.WORK: "Prestation",
        Word.EXPENSE: "Frais",
        Word.FEE: "Forfait mensuel {0}",
        Word.COVERED: "{0}, inclus dans {1}",
        Word.CAP: "Au-delà du plafond convenu",
        Word.DRAW: "Acompte déduit : {0}",
        Word.DISCOUNT: "Remise",
    },
    "es": {
        Word.WORK: "Servicio",
        Word.EXPENSE: "Gasto",
        Word.FEE: "Cuota mensual {0}",
        Word.COVERED: "{0}, incluido en {1}",
        Word.CAP: "Por encima del límite acordado",
        Word.DRAW: "Menos anticipo: {0}",
        Word.DISCOUNT: "Descuento",
    },
    "it": {
        Word.WORK: "Prestazione",
        Word.EXPENSE: "Spesa",
        Word.FEE: "Canone mensile {0}",
        Word.COVERED: "{0}, incluso in {1}",
        Word.CAP: "Oltre il limite concordato",
        Word.DRAW: "Dedotto acconto: {0}",
        Word.DISCOUNT: "Sconto",
    },
    "nl": {
        Word.WORK: "Werkzaamheden",
        Word.EXPENSE: "Onkosten",
        Word.FEE: "Maandbedrag {0}",
        Word.COVERED: "{0}, inbegrepen in {1}",
        Word.CAP: "Boven het afgesproken maximum",
        Word.DRAW: "Af: voorschot {0}",
        Word.DISCOUNT: "Korting",
    },
}


def said(language: str, word: Word, *parts: str) -> str:
    """The word in a language; in English where the language is none in which invoices are written."""
    return _WORDS.get(language, _WORDS["en"])[word].format(*parts)
