"""Building XML: elements by prefixed name, left out where there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from scheduler.integrations.invoices.en16931 import plain

if TYPE_CHECKING:
    from collections.abc import Mapping


class Branch:
    """An element that is being filled."""

    __slots__ = ("_names", "_node")

    def __init__(self, node: etree._Element, names: Mapping[str, str]) -> None:
        self._node = node
        self._names = names

    def branch(self, name: str) -> Branch:
        """A new child without text; ``name`` is ``prefix:Name``."""
        return Branch(etree.SubElement(self._node, self._names[name]), self._names)

    def leaf(self, name: str, text: str | None, **attributes: str) -> None:
        """A new child with a text; none for ``None``."""
        if text is not None:
            etree.SubElement(self._node, self._names[name], attributes).text = plain(text)

    def written(self) -> bytes:
        """The document as UTF-8."""
        return etree.tostring(self._node, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def root(tag: str, namespaces: dict[str | None, str]) -> Branch:
    """A document whose outermost element is ``tag``, ``{namespace}Name``; the prefix ``None`` is the namespace without one."""
    node = etree.Element(tag, nsmap=namespaces)  # type: ignore[arg-type]
    return Branch(node, _Names(namespaces))


class _Names(dict[str, str]):
    """Full names by prefixed names."""

    def __init__(self, namespaces: Mapping[str | None, str]) -> None:
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, name: str) -> str:
        prefix, _, own = name.partition(":")
        self[name] = full = f"{{{self._namespaces[prefix]}}}{own}"
        return full
