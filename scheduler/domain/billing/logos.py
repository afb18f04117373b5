"""A firm's logo: a PNG or JPEG file of bounded size, told by its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.domain.ground.checks import Faults

LOGO_BYTES_MAX = 512 * 1024
LOGO_SIDE_MAX = 4_000
LOGO_PIXELS_MAX = 4_000_000
"""In all; what is unpacked to draw it stays below 32 MB."""
_PACKED_MAX = 16 * 1024
"""Largest packed part beside the picture itself, such as a profile of colours: its content may be a thousand times as large."""
_SIGNATURE_BYTES = 8
_PACKED = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of a frame, which says how large the picture is."""
_COMPONENTS = frozenset({1, 3})
"""Grey, or the three colours of a screen."""


def logo_format(logo: bytes) -> str | None:
    """``png`` or ``jpg``; ``None`` for what is no whole file of these."""
    if logo.startswith(_PNG) and logo.endswith(_PNG_END):
        return "png"
    return "jpg" if logo.startswith(_JPEG) and logo.endswith(_JPEG_END) else None


def logo_pixels(logo: bytes) -> tuple[int, int] | None:
    """Width and height as the file says them; ``None`` where it says none, or has colours for the press (CMYK)."""
    if logo_format(logo) == "png":
        return int.from_bytes(logo[16:20], "big"), int.from_bytes(logo[20:24], "big")
    place = 2
    while logo_format(logo) == "jpg" and place + 9 < len(logo) and logo[place] == 0xFF:
        if logo[place + 1] in _FRAMES:
            if logo[place + 9] not in _COMPONENTS:
                return None
            return int.from_bytes(logo[place + 7 : place + 9], "big"), int.from_bytes(logo[place + 5 : place + 7], "big")
        place += 2 + int.from_bytes(logo[place + 2 : place + 4], "big")
    return None


def check_logo(faults: Faults, pointer: str, logo: bytes) -> None:
    """A fault unless the logo is a PNG or JPEG file, small enough in bytes and pixels."""
    size = logo_pixels(logo)
    if len(logo) > LOGO_BYTES_MAX:
        faults.add(pointer, "logo.too_large", f"The logo has {len(logo)} bytes; at most {LOGO_BYTES_MAX} are taken.")
    elif size is None:
        faults.add(pointer, "logo.type_not_supported", "The logo is no whole PNG or JPEG file, whatever it is called; send one of these.")
    elif not all(1 <= side <= LOGO_SIDE_MAX for side in size) or size[0] * size[1] > LOGO_PIXELS_MAX:
        message = f"The logo is {size[0]} x {size[1]} pixels; a side has 1 to {LOGO_SIDE_MAX}, and all of it at most {LOGO_PIXELS_MAX}."
        faults.add(pointer, "logo.too_large", message)
    elif logo_format(logo) == "png" and _largest_packed(logo) > _PACKED_MAX:
        message = "The logo has a profile of colours or texts that are larger than a logo's; save it without them."
        faults.add(pointer, "logo.too_large", message)


def _largest_packed(png: bytes) -> int:
    """Size of the largest packed part of a PNG beside its picture."""
    place, largest = _SIGNATURE_BYTES, 0
    while place + 8 <= len(png):
        size = int.from_bytes(png[place : place + 4], "big")
        if png[place + 4 : place + 8] in _PACKED:
            largest = max(largest, size)
        place += size + 12
    return largest
