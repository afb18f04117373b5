"""Receipts: what sort of file they are is told by their content, never by their name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import ReceiptId

RECEIPT_BYTES_MAX = 10 * 1024 * 1024
RECEIPTS_MAX = 20
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER, _PNG_END = b"\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PDF, _PDF_END = b"%PDF-", b"%%EOF"
_TAIL = 1024
"""Within so many bytes of its end a whole file says that it ends."""


class MediaType(StrEnum):
    """Sorts of files that are taken."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A file that proves an expense; its content is known by its hash."""

    id: ReceiptId
    name: str | None
    """What its sender calls it; ``None`` once the person was erased."""
    media_type: MediaType
    size_bytes: int
    sha256: str


def receipt_of(receipt_id: ReceiptId, *, name: str, content: bytes) -> Receipt:
    """
    The receipt that a content makes.

    Raises DomainError ``receipt.too_large`` (TOO_LARGE), ``receipt.type_not_supported`` for what is no whole PDF, PNG or JPEG file,
    ``input.invalid`` for a name that cannot be kept.
    """
    faults = Faults()
    kept = faults.text("/file", name)
    faults.raise_any("name of the receipt")
    if len(content) > RECEIPT_BYTES_MAX:
        detail = f"The file has {len(content)} bytes; at most {RECEIPT_BYTES_MAX} are taken. Send a smaller picture or PDF of it."
        raise DomainError(ErrorKind.TOO_LARGE, "receipt.too_large", detail)
    found = media_type_of(content)
    if found is None:
        detail = "The file is no whole PDF, PNG or JPEG, whatever it is called; send one of these."
        raise DomainError(ErrorKind.INVALID, "receipt.type_not_supported", detail, facts={"allowed": [one.value for one in MediaType]})
    digest = hashlib.sha256(content).hexdigest()
    return Receipt(id=receipt_id, name=kept, media_type=found, size_bytes=len(content), sha256=digest)


def media_type_of(content: bytes) -> MediaType | None:
    """What the content begins and ends as."""
    tail = content[-_TAIL:]
    if content.startswith(_PDF) and _PDF_END in tail:
        return MediaType.PDF
    if content.startswith(_PNG + _PNG_HEADER) and _PNG_END in tail:
        return MediaType.PNG
    if content.startswith(_JPEG) and _JPEG_END in tail:
        return MediaType.JPEG
    return None
