"""Models in a run: what their replies depend on, which is in every row, and how they are reached, which is in none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import baselines
from agemem_env.errors import ConfigurationError, unknown_name
from baselines.base import Policy
from baselines.llm.client import OpenAIOptions
from baselines.llm.models import is_model, make_model
from baselines.llm.policy import LLMPolicy
from baselines.llm.types import ChatModel
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.suites import PlayerSpec, RunSpec, canonical

SERVICE = "openai:"
"""Kind of model that is reached over a network."""

LOCAL = "transformers:"
"""Kind of model that takes long to load: it is kept for all episodes of a process."""


@dataclass(frozen=True)
class ModelOptions:
    """What the replies of a model depend on beside its name; None leaves it to the model.

    Attributes:
        tool_format: ``native`` or ``tags``.
        temperature: Sampling temperature.
        top_p: Probability mass sampled from.
        max_tokens: Longest reply, in tokens.
        seed: Seed of the model's sampling.
        stop: Texts that end a reply.
    """

    tool_format: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, as JSON values.

        >>> ModelOptions(temperature=0.0).to_dict()
        {'temperature': 0.0}
        """
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}


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
        return baselines.make(spec.memory, seed=spec.seed, llm=model, **own)

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


def players(policies: Sequence[str], memories: Sequence[str], model: ModelOptions) -> list[PlayerSpec]:
    """Return who plays: each policy that is no model once, each model once with each memory system.

    Args:
        policies: Names in `baselines.POLICIES` and models.
        memories: Names of memory systems; empty for models alone, with the environment's own tools.
        model: Options of the models.

    Raises:
        ConfigurationError: If a name is unknown, or memory systems or options are given and there is no model.
    """
    for name in policies:
        if not baselines.is_policy(name):
            raise unknown_name("policy", name, [*baselines.POLICIES, "reader", "openai:<model>", "transformers:<path>"])
        if name in MEMORY_SYSTEMS:
            raise ConfigurationError(f"{name!r} is a memory system: use --memory {name} --policy <model>")
    for name in memories:
        if name not in MEMORY_SYSTEMS:
            raise unknown_name("memory system", name, MEMORY_SYSTEMS)
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
