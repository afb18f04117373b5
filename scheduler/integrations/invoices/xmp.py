"""The metadata that tell a PDF with an attached invoice apart as Factur-X: written into those that the PDF has."""

from __future__ import annotations

import re

FILE_NAME = "factur-x.xml"
NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentType": ("INVOICE", "The type of the hybrid document in capital letters"),
    "DocumentFileName": (FILE_NAME, "The name of the embedded XML document"),
    "Version": ("1.0", "The version of the standard that the embedded XML document follows"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}
_SCHEMAS_END = b"</rdf:Bag></pdfaExtension:schemas>"
_DESCRIPTION_END = b"</rdf:Description></rdf:RDF>"
_HEAD = re.compile(rb"(\d+) 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_TAIL = re.compile(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] ?\r?\n)+)(trailer\n.*?startxref\n)(\d+)(\n%%EOF\s*)\Z", re.DOTALL)
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) (n|f)")


def _schema() -> bytes:
    """What the properties are, as PDF/A asks of every schema that it does not know."""
    each = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>{words}'
        f"</pdfaProperty:description><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        for name, (_, words) in _PROPERTIES.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>'
        f"{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>{each}"
        "</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()


def _values() -> bytes:
    each = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _PROPERTIES.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">{each}</rdf:Description>'.encode()


def with_facturx(pdf: bytes) -> bytes:
    """
    The PDF with the metadata of Factur-X; every object behind them moves, and the table of places with them.

    Raises ValueError for a PDF that is not laid out as Typst lays it out.
    """
    heads, tail = list(_HEAD.finditer(pdf)), _TAIL.search(pdf)
    if not heads or tail is None:
        raise ValueError("the PDF is not laid out as expected; its metadata cannot be told")
    head = heads[-1]
    old = pdf[head.end() : head.end() + int(head[2])]
    if old.count(_SCHEMAS_END) != 1 or old.count(_DESCRIPTION_END) != 1:
        raise ValueError("the PDF's metadata are not laid out as expected")
    new = old.replace(_SCHEMAS_END, _schema() + _SCHEMAS_END).replace(_DESCRIPTION_END, b"</rdf:Description>" + _values() + b"</rdf:RDF>")
    length = head[0].replace(b"/Length " + head[2], b"/Length " + str(len(new)).encode())
    moved = len(length) - len(head[0]) + len(new) - len(old)

    def at_new_place(entry: re.Match[bytes]) -> bytes:
        place = int(entry[1])
        return b"%010d %s %s" % (place + moved if place > head.start() else place, entry[2], entry[3])

    table = _ENTRY.sub(at_new_place, tail[2])
    body = pdf[: head.start()] + length + new + pdf[head.end() + len(old) : tail.start()]
    return body + b"xref\n0 %s\n" % tail[1] + table + tail[3] + b"%d" % len(body) + tail[5]
