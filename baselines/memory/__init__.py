"""Memory systems around a language model's policy: one table, one interface, one store, one prompt budget.

A policy with a system states in `env_kwargs` how its environment must be made. See ``docs/baselines/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from agemem_env.errors import ConfigurationError, unknown_name
from baselines.base import Policy
from baselines.llm.types import ChatModel
from baselines.memory.a_mem import AMem
from baselines.memory.agemem import AgeMem, AgeMemNoRL, AgeMemNoRLRAG
from baselines.memory.base import MemoryPolicy
from baselines.memory.full_context import FullContext
from baselines.memory.langmem import LangMem
from baselines.memory.mem0 import Mem0
from baselines.memory.mem0g import Mem0g
from baselines.memory.no_memory import NoMemory
from baselines.memory.rag import RAG

__all__ = ["MEMORY_CLASSES", "MEMORY_SYSTEMS", "MemoryPolicy", "with_memory"]

_CLASSES: tuple[type[MemoryPolicy], ...] = (
    NoMemory,
    FullContext,
    RAG,
    LangMem,
    AMem,
    Mem0,
    Mem0g,
    AgeMemNoRL,
    AgeMemNoRLRAG,
    AgeMem,
)

MEMORY_CLASSES: Mapping[str, type[MemoryPolicy]] = MappingProxyType({cls.system: cls for cls in _CLASSES})
"""Name -> class of every memory system. A new one is a file and one line above."""


def with_memory(name: str, inner: Policy, model: ChatModel | None = None, **options: Any) -> MemoryPolicy:
    """Return a policy with a memory system around it.

    Args:
        name: A name in `MEMORY_CLASSES`.
        inner: Plays the turns.
        model: The model that the system itself asks.
        options: Options of the system, such as ``backend``.

    Raises:
        ConfigurationError: If the name or an option is unknown, or the model is missing.
    """
    if name not in MEMORY_CLASSES:
        raise unknown_name("memory system", name, MEMORY_CLASSES)
    cls = MEMORY_CLASSES[name]
    for option in options:
        if option not in cls.options:
            raise unknown_name(f"option of {name}", option, cls.options)
    if cls.needs_model and model is None:
        raise ConfigurationError(f"the memory system {name!r} asks a model: pass llm=, for example 'openai:<model>'")
    return cls(inner, model, **options)


def _around_llm(name: str, model: ChatModel, *, seed: int = 0, **options: Any) -> Policy:
    """Return a system around a language model, which both plays and is asked by the system.

    Args:
        name: A name in `MEMORY_CLASSES`.
        model: The model.
        seed: Of no use here: systems draw nothing themselves.
        options: Options of the system and of `LLMPolicy`.

    Raises:
        ConfigurationError: If an option is unknown.
    """
    from baselines.llm.policy import POLICY_OPTIONS, LLMPolicy

    allowed = (*MEMORY_CLASSES[name].options, *POLICY_OPTIONS)
    for option in options:
        if option not in allowed:
            raise unknown_name(f"option of {name}", option, allowed)
    inner = LLMPolicy(model, **{key: value for key, value in options.items() if key in POLICY_OPTIONS})
    own = {key: value for key, value in options.items() if key not in POLICY_OPTIONS}
    # Through the meter, so that the calls of the system count in the episode's usage and time limit.
    return with_memory(name, inner, inner.meter, **own)


MEMORY_SYSTEMS: Mapping[str, Callable[..., Policy]] = MappingProxyType(
    {name: partial(_around_llm, name) for name in MEMORY_CLASSES}
)
"""Name -> factory, called with the `ChatModel`, ``seed=`` and options, for `baselines.make`."""
