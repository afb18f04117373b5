"""
A key for each person, under which the personal values in audit records and stored problems are encrypted (AES-256-GCM).

An envelope is the id of its key and the text; where it belongs is authenticated with it, so that no envelope can be moved. When the
key is gone, so is what is in the envelope. After that the person may get another key.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.ground.ids import new_id
from scheduler.store.among import among, chunks
from scheduler.store.tables.audit import PERSON_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Row

_NONCE_BYTES = 12
_KEY_BITS = 256

Envelope = list[str]
"""Id of the key, and the encrypted JSON value in base64."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One person's key."""

    id: str
    _cipher: AESGCM

    def seal(self, value: object, *, place: str) -> Envelope:
        """The value as JSON, readable again only with this key and at this place."""
        nonce = os.urandom(_NONCE_BYTES)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return [self.id, base64.b64encode(nonce + self._cipher.encrypt(nonce, text, place.encode())).decode("ascii")]

    def open(self, envelope: Envelope, *, place: str) -> Any:
        """What was sealed. Raises ValueError for one that was altered or moved."""
        sealed = base64.b64decode(envelope[1])
        try:
            return json.loads(self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()))
        except InvalidTag:
            raise ValueError(f"what is sealed at {place} was altered") from None


class PersonKeys:
    """The keys of the people in one transaction or view."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._of_person: dict[str, SealingKey] = {}
        self._by_id: dict[str, SealingKey | None] = {}

    def of(self, people: Iterable[str]) -> Mapping[str, SealingKey]:
        """
        Everybody's key, made where there is none yet.

        Rows are added in the order of the ids, and before any lock of the audit, so that two transactions never wait for each other.
        """
        missing = sorted(set(people) - self._of_person.keys())
        self._load(missing)
        fresh = [person for person in missing if person not in self._of_person]
        if fresh:
            self._create(fresh)
            self._load(fresh)
        return self._of_person

    def held(self, key_ids: Iterable[str]) -> Mapping[str, SealingKey | None]:
        """Keys by their ids; ``None`` for those that were destroyed."""
        missing = sorted(set(key_ids) - self._by_id.keys())
        for part in chunks(missing):
            self._by_id.update(dict.fromkeys(part))
            self._note(self._connection.execute(select(PERSON_KEYS).where(among(PERSON_KEYS.c.id, part))))
        return self._by_id

    def destroy(self, person_id: str) -> None:
        """Make all that was sealed for the person unreadable."""
        self._connection.execute(delete(PERSON_KEYS).where(PERSON_KEYS.c.person_id == person_id))
        self._of_person.pop(person_id, None)
        self._by_id.clear()

    def _load(self, people: list[str]) -> None:
        for part in chunks(people):
            self._note(self._connection.execute(select(PERSON_KEYS).where(among(PERSON_KEYS.c.person_id, part))))

    def _note(self, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            key = SealingKey(row.id, AESGCM(row.key))
            self._of_person[row.person_id] = self._by_id[row.id] = key

    def _create(self, people: list[str]) -> None:
        now = datetime.now(UTC)
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        rows = [{"id": new_id(), "person_id": one, "key": AESGCM.generate_key(_KEY_BITS), "created_at": now} for one in people]
        # Another transaction may be giving the same person a key: wait for it, then take that one.
        self._connection.execute(dialect.insert(PERSON_KEYS).on_conflict_do_nothing(index_elements=["person_id"]), rows)
