"""Versions over HTTP: ``ETag`` out, ``If-Match`` in."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from api.refusal import RefusalError

_TAG = re.compile(r'"(\d{1,18})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def expected_version(if_match: Annotated[str | None, Header(description='The ETag last read, such as `"3"`.')] = None) -> int:
    """The version that the caller saw last. Raises RefusalError 428 without one, 422 when it is no ETag of this API."""
    if if_match is None:
        raise RefusalError(
            428, "version.required", "Say which version you saw: send its ETag in If-Match, so that nobody's change is overwritten."
        )
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise RefusalError(422, "version.invalid", 'If-Match must be the ETag of one version as it was sent, such as "3".')
    return int(found[1])


ExpectedVersion = Annotated[int, Depends(expected_version)]
