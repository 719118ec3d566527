"""A chat model that follows rules instead of having weights."""

from baselines.reader.model import Reader

__all__ = ["Reader"]
