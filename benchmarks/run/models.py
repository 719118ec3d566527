"""Models in a run: what their replies depend on, which is in every row, and how they are reached, which is in none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import baselines
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.services.chat import ChatModel
from agemem_env.services.openai.client import OpenAIOptions
from baselines.base import Policy
from baselines.llm.models import is_model, make_model, model_forms
from baselines.llm.policy import LLMPolicy
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.run.options import parse_settings
from benchmarks.specs import PlayerSpec, RunSpec, canonical

SERVICE = "openai:"
"""Kind of model that is reached over a network."""

LOCAL = "transformers:"
"""Kind of model that takes long to load: it is kept for all episodes of a process."""


_REACHED = ("base_url", "key_variable", "prices", "cassette", "concurrency")


@dataclass(frozen=True)
class ModelOptions:
    """What the replies of a model depend on beside its name; None leaves it to the model.

    Attributes:
        tool_format: ``native`` or ``tags``.
        temperature: Sampling temperature.
        max_tokens: Longest reply, in tokens.
        others: Further options of the model by name, for example ``top_p``, ``seed``, ``stop`` or ``extra_body``.
    """

    tool_format: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, as JSON values.

        Raises:
            ConfigurationError: If an option says how the model is reached: that is in no row.

        >>> ModelOptions(temperature=0.0, others={"top_p": 0.9}).to_dict()
        {'temperature': 0.0, 'top_p': 0.9}
        """
        for name in self.others:
            if name in _REACHED:
                raise ConfigurationError(f"model option {name!r} is not allowed: it would be written to result files")
        named = {"tool_format": self.tool_format, "temperature": self.temperature, "max_tokens": self.max_tokens}
        return {**{name: value for name, value in named.items() if value is not None}, **self.others}


@dataclass(frozen=True)
class Access:
    """How models behind a service are reached.

    The key is in the environment variable and nowhere else.

    Attributes:
        base_url: Base URL; None means ``OPENAI_BASE_URL``, else OpenAI itself.
        timeout: Seconds that one request may take; None means the client's default.
        prices: File of prices.
        concurrency: Episodes in flight in one process, which need as many requests.
    """

    base_url: str | None = None
    timeout: float | None = None
    prices: str | None = None
    concurrency: int = 1

    def policy(self, spec: RunSpec) -> Policy:
        """Return the policy of an episode."""
        if not is_model(spec.policy):
            return baselines.make(spec.policy, seed=spec.seed)
        model = self.model(spec)
        own = {name: spec.model[name] for name in ("tool_format",) if name in spec.model}
        if spec.memory is None:
            return LLMPolicy(model, **own)
        system, options = parse_memory(spec.memory)
        return baselines.make(system, seed=spec.seed, llm=model, **own, **options)

    def model(self, spec: RunSpec) -> ChatModel:
        """Return the model that plays."""
        options = {k: v for k, v in spec.model.items() if k != "tool_format"}
        if spec.policy.startswith(LOCAL):
            return _loaded(spec.policy, canonical(options))
        if spec.policy.startswith(SERVICE):
            reached = {k: v for k, v in asdict(self).items() if v is not None}
            options |= {**reached, "concurrency": max(self.concurrency, OpenAIOptions.concurrency)}
        return make_model(spec.policy, **options)


@lru_cache(maxsize=1)
def _loaded(name: str, options: str) -> ChatModel:
    return make_model(name, **json.loads(options))


def parse_memory(text: str) -> tuple[str, dict[str, Any]]:
    """Return name and options of a memory system.

    >>> parse_memory("mem0:backend=library")
    ('mem0', {'backend': 'library'})

    Raises:
        ConfigurationError: If the name is unknown or the options have another form.
    """
    name, colon, options = text.partition(":")
    if name not in MEMORY_SYSTEMS:
        raise unknown_name("memory system", name, MEMORY_SYSTEMS)
    return name, parse_settings(options.split(",")) if colon else {}


def players(policies: Sequence[str], memories: Sequence[str], model: ModelOptions) -> list[PlayerSpec]:
    """Return who plays: each policy that is no model once, each model once with each memory system.

    Args:
        policies: Names in `baselines.POLICIES` and models.
        memories: Memory systems as `parse_memory` takes them; empty for models alone, with the environment's tools.
        model: Options of the models.

    Raises:
        ConfigurationError: If a name is unknown, or memory systems or options are given and there is no model.
    """
    for name in policies:
        if not baselines.is_policy(name):
            raise unknown_name("policy", name, [*baselines.POLICIES, *model_forms()])
        if name in MEMORY_SYSTEMS:
            raise ConfigurationError(f"{name!r} is a memory system: use --memory {name} --policy <model>")
    for name in memories:
        parse_memory(name)
    options = model.to_dict()
    if (memories or options) and not any(map(is_model, policies)):
        given = "--memory" if memories else f"options such as {next(iter(options))}"
        raise ConfigurationError(f"{given} is for models: use it with a policy such as openai:<model> or reader")
    chosen: list[PlayerSpec] = []
    for name in dict.fromkeys(policies):
        if is_model(name):
            chosen += [PlayerSpec(name, memory, options) for memory in dict.fromkeys(memories) or (None,)]
        else:
            chosen.append(PlayerSpec(name))
    return chosen
