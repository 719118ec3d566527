"""The long-term memory ``M_t``: entries found again by cosine similarity.

Entries are embedded in one batch when a search needs them, so a store that is never searched calls no encoder and
imports no FAISS.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agemem_env.context.messages import ShownMemory
from agemem_env.errors import DataError, ServiceError
from agemem_env.memory.vector_index import VectorIndex
from agemem_env.services.encoders import Encoder

FORMAT = "agemem-memory/1"


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """One entry of long-term memory (Eq. 11).

    Attributes:
        id: ``mem_`` and 8 hex digits.
        content: The stored text.
        metadata: JSON object; `timestamp` (round of the last change), `source` and whatever the agent gave.
        created: Round in which it was added.
        modified: Round in which it was last updated, or None.
    """

    id: str
    content: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    created: int = 0
    modified: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as a JSON object."""
        return {
            "id": self.id,
            "content": self.content,
            "metadata": dict(self.metadata),
            "created": self.created,
            "modified": self.modified,
        }

    def fingerprint(self) -> int:
        """Return 64 bits that identify the entry's id, content and metadata."""
        text = _sorted_json(self.to_json())
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


_sorted_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


_MANY = 1_000
"""Entries from which on a filtered search tries the best of all first, before it looks at each entry's metadata."""

_LARGE = 100
"""Results from which on FAISS collects them in another way, with other ones among equals."""

_AHEAD = 8
"""How many times as many it asks for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result: an entry and its cosine similarity to the query, in [-1, 1]."""

    entry: MemoryEntry
    score: float


def shown(hits: Sequence[Hit]) -> tuple[ShownMemory, ...]:
    """Return what a message that lists these hits shows."""
    return tuple(ShownMemory(hit.entry.id, hit.entry.content, hit.score) for hit in hits)


def list_hits(hits: Sequence[Hit]) -> str:
    """Return search results as text, one line each, best first."""
    return "\n".join(f"- {hit.entry.id} ({hit.score:.2f}): {hit.entry.content}" for hit in hits)


class LongTermMemory:
    """A store of `MemoryEntry` with add, update, delete and similarity search.

    Args:
        encoder: Embeds contents and queries; two stores with different encoders cannot share a file.

    Example:
        >>> from agemem_env.services.encoders import HashingEncoder
        >>> memory = LongTermMemory(HashingEncoder())
        >>> entry = memory.add("mug 2 is in cabinet 3", {}, 1, np.random.default_rng(0))
        >>> memory.search("where is the mug?", k=1)[0].entry.content
        'mug 2 is in cabinet 3'
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._entries: dict[str, MemoryEntry] = {}
        self._pending: dict[str, None] = {}
        self._index: VectorIndex | None = None
        self._lent = False
        """Whether a copy may hold the same index, which must not be changed then."""
        self._state = 0

    @property
    def encoder_name(self) -> str:
        """Name of the encoder of contents and queries."""
        return self._encoder.name

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[MemoryEntry]:
        return iter(tuple(self._entries.values()))

    def __contains__(self, memory_id: object) -> bool:
        return memory_id in self._entries

    def get(self, memory_id: str) -> MemoryEntry | None:
        """Return the entry with this id, or None."""
        return self._entries.get(memory_id)

    def state(self) -> int:
        """Return 64 bits that are equal for stores with equal entries, whatever their order."""
        return self._state

    def add(self, content: str, metadata: Mapping[str, Any], step: int, rng: np.random.Generator) -> MemoryEntry:
        """Store a new entry under a fresh id drawn from ``rng`` (Eq. 10)."""
        memory_id = _draw_id(rng)
        while memory_id in self._entries:
            memory_id = _draw_id(rng)
        entry = MemoryEntry(memory_id, content, metadata, created=step)
        self._put(entry)
        return entry

    def update(self, memory_id: str, content: str, metadata: Mapping[str, Any] | None, step: int) -> MemoryEntry:
        """Replace content, embedding and (if given) metadata of an entry (Eq. 12).

        Raises:
            KeyError: If there is no such entry.
        """
        old = self._entries[memory_id]
        merged = old.metadata if metadata is None else metadata
        entry = replace(old, content=content, metadata={**merged, "timestamp": step}, modified=step)
        self._forget(old)
        self._put(entry)
        return entry

    def delete(self, memory_id: str) -> MemoryEntry:
        """Remove an entry and return it (Eq. 13).

        Raises:
            KeyError: If there is no such entry.
        """
        entry = self._entries[memory_id]
        self._forget(entry)
        del self._entries[memory_id]
        return entry

    def search(self, query: str, k: int, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """Return the ``k`` entries most similar to the query, best first (Eq. 8, 9).

        Args:
            query: Text to compare with.
            k: Number of entries wanted; fewer are returned if fewer match.
            where: Metadata that an entry must have: equal values, nested objects key by key.
        """
        if k < 1 or not self._entries:
            return []
        vector, among = None, None
        if where:
            if len(self._entries) >= _MANY and k < _LARGE:
                vector = self._encoder.encode([query])
                among = self._best_matching(vector, k, where)
            if among is None:
                among = [_key(entry.id) for entry in _matching(self._entries.values(), where)]
        k = min(k, len(self._entries) if among is None else len(among))
        if k < 1:
            return []
        found = self._embedded().search(self._encoder.encode([query]) if vector is None else vector, k, among)
        return [Hit(self._entries[_id(key)], score) for key, score in found]

    def _best_matching(self, vector: NDArray[np.float32], k: int, where: Mapping[str, Any]) -> list[int] | None:
        """Return keys of entries that match, among them the ``k`` best and all as good as these; None if not known."""
        found = self._embedded().search(vector, min(len(self._entries), _AHEAD * k))
        scores = {_id(key): score for key, score in found}
        best = [entry.id for entry in _matching([self._entries[i] for i in scores], where)]
        if len(best) < k or scores[best[k - 1]] <= found[-1][1]:
            return None
        return [_key(memory_id) for memory_id in best]

    def copy(self) -> LongTermMemory:
        """Return an independent copy with the same encoder; the vectors are shared until one of the two changes."""
        twin = LongTermMemory(self._encoder)
        twin._entries, twin._pending = dict(self._entries), dict(self._pending)
        twin._state = self._state
        twin._index = self._index
        self._lent = twin._lent = self._index is not None
        return twin

    @classmethod
    def of(cls, entries: Iterable[MemoryEntry], encoder: Encoder) -> LongTermMemory:
        """Return a store with these entries.

        Raises:
            ValueError: If two ids are equal.
        """
        memory = cls(encoder)
        for entry in entries:
            if entry.id in memory:
                raise ValueError(f"two entries have the id {entry.id!r}")
            memory._put(entry)
        return memory

    def save(self, path: str | Path) -> None:
        """Write the store to one ``.npz`` file: entries as JSON, vectors as float32; no pickle."""
        vectors = np.zeros((0, self._encoder.dim), dtype=np.float32)
        if self._entries:
            vectors = self._embedded().vectors([_key(i) for i in self._entries])
        head = {"format": FORMAT, "encoder": self._encoder.name, "entries": [e.to_json() for e in self]}
        text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8)
        with Path(path).open("wb") as file:
            np.savez_compressed(file, entries=text, vectors=vectors)

    @classmethod
    def load(cls, path: str | Path, encoder: Encoder) -> LongTermMemory:
        """Read a store that `save` wrote.

        Raises:
            DataError: If the file is not such a store, or was embedded by another encoder.
        """
        try:
            # NumPy leaves a damaged file open if it has opened it itself.
            with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                head = json.loads(file["entries"].tobytes())
                vectors = file["vectors"]
            kind, name, items = head["format"], head["encoder"], list(head["entries"])
        except Exception as error:  # NumPy lets errors of the zip, zlib and header layers through
            raise DataError(f"{str(path)!r} is not a memory file written by LongTermMemory.save: {error}") from error
        if kind != FORMAT or name != encoder.name:
            raise DataError(
                f"{str(path)!r} holds format {kind!r} with encoder {name!r}; "
                f"expected {FORMAT!r} with encoder {encoder.name!r}: pass encoder={name!r}"
            )
        memory = cls(encoder)
        try:
            memory._fill([_entry(item) for item in items], vectors)
        except (TypeError, ValueError) as error:
            raise DataError(f"{str(path)!r} is damaged: {error}; save the memory again") from error
        return memory

    def _fill(self, entries: Sequence[MemoryEntry], vectors: NDArray[Any]) -> None:
        """Put entries with known vectors into an empty store.

        Raises:
            ValueError: If two ids are equal or the vectors do not fit.
        """
        if vectors.shape != (len(entries), self._encoder.dim) or not np.isfinite(vectors).all():
            raise ValueError(f"vectors of shape {vectors.shape} do not fit {len(entries)} entries")
        for entry in entries:
            if entry.id in self._entries:
                raise ValueError(f"two entries have the id {entry.id!r}")
            self._put(entry)
        self._pending.clear()
        if entries:
            self._index = VectorIndex(self._encoder.dim)
            self._index.add([_key(entry.id) for entry in entries], vectors)

    def _put(self, entry: MemoryEntry) -> None:
        self._entries[entry.id] = entry
        self._pending[entry.id] = None
        self._state ^= entry.fingerprint()

    def _forget(self, entry: MemoryEntry) -> None:
        self._state ^= entry.fingerprint()
        if entry.id in self._pending:
            del self._pending[entry.id]
        elif self._index is not None:
            self._own(self._index).remove(_key(entry.id))

    def _embedded(self) -> VectorIndex:
        """Return the index with every entry in it."""
        if self._index is None:
            self._index = VectorIndex(self._encoder.dim)
        if self._pending:
            ids = list(self._pending)
            vectors = self._encoder.encode([self._entries[i].content for i in ids])
            if vectors.shape != (len(ids), self._encoder.dim):
                raise ServiceError(
                    f"encoder {self._encoder.name!r} returned shape {vectors.shape}, "
                    f"expected {(len(ids), self._encoder.dim)}"
                )
            self._own(self._index).add([_key(i) for i in ids], vectors)
            self._pending.clear()
        return self._index

    def _own(self, index: VectorIndex) -> VectorIndex:
        """Return the index, as one that may be changed."""
        if self._lent:
            self._index, self._lent = index.copy(), False
        return index if self._index is None else self._index


def _draw_id(rng: np.random.Generator) -> str:
    return f"mem_{int(rng.integers(1 << 32)):08x}"


def _key(memory_id: str) -> int:
    return int(memory_id.removeprefix("mem_"), 16)


def _id(key: int) -> str:
    return f"mem_{key:08x}"


def _entry(item: Mapping[str, Any]) -> MemoryEntry:
    """Return the entry that `MemoryEntry.to_json` wrote.

    Raises:
        TypeError: If it has other fields.
        ValueError: If a field has a wrong value.
    """
    entry = MemoryEntry(**item)
    if not isinstance(entry.id, str) or not re.fullmatch("mem_[0-9a-f]{8}", entry.id):
        raise ValueError(f"{entry.id!r} is not a memory id")
    right = isinstance(entry.content, str) and isinstance(entry.metadata, dict) and isinstance(entry.created, int)
    if not right or not isinstance(entry.modified, (int, type(None))):
        raise ValueError(f"entry {entry.id!r} has a field of a wrong type")
    return entry


def _matching(entries: Iterable[MemoryEntry], where: Mapping[str, Any]) -> Iterable[MemoryEntry]:
    """Return the entries whose metadata has these values, as `_matches` does for each; fast for plain values."""
    for key, wanted in where.items():
        if isinstance(wanted, (Mapping, list, tuple)):
            entries = [e for e in entries if key in e.metadata and _matches(e.metadata[key], wanted)]
        else:
            truth = isinstance(wanted, bool)
            found = ((e, e.metadata.get(key, _ABSENT)) for e in entries)
            entries = [e for e, value in found if value == wanted and isinstance(value, bool) == truth]
    return entries


_ABSENT = object()
"""Stands for metadata that an entry does not have; equals nothing."""


def _matches(value: Any, wanted: Any) -> bool:
    """Return whether two JSON values are equal, objects key by key; unlike in Python, true is not 1."""
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(k in value and _matches(value[k], w) for k, w in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(value, (list, tuple)):
        return len(value) == len(wanted) and all(map(_matches, value, wanted))
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)
