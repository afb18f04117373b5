"""Documents as PDF: they open, carry their electronic invoice, are always the same, and no text in them does anything."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import facturx
import pypdf
import pytest
from lxml import etree
from pypdf.generic import StreamObject

from scheduler.domain.billing.document_lines import LineUnit, line_net
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.totals import totals
from scheduler.domain.ground.errors import DomainError
from scheduler.integrations.invoices import pdf as pdf_module
from scheduler.integrations.invoices.cii import cii_xml
from scheduler.integrations.invoices.glyphs import PLACEHOLDER, missing_glyphs
from scheduler.integrations.invoices.layout import printed
from scheduler.integrations.invoices.pdf import pictures, render
from scheduler.integrations.invoices.xmp import NAMESPACE, with_facturx
from tests.billing_documents import REASONS, random_document

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument

ROOT = Path(__file__).parents[3]
DOCUMENTS = 500 if os.environ.get("MUSTER_TEST_ALL_DOCUMENTS") == "1" else 40


def opened(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content), strict=True)


def metadata_of(reader: pypdf.PdfReader) -> str:
    stream = reader.root_object["/Metadata"].get_object()
    assert isinstance(stream, StreamObject)
    return stream.get_data().decode()


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in opened(content).pages)


def with_lines(document: InvoiceDocument, **changes: Any) -> InvoiceDocument:
    """The document with every line changed, and with the sums that this makes."""
    lines = tuple(replace(line, **changes) for line in document.lines)
    lines = tuple(replace(line, net_minor=line_net(line.unit, line.quantity, line.unit_price, document.currency)) for line in lines)
    made = totals(lines, (), REASONS)
    sums: dict[str, Any] = {"net_minor": made.net_minor, "tax_minor": made.tax_minor, "gross_minor": made.gross_minor}
    return replace(document, lines=lines, taxes=made.taxes, allowances=(), retained_minor=0, home=None, **sums)


def png(width: int, height: int, *, cut: int = 0) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"".join(b"\0" + b"\x20\x60\xa0" * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = rows[: len(rows) - cut]
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.slow
def test_random_documents_open_and_say_what_they_are() -> None:
    """Each opens strictly, shows number, recipient and gross, is marked PDF/A-3b, and carries the electronic invoice that a reader finds."""
    for seed in range(DOCUMENTS):
        document = random_document(seed, lines_max=40)
        made = render(document)
        reader, text = opened(made.pdf), text_of(made.pdf).replace("\u00a0", " ")
        assert (document.number or "") in text
        assert document.buyer.address_lines[0] in text
        assert printed(document)["gross"][1].replace("\u202f", " ").replace("\u00a0", " ") in text.replace("\u202f", " ")
        metadata = metadata_of(reader)
        assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in metadata
        assert ("<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in metadata) is (made.cii is not None)
        assert (document.currency == "KWD") is (made.cii is None)
        if made.cii is not None:
            assert reader.attachments["factur-x.xml"] == [made.cii]
            name, xml = facturx.get_facturx_xml_from_pdf(made.pdf, check_xsd=True)
            assert (name, xml) == ("factur-x.xml", made.cii)
            assert made.cii == cii_xml(document)
            file = next(iter(reader.attachment_list))
            assert str(file.associated_file_relationship) == "/Alternative"


def test_the_same_document_gives_the_same_bytes() -> None:
    """Also when the clock has moved on and another document was made between: nothing in it is random or of today."""
    document = random_document(5)
    first = render(document)
    render(random_document(6))
    assert render(document) == first
    assert pictures(document) == pictures(document)
    assert b"D:%d" % document.issued_on.year in first.pdf


def test_another_process_in_another_place_gives_the_same_bytes() -> None:
    """Neither the time zone, nor the language of the machine, nor the seed of Python's hashes is in the file."""
    code = (
        "import sys, hashlib; from tests.billing_documents import random_document; from scheduler.integrations.invoices.pdf import render;"
        "print(hashlib.sha256(render(random_document(5)).pdf).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Pacific/Auckland", "LANG": "ja_JP.UTF-8", "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.strip() == hashlib.sha256(render(random_document(5)).pdf).hexdigest()


def test_every_object_is_where_the_table_says() -> None:
    """The metadata of Factur-X move what stands behind them; the table of places moves with it."""
    made = render(random_document(5))
    start = int(made.pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    table = made.pdf[start:].split(b"trailer")[0].splitlines()
    for number, entry in enumerate(table[3:], start=1):
        assert made.pdf[int(entry[:10]) :].startswith(b"%d 0 obj" % number)
    for other in (b"", b"%PDF-1.7\n%%EOF", made.pdf[:-30]):
        with pytest.raises(ValueError, match="laid out"):
            with_facturx(other)


def test_the_metadata_say_what_they_use() -> None:
    """They are well-formed, hold each property of Factur-X once, and describe each in a schema, as PDF/A asks of what it does not know."""
    metadata = metadata_of(opened(render(random_document(5)).pdf))
    tree = etree.fromstring(metadata.encode())
    spaces = {"fx": NAMESPACE, "property": "http://www.aiim.org/pdfa/ns/property#", "schema": "http://www.aiim.org/pdfa/ns/schema#"}
    used = sorted(etree.QName(element).localname for element in tree.iter(f"{{{NAMESPACE}}}*"))
    assert used == ["ConformanceLevel", "DocumentFileName", "DocumentType", "Version"]
    own = next(one for one in tree.iter(f"{{{spaces['schema']}}}namespaceURI") if one.text == NAMESPACE).getparent()
    assert own is not None
    assert sorted(str(name.text) for name in own.iter(f"{{{spaces['property']}}}name")) == used


def test_300_lines_go_over_pages_with_their_headings() -> None:
    """Every page of the table has its header, every line is there once in order, and the sums stand together on the last."""
    document = next(one for one in map(random_document, range(200)) if len(one.lines) >= 300)
    paper = printed(document)
    pages = [page.extract_text() for page in opened(render(document).pdf).pages]
    assert len(pages) > 5
    assert all(paper["heads"][1] in page and paper["heads"][5] in page for page in pages[:-1])
    numbered = [paper["page"].replace("{}", str(number), 1).replace("{}", str(len(pages))) for number in range(1, len(pages) + 1)]
    assert all(number in page for number, page in zip(numbered, pages, strict=True))
    with_sums = [page for page in pages if paper["gross"][0] in page]
    assert len(with_sums) == 1
    assert all(label.split("\n")[0] in with_sums[0] for label, _ in paper["sums"])
    places = [sum(page.count(f"\n{line['position']} ") for page in pages) for line in paper["lines"][10:]]
    assert min(places) >= 1


EVIL = (
    "{{ ''.__class__ }} {% include '/etc/passwd' %} #read(\"/etc/passwd\") #image(\"http://169.254.169.254/x.png\")"
    ' #while true {} #import "@preview/x:1.0.0": y #{ "a" * 1000000000 } <img src=http://169.254.169.254> @import url(file:///etc/passwd)'
    " <link rel=attachment href=file:///etc/passwd> ![x](file:///etc/passwd) $ sum_(i=0)^oo $ */ // = Heading"
)


def test_x04_x05_texts_are_never_commands() -> None:
    """Whatever a text says to templates, typesetters and browsers is printed as it stands; no file is read and no network asked."""
    document = with_lines(random_document(8, currency="EUR"), description=EVIL, note=EVIL)
    document = replace(document, intro=EVIL, footer=EVIL, payment_terms=EVIL, buyer=replace(document.buyer, name=EVIL[:190]))
    made = render(document)
    seen = "".join(text_of(made.pdf).split())
    assert seen.count("#read(") == 4 + 2 * len(document.lines)
    for part in ("{{''.__class__}}", "#whiletrue{}", "{%include'/etc/passwd'%}", "<imgsrc=http://169.254", "@importurl(file:///etc/"):
        assert part in seen.replace("\u200b", "").replace("’", "'")
    assert "root:x:" not in seen
    assert set(opened(made.pdf).attachments) == {"factur-x.xml"}
    links = [page.get("/Annots") for page in opened(made.pdf).pages]
    assert links == [None] * len(links)


def test_a_document_too_long_to_draw_is_refused() -> None:
    """More than two million characters are not drawn at all; what is drawn is bounded."""
    document = with_lines(random_document(8, currency="EUR"), description="word " * 400)
    many = tuple(replace(document.lines[0], position=place) for place in range(1, 1_101))
    made = totals(many, (), REASONS)
    sums: dict[str, Any] = {"net_minor": made.net_minor, "tax_minor": made.tax_minor, "gross_minor": made.gross_minor}
    with pytest.raises(DomainError) as refused:
        render(replace(document, lines=many, taxes=made.taxes, **sums))
    assert refused.value.code == "invoice.too_large"


def test_a_character_that_no_font_has_is_a_box() -> None:
    """The PDF is made all the same and says which are missing; the electronic invoice has the name as it is."""
    document = random_document(8, currency="EUR")
    document = replace(document, buyer=replace(document.buyer, name="日本 Ω 👩‍💻 Łódź"))
    made = render(document)
    assert {"日", "本", "💻"} <= set(made.unprintable)
    text = text_of(made.pdf)
    assert PLACEHOLDER * 2 in text
    assert "Łódź" in text
    assert made.cii is not None
    assert "日本 Ω 👩‍💻 Łódź" in made.cii.decode()
    assert missing_glyphs("ÄÖÜß Ελλάδα Київ שלום مرحبا € – «»") == frozenset()


def test_a_logo_is_drawn_and_a_broken_one_is_told() -> None:
    """A PNG stands on the first page; one that only begins and ends as such is refused when it is drawn."""
    document = random_document(8, currency="EUR")
    made = render(replace(document, logo=png(600, 100)))
    assert len(opened(made.pdf).pages[0].images) == 1
    assert len(opened(render(document).pdf).pages[0].images) == 0
    with pytest.raises(DomainError) as refused:
        render(replace(document, logo=png(600, 100, cut=60)))
    assert refused.value.code == "logo.unreadable"


def test_a_draft_says_that_it_is_one_and_carries_nothing() -> None:
    """Without a number there is no electronic invoice; the paper says draft."""
    made = render(replace(random_document(8, currency="EUR"), number=None, language="en"))
    assert made.cii is None
    assert [fault.code for fault in made.faults] == ["einvoice.draft"]
    assert "Draft" in text_of(made.pdf)
    assert opened(made.pdf).attachments == {}


def test_pages_can_be_looked_at() -> None:
    """Each page is a PNG."""
    document = random_document(8)
    assert [page[:8] for page in pictures(document)] == [b"\x89PNG\r\n\x1a\n"] * len(opened(render(document).pdf).pages)


def test_kinds_have_their_titles() -> None:
    """An invoice and a credit note are called so in the language."""
    document = replace(random_document(8, currency="EUR"), language="de")
    assert f"Rechnung {document.number}" in text_of(render(replace(document, kind=InvoiceKind.INVOICE)).pdf)
    assert "Gutschrift" in text_of(render(replace(document, kind=InvoiceKind.CREDIT_NOTE)).pdf)


def test_what_is_no_fault_of_the_logo_is_not_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the layout comes through as what it is."""
    monkeypatch.setattr(pdf_module, "_template", lambda: b"#panic(1)")
    with pytest.raises(RuntimeError, match="panicked"):
        render(random_document(8))


def test_a_price_per_hour_is_printed_with_its_unit() -> None:
    """A line of time says h, and a price per hour says /h; a line of pieces says neither."""
    document = with_lines(random_document(8, currency="EUR"), unit=LineUnit.MINUTE, quantity=90, unit_price=Decimal("120.5"))
    text = text_of(render(replace(document, language="de")).pdf)
    assert "1:30 h" in text
    assert "120,50/h" in text
