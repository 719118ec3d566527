"""Policies that play the environments, and the loop that lets them.

The names in `__all__` are public; everything else may change. `base` says what a policy is, `rollout` plays one;
`expert`, `random_policy` and `cheats` are the simple ones, `grpo` trains one, `llm` and `memory` let language models
and memory systems play, `outside` takes policies from elsewhere, `conformance` holds the contracts of a benchmark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import gymnasium as gym

from agemem_env.data.loading import is_found, load
from agemem_env.errors import ConfigurationError, unknown_name
from baselines.base import Policy
from baselines.cheats import RED_TEAM, DoNothing
from baselines.expert import ExpertPolicy
from baselines.grpo.policy import PREFIX, is_linear, linear_names, make_linear
from baselines.memory import MEMORY_SYSTEMS, MemoryPolicy, with_memory
from baselines.outside import make_outside
from baselines.random_policy import RandomPolicy
from baselines.rollout import EpisodeResult, rollout

if TYPE_CHECKING:
    from agemem_env.services.chat import ChatModel

__all__ = [
    "MEMORY_SYSTEMS",
    "POLICIES",
    "EpisodeResult",
    "MemoryPolicy",
    "Policy",
    "is_policy",
    "make",
    "rollout",
    "with_memory",
]


POLICIES: Mapping[str, Callable[[int], Policy]] = MappingProxyType(
    {
        "random": RandomPolicy,
        "do-nothing": lambda seed: DoNothing(),
        "expert": lambda seed: ExpertPolicy(),
        "expert-no-memory": lambda seed: ExpertPolicy(memory=False),
        **RED_TEAM,
    }
)
"""Name -> factory of every policy that needs no language model, given a seed. A new policy is one line here."""

_POLICY_OPTIONS = ("tool_format", "prompt", "episode_seconds")


def is_policy(name: str) -> bool:
    """Whether `make` knows a name, or a module from elsewhere that it begins with.

    >>> is_policy("expert"), is_policy("openai:gpt-4o-mini"), is_policy("xpert")
    (True, True, False)
    >>> is_policy("baselines.cheats:DoNothing")
    True
    """
    from baselines.llm.models import is_model

    return name in POLICIES or name in MEMORY_SYSTEMS or is_linear(name) or is_model(name) or is_found(name)


def make(
    name: str,
    env: gym.Env[Any, Any] | None = None,
    seed: int = 0,
    *,
    llm: str | ChatModel | Sequence[Any] | None = None,
    **options: Any,
) -> Policy:
    """Return a policy.

    Args:
        name: A name in `POLICIES`; ``"agemem-linear"``, ``"agemem-linear:<benchmark>"`` or
            ``"agemem-linear:<file>.npz"`` of trained weights (see `baselines.grpo.policy`); a model such as
            ``"openai:<model>"`` (see `baselines.llm.models.MODELS`), which plays with the environment's own tools; a
            name in `MEMORY_SYSTEMS`; or ``"module:Class"`` of a policy (a class with `reset` and `act`, see
            `baselines.outside`) or of a memory system.
        env: The environment that it will play; `rollout` attaches it if it is not known yet. An environment must be
            made with the `env_kwargs` of its policy.
        seed: Seed of whatever the policy draws.
        llm: The model of a memory system, as `make_model` takes it.
        **options: For a model, its own options and ``tool_format``, ``prompt`` and ``episode_seconds`` of `LLMPolicy`;
            for a memory system, what its page says; for a class from elsewhere, its keyword arguments.

    Raises:
        ConfigurationError: If the name is unknown, an option is not allowed, or a memory system has no model.
    """
    policy = _make(name, seed, llm, options)
    if env is not None:
        policy.attach(env)
    return policy


def _make(name: str, seed: int, llm: str | ChatModel | Sequence[Any] | None, options: Mapping[str, Any]) -> Policy:
    if name in POLICIES:
        if options or llm is not None:
            given = [*options, *(["llm"] if llm is not None else [])]
            raise ConfigurationError(f"policy {name!r} takes no option, but got {', '.join(given)}")
        return POLICIES[name](seed)
    if is_linear(name) or name.startswith(PREFIX):
        if llm is not None:
            raise ConfigurationError(f"policy {name!r} is trained weights: leave out llm, or name a memory system")
        return make_linear(name, seed, options)
    from baselines.llm.models import is_model, make_model, model_forms

    own = {key: options[key] for key in _POLICY_OPTIONS if key in options}
    if is_model(name):
        from baselines.llm.policy import LLMPolicy

        if llm is not None:
            raise ConfigurationError(f"policy {name!r} is a model itself: leave out llm, or name a memory system")
        return LLMPolicy(make_model(name, **{k: v for k, v in options.items() if k not in own}), **own)
    elsewhere = load("policy", name) if name not in MEMORY_SYSTEMS and is_found(name) else None
    if name in MEMORY_SYSTEMS or (isinstance(elsewhere, type) and issubclass(elsewhere, MemoryPolicy)):
        from baselines.llm.policy import LLMPolicy

        if llm is None:
            raise ConfigurationError(f"memory system {name!r} needs a model: add llm='openai:<model>'")
        model = make_model(llm)
        others = {k: v for k, v in options.items() if k not in own}
        return with_memory(name, LLMPolicy(model, **own), model, **others)
    if elsewhere is not None:
        if llm is not None:
            raise ConfigurationError(f"policy {name!r} takes no llm; name a memory system, or leave it out")
        return make_outside(name, elsewhere, seed, options)
    known = [policy for policy in POLICIES if policy not in RED_TEAM]
    raise unknown_name(
        "policy", name, [*known, *linear_names(), *MEMORY_SYSTEMS, *model_forms(), "module:Class", *RED_TEAM]
    )
