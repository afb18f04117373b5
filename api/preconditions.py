"""Versions over HTTP: ``ETag`` out, ``If-Match`` in."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from api.refusal import RefusalError

IF_MATCH = "If-Match"
_TAG = re.compile(r'"(\d{1,18})"')
_BEYOND = 2**31 - 2
"""A version that no row ever reaches; greater ones, which a database might not even compare, are stale just like it."""


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


IfMatch = Annotated[
    str,
    Header(alias=IF_MATCH, description='The ETag last read, such as `"3"`.', json_schema_extra={"pattern": r'^"[0-9]{1,18}"$'}),
]


def expected_version(if_match: IfMatch) -> int:
    """The version that the caller saw last. Raises RefusalError when it is no ETag of this API; without one see ``missing``."""
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise RefusalError(422, "version.invalid", 'If-Match must be the ETag of one version as it was sent, such as "3".')
    return min(int(found[1]), _BEYOND)


def missing() -> RefusalError:
    """A change without the version it changes."""
    return RefusalError(
        428, "version.required", "Say which version you saw: send its ETag in If-Match, so that nobody's change is overwritten."
    )


ExpectedVersion = Annotated[int, Depends(expected_version)]
