"""The arguments of `AgeMemEnv`, checked once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Protocol, get_args

from agemem_env.context.messages import History, ToolFormat
from agemem_env.engines.base import TaskSet
from agemem_env.episode.stages import check_stages
from agemem_env.episode.state import Snapshot
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.memory.store import LongTermMemory
from agemem_env.rewards import COMPONENTS, Profile, make_profile
from agemem_env.services.encoders import Encoder
from agemem_env.services.judges import Judge
from agemem_env.services.summarizers import Summarizer
from agemem_env.services.tokens import TokenCounter
from agemem_env.text.numbers import from_numpy
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
        offer_answer: Whether the ``answer`` tool is offered. Where commands solve the task it is never needed, and a
            learner may give up by it; without commands it is the only way to end a task.
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
        streams: Play tasks of streams (`agemem_env.episode.streams`): what one tells, later ones need. Otherwise each
            task tells what it needs.
        tool_format: ``"native"`` or ``"tags"``: how calls and results appear in the messages.
        history: ``"verbatim"`` repeats the agent's messages as they were sent, as far as a chat API takes them back;
            ``"canonical"`` writes them in the environment's own way.
        keep_think: Keep think text in the context.
    """

    split: str = "test"
    source: str = "auto"
    protocol: str = "agemem"
    stages: Sequence[Stage] = (1, 2, 3)
    tools: Sequence[str | type[Tool]] = PAPER_TOOLS
    offer_answer: bool = True
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
    streams: bool = False
    tool_format: ToolFormat = "native"
    history: History = "verbatim"
    keep_think: bool = False

    def __post_init__(self) -> None:
        for given in fields(self):
            object.__setattr__(self, given.name, from_numpy(getattr(self, given.name)))
        _choice("split", self.split, SPLITS)
        _choice("source", self.source, SOURCES)
        make_profile(self.reward)
        _choice("tool_format", self.tool_format, get_args(ToolFormat))
        _choice("history", self.history, get_args(History))
        if not isinstance(self.memory, LongTermMemory):
            _choice("memory", self.memory, get_args(MemoryMode))
        for name in ("max_tokens", "facts_per_turn", "top_k"):
            _positive(name, getattr(self, name))
        if self.max_rounds is not None:
            _positive("max_rounds", self.max_rounds)
        for name in ("offer_answer", "dense", "show_turns_left", "answer_ends_stage", "keep_think"):
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
    return config, {k: from_numpy(v) for k, v in options.items() if k not in CONFIG_FIELDS}


def describe(
    benchmark: str, config: EnvConfig, engine_options: Mapping[str, Any], services: Sequence[Named]
) -> dict[str, str]:
    """Return the arguments of an environment as texts that are equal for equal arguments, in any process.

    Args:
        benchmark: Name of the benchmark.
        config: The arguments that every benchmark understands.
        engine_options: The others.
        services: Encoder, token counter, summariser and judge.
    """
    values: dict[str, Any] = {"benchmark": benchmark, **{n: getattr(config, n) for n in CONFIG_FIELDS}}
    names = ("encoder", "token_counter", "summarizer", "judge")
    values |= {name: service.name for name, service in zip(names, services, strict=True)}
    values["tools"] = [tool if isinstance(tool, str) else tool.name for tool in config.tools]
    values["reward"] = make_profile(config.reward).name
    values["memory"] = config.memory if isinstance(config.memory, str) else "a store"
    return {name: repr(value) for name, value in {**values, **engine_options}.items() if name != "source"}


def check_snapshot(snapshot: object, setting: Mapping[str, str], tasks: TaskSet) -> None:
    """Check that a snapshot was taken from an environment with these arguments and tasks.

    Raises:
        ConfigurationError: If it was not.
    """
    if not isinstance(snapshot, Snapshot):
        raise ConfigurationError(f"{snapshot!r:.80} is no snapshot: use what snapshot() of this environment returned")
    for name in {**snapshot.setting, **setting}:
        there, here = snapshot.setting.get(name, "nothing"), setting.get(name, "nothing")
        if there != here:
            raise ConfigurationError(
                f"this snapshot is of another environment: {name}={there} there, {name}={here} here"
            )
    if not tasks.has(snapshot.episode.task.id):
        raise ConfigurationError(
            f"this snapshot is of other tasks: there is no task {snapshot.episode.task.id!r} in this environment"
        )


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str: ...  # noqa: D102 - described by the class


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
    if not any(pairs.values()):
        raise ConfigurationError(f"weights={given!r} is not allowed: every reward would be 0; use one above 0")
    return {name: float(pairs[name]) for name in COMPONENTS}
