"""Vectors by integer key, searched by inner product, on FAISS.

FAISS is imported here and only when the first index is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """`IndexIDMap2` over `IndexFlatIP`: exact search, keys of our own, vectors that can be read back.

    Args:
        dim: Length of the vectors. Rows are expected L2-normalised, so that scores are cosines.
        index: An existing FAISS index to own.
    """

    def __init__(self, dim: int, index: Any = None) -> None:
        faiss = _faiss()
        # A second thread makes single queries slower at every size measured, up to ten thousand entries.
        faiss.omp_set_num_threads(1)
        self._dim = dim
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim)) if index is None else index

    def add(self, keys: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add vectors of shape ``(len(keys), dim)``. The caller guarantees that no key is in use."""
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        self._index.add_with_ids(rows, np.array(keys, dtype=np.int64))

    def remove(self, key: int) -> None:
        """Remove one vector."""
        self._index.remove_ids(_faiss().IDSelectorBatch(np.array([key], dtype=np.int64)))

    def vectors(self, keys: Sequence[int]) -> NDArray[np.float32]:
        """Return the stored vectors, shape ``(len(keys), dim)``."""
        if not keys:
            return np.zeros((0, self._dim), dtype=np.float32)
        return np.stack([self._index.reconstruct(key) for key in keys])

    def search(self, query: NDArray[np.float32], k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of key and score, best first.

        Args:
            query: Shape ``(1, dim)``.
            k: Number of results wanted.
            among: If given, only these keys are considered.
        """
        if among is None:
            scores, keys = self._index.search(query, k)
        else:
            # Asking by row instead of by key: several times faster, as FAISS looks up no key.
            faiss = _faiss()
            stored = faiss.vector_to_array(self._index.id_map)
            rows = np.packbits(np.isin(stored, np.array(among, dtype=np.int64)), bitorder="little")
            params = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(rows))
            scores, places = self._index.index.search(query, k, params=params)
            keys = np.where(places < 0, -1, stored[places])
        return [(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0]

    def copy(self) -> VectorIndex:
        """Return an independent copy."""
        return VectorIndex(self._dim, _faiss().clone_index(self._index))


def _faiss() -> Any:
    """Import FAISS; an index must not hold the module, which cannot be copied or pickled."""
    import faiss

    return faiss
