"""Models in a run: what their replies depend on, which is in every row, and how they are reached, which is in none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import baselines
from agemem_env.errors import ConfigurationError
from agemem_env.services.chat import ChatModel
from agemem_env.services.openai.client import OpenAIOptions
from baselines.base import Policy
from baselines.llm.models import is_model, make_model, model_kind
from baselines.llm.policy import LLMPolicy
from baselines.memory import with_memory
from benchmarks.run.players import parse_memory
from benchmarks.specs import RunSpec, canonical

_REACHED = ("base_url", "key_variable", "prices", "cassette", "concurrency")


_OF_THE_POLICY = ("tool_format", "prompt", "episode_seconds")
"""Options that are neither the model's nor the memory system's."""


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
        """Return the policy of an episode.

        Raises:
            ConfigurationError: If there is no such policy, memory system or model, or an option is not allowed.
        """
        if not is_model(spec.policy):
            return baselines.make(spec.policy, seed=spec.seed, **spec.model)
        model = self.model(spec)
        system, options = ("", {}) if spec.memory is None else parse_memory(spec.memory)
        given = {**options, **spec.model}
        policy = LLMPolicy(model, **{name: given[name] for name in _OF_THE_POLICY if name in given})
        others = {name: value for name, value in options.items() if name not in _OF_THE_POLICY}
        return with_memory(system, policy, model, **others) if system else policy

    def model(self, spec: RunSpec) -> ChatModel:
        """Return the model that plays."""
        options = {k: v for k, v in spec.model.items() if k != "tool_format"}
        kind = model_kind(spec.policy)
        if kind.heavy:
            return _loaded(spec.policy, canonical(options))
        if kind.remote:
            reached = {k: v for k, v in asdict(self).items() if v is not None}
            options |= {**reached, "concurrency": max(self.concurrency, OpenAIOptions.concurrency)}
        return make_model(spec.policy, **options)


@lru_cache(maxsize=1)
def _loaded(name: str, options: str) -> ChatModel:
    return make_model(name, **json.loads(options))
