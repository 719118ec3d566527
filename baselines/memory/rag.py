"""Retrieval-augmented generation: store every message as it is, show the most similar ones before each turn."""

from __future__ import annotations

from agemem_env.episode.desk import MemoryDesk
from baselines.memory.base import MemoryPolicy


class RAG(MemoryPolicy):
    """Stores everything that is said and retrieves by cosine similarity. It asks no model."""

    system = "rag"

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Store the message word for word."""
        desk.add(message, {"source": self.system})
