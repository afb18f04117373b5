"""Which characters the fonts have that come with Typst: a PDF/A with a character that no font has would not be made at all."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typst import Fonts

PLACEHOLDER = "□"
_PLAIN = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), 0x200B, 0x202F, 0x2013, 0x2019, 0x20AC, 0x0A)))
"""Latin letters and what documents themselves print: every font has them."""
_TOLD = re.compile(r'the text (?:`)?"(?P<text>(?:[^"\\]|\\.)+)"')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_ASKED_MAX = 300
"""So many missing characters are looked for one by one in a text; what is unknown then is taken for missing."""
_known: dict[str, bool] = {}
"""Whether a font has the character, for those that were asked for."""


@cache
def wanted_fonts() -> Fonts:
    """The fonts that come with Typst alone: what a document looks like does not depend on the machine."""
    from typst import Fonts

    return Fonts(include_system_fonts=False)


def missing_glyphs(text: str) -> frozenset[str]:
    """The characters of the text that no font has."""
    unusual = set(text) - _PLAIN
    unknown = sorted(unusual - _known.keys())
    for _ in range(_ASKED_MAX):
        if not unknown:
            break
        missing = _first_missing(unknown)
        if missing is None:
            _known.update(dict.fromkeys(unknown, True))
            break
        _known[missing] = False
        unknown.remove(missing)
    return frozenset(character for character in unusual if not _known.get(character, False))


def _first_missing(characters: list[str]) -> str | None:
    """One of the characters that no font has; ``None`` where all are there."""
    import typst

    source = b'#set text(font: "Libertinus Serif")\n#sys.inputs.text'
    try:
        typst.compile(
            source,
            font_paths=wanted_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"text": " ".join(characters)},
            pdf_standards=["a-3b"],
            timestamp=0,
        )
    except typst.TypstError as error:
        found = _TOLD.search(error.message)
        told = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), found["text"]) if found else ""
        return next((character for character in characters if character in told), characters[0])
    return None
