"""
Documents as PDF/A-3b, with their electronic invoice attached (Factur-X) where there is one. The same document gives the same bytes.

Typst draws the texts of ``layout`` by one template of ours; users write none. It sees an empty folder, or one with the logo alone, and
no network: nothing in the template names a package.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from scheduler.domain.billing.logos import logo_format
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.invoices.cii import cii_xml
from scheduler.integrations.invoices.en16931 import faults_of
from scheduler.integrations.invoices.glyphs import PLACEHOLDER, missing_glyphs, wanted_fonts
from scheduler.integrations.invoices.layout import printed
from scheduler.integrations.invoices.xmp import with_facturx

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.ground.errors import Fault

CHARACTERS_MAX = 2_000_000
"""Most characters on a document, its places named: bounds the time and the size of drawing it."""
STANDARD: Final = "a-3b"
_PICTURE_PPI = 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A document as files."""

    pdf: bytes
    cii: bytes | None
    """The electronic invoice that is attached; ``None`` where the document is none."""
    faults: tuple[Fault, ...]
    """Why it is none."""
    unprintable: tuple[str, ...]
    """Characters that no font here has; the PDF shows a box for each, the electronic invoice has them all."""


def render(document: InvoiceDocument) -> Rendered:
    """
    The document as PDF and, where EN 16931 has room for it, as electronic invoice.

    Raises DomainError ``invoice.too_large``, ``logo.unreadable``.
    """
    faults = faults_of(document)
    xml = None if faults else cii_xml(document)
    text, missing = _texts(document)
    pdf = _drawn(document, text, xml, "pdf")[0]
    return Rendered(pdf=pdf if xml is None else with_facturx(pdf), cii=xml, faults=faults, unprintable=missing)


def pictures(document: InvoiceDocument) -> list[bytes]:
    """The pages as PNG, for looking at them before they are sent. Raises as ``render`` does."""
    text, _ = _texts(document)
    return _drawn(document, text, None, "png")


def _texts(document: InvoiceDocument) -> tuple[str, tuple[str, ...]]:
    """What is printed as JSON, with a box for every character that cannot be printed, and these characters."""
    text = json.dumps(printed(document), ensure_ascii=False)
    if len(text) > CHARACTERS_MAX:
        detail = f"The document has {len(text)} characters; at most {CHARACTERS_MAX} are printed. Group more work to a line, or shorten its texts."
        raise DomainError(ErrorKind.TOO_LARGE, "invoice.too_large", detail)
    missing = missing_glyphs(text)
    return text.translate({ord(character): PLACEHOLDER for character in missing}), tuple(sorted(missing))


def _drawn(document: InvoiceDocument, text: str, xml: bytes | None, file_format: Literal["pdf", "png"]) -> list[bytes]:
    import typst

    issued = datetime.combine(document.issued_on, time.min, UTC)
    with TemporaryDirectory(prefix="muster-invoice-") as folder:
        inputs = {"document": text, "xml": xml.decode() if xml is not None else ""}
        if document.logo is not None:
            inputs["logo"] = f"logo.{logo_format(document.logo)}"
            (Path(folder) / inputs["logo"]).write_bytes(document.logo)
        compiler = typst.Compiler(
            _template(),
            root=folder,
            font_paths=wanted_fonts(),
            ignore_system_fonts=True,
            sys_inputs=inputs,
            package_path=folder,
            package_cache_path=folder,
        )
        try:
            made = compiler.compile(format=file_format, ppi=_PICTURE_PPI, pdf_standards=STANDARD, timestamp=issued)
        except typst.TypstError as error:
            raise _told(error, document) from error
    assert made is not None
    return made if isinstance(made, list) else [made]


def _told(error: Exception, document: InvoiceDocument) -> Exception:
    """What is the logo's fault is said so; anything else is ours."""
    if document.logo is not None and "image" in str(error):
        detail = "The logo begins and ends as a picture and is none; save it anew as PNG or JPEG."
        return DomainError(ErrorKind.INVALID, "logo.unreadable", detail)
    return error


@cache
def _template() -> bytes:
    return (files("scheduler.integrations.invoices") / "document.typ").read_bytes()
