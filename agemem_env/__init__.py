"""Gymnasium environments for language agents with long-term memory; importing it registers their ids.

>>> import gymnasium, agemem_env
>>> env = gymnasium.make("AgeMem-HotpotQA-v0", source="generated")
>>> observation, info = env.reset(seed=7)

``gymnasium.make("agemem_env:AgeMem-HotpotQA-v0")`` does the import itself.

The names in `__all__` are public: the environment, and what somebody needs who writes a benchmark, a tool, a reward
profile or a memory system. They are imported when they are used. Everything else may change.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from agemem_env._version import __version__
from agemem_env.registration import env_id, register_all

if TYPE_CHECKING:
    from agemem_env.config import EnvConfig
    from agemem_env.context.prompts import Advice
    from agemem_env.engines.base import TaskEngine, TaskSet
    from agemem_env.env import AgeMemEnv
    from agemem_env.episode.desk import MemoryDesk
    from agemem_env.episode.ledger import Effect
    from agemem_env.episode.view import EpisodeView
    from agemem_env.errors import (
        AgeMemError,
        ConfigurationError,
        DataError,
        DeskError,
        EngineCrash,
        MissingExtraError,
        ServiceError,
    )
    from agemem_env.memory.store import LongTermMemory, MemoryEntry
    from agemem_env.rewards.base import Profile
    from agemem_env.services.judges import Judge
    from agemem_env.tools import PAPER_TOOLS
    from agemem_env.tools.arguments import arg
    from agemem_env.tools.base import Tool, ToolResult, ToolState, refuse
    from agemem_env.types import EngineStep, Fact, Task, ToolCall, Usage, Utterance, Violation

__all__ = [
    "PAPER_TOOLS",
    "Advice",
    "AgeMemEnv",
    "AgeMemError",
    "ConfigurationError",
    "DataError",
    "DeskError",
    "Effect",
    "EngineCrash",
    "EngineStep",
    "EnvConfig",
    "EpisodeView",
    "Fact",
    "Judge",
    "LongTermMemory",
    "MemoryDesk",
    "MemoryEntry",
    "MissingExtraError",
    "Profile",
    "ServiceError",
    "Task",
    "TaskEngine",
    "TaskSet",
    "Tool",
    "ToolCall",
    "ToolResult",
    "ToolState",
    "Usage",
    "Utterance",
    "Violation",
    "__version__",
    "arg",
    "env_id",
    "refuse",
]

_NAMES_BY_MODULE = {
    "config": ("EnvConfig",),
    "context.prompts": ("Advice",),
    "engines.base": ("TaskEngine", "TaskSet"),
    "env": ("AgeMemEnv",),
    "episode.desk": ("MemoryDesk",),
    "episode.ledger": ("Effect",),
    "episode.view": ("EpisodeView",),
    "errors": (
        "AgeMemError",
        "ConfigurationError",
        "DataError",
        "DeskError",
        "EngineCrash",
        "MissingExtraError",
        "ServiceError",
    ),
    "memory.store": ("LongTermMemory", "MemoryEntry"),
    "rewards.base": ("Profile",),
    "services.judges": ("Judge",),
    "tools": ("PAPER_TOOLS",),
    "tools.arguments": ("arg",),
    "tools.base": ("Tool", "ToolResult", "ToolState", "refuse"),
    "types": ("EngineStep", "Fact", "Task", "ToolCall", "Usage", "Utterance", "Violation"),
}
_HOMES = MappingProxyType({name: module for module, names in _NAMES_BY_MODULE.items() for name in names})


def __getattr__(name: str) -> Any:
    """Import a public name when it is used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, and what is imported already."""
    return sorted({*__all__, *globals()})


register_all()
