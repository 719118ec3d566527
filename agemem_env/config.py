"""The arguments of `AgeMemEnv`, checked once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from agemem_env.context.messages import ToolFormat
from agemem_env.episode.stages import check_stages
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.memory.store import LongTermMemory
from agemem_env.rewards import COMPONENTS, Profile, make_profile
from agemem_env.services.encoders import Encoder
from agemem_env.services.judges import Judge
from agemem_env.services.summarizers import Summarizer
from agemem_env.services.tokens import TokenCounter
from agemem_env.tools import PAPER_TOOLS, Tool, memory_tools
from agemem_env.types import SOURCES, SPLITS, Stage


@dataclass(frozen=True)
class EnvConfig:
    """Arguments of `AgeMemEnv` that every benchmark understands.

    Attributes:
        split: ``"train"``, ``"valid"`` or ``"test"``; `AgeMemEnv` takes the benchmark's official names too.
        source: ``"official"``, ``"generated"`` or ``"auto"`` (official if present).
        protocol: ``"agemem"``, or ``"agentboard"`` where the benchmark has it.
        stages: ``(1, 2, 3)`` or a selection that ends with 3; ``(3,)`` is the plain benchmark.
        tools: Memory tools offered, in order: names in `agemem_env.tools.MEMORY_TOOLS`, ``"module:Class"``, or
            sub-classes of `Tool`, mixed.
        reward: ``"paper"``, ``"strict"``, ``"module:NAME"`` of a `Profile` elsewhere, or a `Profile`.
        weights: Weights of task, context and memory (Eq. 7) by name; three numbers in this order are taken too.
        dense: Pay the change of the running score at each step instead of everything at the end.
        max_tokens: Context budget ``T_max`` in tokens.
        max_rounds: Turn limit ``N_max`` of stage 3; None means the task's or the benchmark's. Stages 1 and 2
            have one turn per message.
        show_turns_left: Tell the turns left with each observation of stage 3; the limit is told with the query anyway,
            except under ``protocol="agentboard"``.
        facts_per_turn: Number of stage 1 messages told in one turn.
        answer_ends_stage: Let an answer in stage 1 or 2 end that stage (Algorithms 3 and 4 to the letter).
        top_k: Entries that a retrieval brings unless the call says otherwise.
        filter_threshold: Similarity in [-1, 1] from which Filter removes; None means the encoder's.
        encoder: ``"hashing"``, ``"sentence-transformers:<model>"``, ``"openai:<model>"`` or an `Encoder`; for a
            service with options, here and below, a mapping: ``{"name": "openai:<model>", "base_url": ...}``.
        token_counter: ``"estimate"``, ``"tiktoken:<name>"``, ``"transformers:<name>"`` or a `TokenCounter`.
        summarizer: ``"extractive"``, ``"openai:<model>"`` or a `Summarizer`.
        judge: ``"lexical"``, ``"openai:<model>"`` or a `Judge`.
        memory: ``"episode"`` (empty at each reset), ``"lifetime"`` (kept across resets), or a
            `LongTermMemory` of which each episode starts with a copy.
        tool_format: ``"native"`` or ``"tags"``: how calls and results appear in the messages.
        keep_think: Keep think text in the context.
    """

    split: str = "test"
    source: str = "auto"
    protocol: str = "agemem"
    stages: Sequence[Stage] = (1, 2, 3)
    tools: Sequence[str | type[Tool]] = PAPER_TOOLS
    reward: str | Profile = "paper"
    weights: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, 1 / 3))
    dense: bool = False
    max_tokens: int = 8192
    max_rounds: int | None = None
    show_turns_left: bool = False
    facts_per_turn: int = 1
    answer_ends_stage: bool = False
    top_k: int = 3
    filter_threshold: float | None = None
    encoder: str | Mapping[str, Any] | Encoder = "hashing"
    token_counter: str | TokenCounter = "estimate"
    summarizer: str | Mapping[str, Any] | Summarizer = "extractive"
    judge: str | Mapping[str, Any] | Judge = "lexical"
    memory: str | LongTermMemory = "episode"
    tool_format: ToolFormat = "native"
    keep_think: bool = False

    def __post_init__(self) -> None:
        _choice("split", self.split, SPLITS)
        _choice("source", self.source, SOURCES)
        make_profile(self.reward)
        _choice("tool_format", self.tool_format, get_args(ToolFormat))
        if not isinstance(self.memory, LongTermMemory):
            _choice("memory", self.memory, get_args(MemoryMode))
        for name in ("max_tokens", "facts_per_turn", "top_k"):
            _positive(name, getattr(self, name))
        if self.max_rounds is not None:
            _positive("max_rounds", self.max_rounds)
        for name in ("dense", "show_turns_left", "answer_ends_stage", "keep_think"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigurationError(f"{name}={getattr(self, name)!r} is not allowed; use True or False")
        if self.filter_threshold is not None and not _is_number(self.filter_threshold, -1, 1):
            raise ConfigurationError(f"filter_threshold={self.filter_threshold!r} is not allowed; use -1 to 1")
        if isinstance(self.tools, str) or not isinstance(self.tools, Sequence):
            raise ConfigurationError(f"tools={self.tools!r} is not allowed; use a list of tool names")
        memory_tools(self.tools)
        object.__setattr__(self, "stages", check_stages(self.stages))
        object.__setattr__(self, "tools", tuple(dict.fromkeys(self.tools)))
        object.__setattr__(self, "weights", _weights(self.weights))


MemoryMode = Literal["episode", "lifetime"]

CONFIG_FIELDS: tuple[str, ...] = tuple(f.name for f in fields(EnvConfig))


def split_options(options: Mapping[str, Any], engine_options: Sequence[str]) -> tuple[EnvConfig, dict[str, Any]]:
    """Divide keyword arguments between the environment and its engine.

    Args:
        options: Keyword arguments as given to the environment.
        engine_options: Names that the engine takes.

    Returns:
        The checked configuration and the engine's share.

    Raises:
        ConfigurationError: If a name belongs to neither, or a value is not allowed.
    """
    for name in options:
        if name not in CONFIG_FIELDS and name not in engine_options:
            raise unknown_name("argument", name, (*CONFIG_FIELDS, *engine_options))
    config = EnvConfig(**{k: v for k, v in options.items() if k in CONFIG_FIELDS})
    return config, {k: v for k, v in options.items() if k not in CONFIG_FIELDS}


def _choice(kind: str, value: object, allowed: Sequence[str] | Mapping[str, object]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise unknown_name(kind, value, allowed)


def _positive(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f"{name}={value!r} is not allowed; use an integer from 1 on")


def _is_number(value: object, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _weights(given: Sequence[float] | Mapping[str, float]) -> dict[str, float]:
    """Return the weights by component.

    >>> _weights((1, 0.5, 0))
    {'task': 1.0, 'context': 0.5, 'memory': 0.0}
    """
    pairs: Mapping[str, float] = {}
    if isinstance(given, Mapping):
        pairs = given
    elif isinstance(given, Sequence) and len(given) == len(COMPONENTS):
        pairs = dict(zip(COMPONENTS, given, strict=True))
    if set(pairs) != set(COMPONENTS) or not all(_is_number(v, 0, sys.float_info.max) for v in pairs.values()):
        raise ConfigurationError(
            f"weights={given!r} is not allowed; use three numbers from 0 on, for {', '.join(COMPONENTS)}"
        )
    return {name: float(pairs[name]) for name in COMPONENTS}
