"""A chat model that follows rules instead of having weights."""

from baselines.llm.reader.model import Reader

__all__ = ["Reader"]
