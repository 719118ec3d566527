"""Memory systems around a language model's policy: one table, one interface, one store, one prompt budget.

A system states in `MemoryPolicy.env_kwargs` how its environment must be made. See ``docs/baselines/``. Read the files
in this order:

- `base`: `MemoryPolicy`, what a memory system is; `rag`: the shortest one;
- `no_memory`, `full_context` and `agemem` ask no model of their own;
- `mem0`, `mem0g`, `a_mem` and `langmem` do; `backends`: those that exist twice, as ours and as a driver of a library;
- `questions`: how a system asks its model; `reading`: how replies are read, whatever form the model chose; `notes` and
  `relations`: what A-Mem and Mem0g keep and how it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isabstract
from types import MappingProxyType
from typing import Any

from agemem_env.data.loading import load, names_object
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.services.chat import ChatModel
from baselines.base import Policy
from baselines.memory.a_mem import AMem
from baselines.memory.agemem import AgeMem, AgeMemNoRL, AgeMemNoRLRAG
from baselines.memory.base import MemoryPolicy
from baselines.memory.full_context import FullContext
from baselines.memory.langmem.system import LangMem
from baselines.memory.mem0.system import Mem0
from baselines.memory.mem0g import Mem0g
from baselines.memory.no_memory import NoMemory
from baselines.memory.rag import RAG
from baselines.outside import Player, as_policy

__all__ = ["MEMORY_SYSTEMS", "MemoryPolicy", "memory_system", "with_memory"]

_SYSTEMS: tuple[type[MemoryPolicy], ...] = (
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

MEMORY_SYSTEMS: Mapping[str, type[MemoryPolicy]] = MappingProxyType({cls.system: cls for cls in _SYSTEMS})
"""Name -> class of every memory system that has a name. A new one is a file and one line of `_SYSTEMS`."""


def memory_system(name: str) -> type[MemoryPolicy]:
    """Return the class of a memory system.

    Args:
        name: A name in `MEMORY_SYSTEMS`, or ``"module:Class"`` of a sub-class of `MemoryPolicy`.

    Raises:
        ConfigurationError: If the name is unknown, or the class is no `MemoryPolicy`.
    """
    if name in MEMORY_SYSTEMS:
        return MEMORY_SYSTEMS[name]
    if not names_object(name):
        raise unknown_name("memory system", name, (*MEMORY_SYSTEMS, "module:Class"))
    cls = load("memory system", name)
    if not (isinstance(cls, type) and issubclass(cls, MemoryPolicy)) or isabstract(cls):
        raise ConfigurationError(f"memory system {name!r} is not allowed: it is no complete sub-class of MemoryPolicy")
    return cls


def with_memory(name: str, inner: Policy | Player, model: ChatModel | None = None, **options: Any) -> MemoryPolicy:
    """Return a policy with a memory system around it.

    Args:
        name: A name in `MEMORY_SYSTEMS`, or ``"module:Class"`` of a sub-class of `MemoryPolicy`.
        inner: Plays the turns: a `Policy`, or any object with `reset` and `act`.
        model: The model that the system itself asks.
        options: Options of the system, such as ``backend``.

    Raises:
        ConfigurationError: If the name or an option is unknown, or the model is missing.
    """
    cls = memory_system(name)
    for option in options:
        if option not in cls.options:
            raise unknown_name(f"option of {name}", option, cls.options)
    if cls.needs_model and model is None:
        raise ConfigurationError(f"the memory system {name!r} asks a model: pass llm=, for example 'openai:<model>'")
    return cls(as_policy(inner), model, **options)
