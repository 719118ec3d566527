"""Embeddings on the wire."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agemem_env.services.openai.values import mapping_of
from agemem_env.services.openai.wire import TokenCounts, read_counts, read_json


def embedding_body(texts: Sequence[str], model: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON body of a request.

    >>> embedding_body(["a"], "m", {"dimensions": 8})
    {'model': 'm', 'input': ['a'], 'encoding_format': 'float', 'dimensions': 8}
    """
    return {"model": model, "input": list(texts), "encoding_format": "float", **extra}


def read_vectors(content: bytes, count: int) -> tuple[NDArray[np.float32], TokenCounts | None]:
    """Return the embeddings in a response, shape ``(count, dim)``, and the tokens if the server counted them.

    Args:
        content: The body of the response.
        count: Number of texts that were sent.

    Raises:
        ValueError: If it does not hold one finite embedding per text.
        FailedReplyError: If it says that the service failed.
    """
    payload = mapping_of(read_json(content), "it")
    data = payload.get("data")
    if not isinstance(data, list):
        raise ValueError(f"it has no embeddings: {content[:200].decode('utf-8', 'replace')}")
    items = [mapping_of(item, "an embedding") for item in data]
    if len(items) != count:
        raise ValueError(f"sent {count} texts but got {len(items)} embeddings")
    places = [item.get("index", i) for i, item in enumerate(items)]
    if sorted(places, key=str) != sorted(range(count), key=str):
        raise ValueError("its embeddings are not numbered from 0 on")
    rows = [row for _, row in sorted(zip(places, map(_row, items), strict=True), key=lambda pair: pair[0])]
    if len({row.shape for row in rows}) > 1 or not np.isfinite(rows).all():
        raise ValueError("its embeddings are not finite numbers of one length")
    usage = payload.get("usage")
    counts = read_counts({**usage, "completion_tokens": 0}) if isinstance(usage, Mapping) else None
    return np.array(rows, np.float32), counts


def _row(item: Mapping[str, Any]) -> NDArray[np.float32]:
    given = item.get("embedding")
    if isinstance(given, str):  # base64 of little-endian floats, from servers that know no other form
        return np.frombuffer(base64.b64decode(given, validate=True), "<f4")
    if not isinstance(given, list) or not given or not all(type(v) in (int, float) for v in given):
        raise ValueError(f"an embedding is no list of numbers: {given!r:.100}")
    try:
        with np.errstate(over="ignore"):
            return np.array(given, np.float32)
    except OverflowError:
        raise ValueError("an embedding holds a number that is too large") from None
