"""AgeMem (arXiv 2601.01885): the agent manages its memory itself, with the environment's tools."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from agemem_env.episode.desk import MemoryDesk
from agemem_env.services.chat import ChatModel
from baselines.base import Policy
from baselines.memory.base import MemoryPolicy, Unaided

ALL_TOOLS: Mapping[str, Any] = MappingProxyType({})
LONG_TERM_TOOLS: Mapping[str, Any] = MappingProxyType({"tools": ("Add_memory", "Update_memory", "Delete_memory")})


class AgeMem(Unaided):
    """All six tools and a trained policy: give the weights as ``llm="transformers:<path>"`` or serve them.

    Nothing but the weights differs from `AgeMemNoRL`.
    """

    system = "agemem"
    env_kwargs = ALL_TOOLS


class AgeMemNoRL(Unaided):
    """All six tools and AgeMem's prompt, without fine-tuning."""

    system = "agemem-norl"
    env_kwargs = ALL_TOOLS


class AgeMemNoRLRAG(MemoryPolicy):
    """The tools on long-term memory stay; those on the context give way to a retrieval before each turn."""

    system = "agemem-norl-rag"
    env_kwargs = LONG_TERM_TOOLS

    def __init__(self, inner: Policy, model: ChatModel | None = None) -> None:
        super().__init__(inner, model)

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Store nothing: that is up to the agent."""
