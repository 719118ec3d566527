"""Memory systems: policies around a language model that decide what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from baselines.base import Policy

MEMORY_SYSTEMS: Mapping[str, Callable[..., Policy]] = MappingProxyType({})
"""Name -> factory, called with the `ChatModel`, ``seed=`` and options. A new memory system is one line here."""
