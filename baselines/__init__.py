"""Policies that play the environments, and the loop that lets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import gymnasium as gym

from agemem_env.errors import ConfigurationError, unknown_name
from baselines.base import Policy
from baselines.cheats import CHEATS, Cheat, DoNothing
from baselines.expert import ExpertPolicy
from baselines.memory import MEMORY_SYSTEMS, with_memory
from baselines.random_policy import RandomPolicy
from baselines.rollout import EpisodeResult, rollout

if TYPE_CHECKING:
    from agemem_env.services.chat import ChatModel

__all__ = ["POLICIES", "EpisodeResult", "Policy", "is_policy", "make", "rollout"]


def _cheat(cls: type[Cheat]) -> Callable[[int], Policy]:
    return lambda seed: cls()


POLICIES: Mapping[str, Callable[[int], Policy]] = MappingProxyType(
    {
        "random": RandomPolicy,
        "do-nothing": lambda seed: DoNothing(),
        "expert": lambda seed: ExpertPolicy(),
        "expert-no-memory": lambda seed: ExpertPolicy(memory=False),
        **{cls.name: _cheat(cls) for cls in CHEATS},
    }
)
"""Name -> factory of every policy that needs no language model, given a seed. A new policy is one line here."""

_POLICY_OPTIONS = ("tool_format", "prompt", "episode_seconds")


def is_policy(name: str) -> bool:
    """Whether `make` knows a name.

    >>> is_policy("expert"), is_policy("openai:gpt-4o-mini"), is_policy("xpert")
    (True, True, False)
    """
    from baselines.llm.models import is_model

    return name in POLICIES or name in MEMORY_SYSTEMS or is_model(name)


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
        name: A name in `POLICIES`; a model such as ``"openai:<model>"`` (see `baselines.llm.models.MODELS`), which
            plays with the environment's own tools; or a name in `MEMORY_SYSTEMS`.
        env: The environment that it will play; `rollout` attaches it if it is not known yet. An environment must be
            made with the `env_kwargs` of its policy.
        seed: Seed of whatever the policy draws.
        llm: The model of a memory system, as `make_model` takes it.
        **options: For a model, its own options and ``tool_format``, ``prompt`` and ``episode_seconds`` of `LLMPolicy`;
            for a memory system, what its page says.

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
    from baselines.llm.models import is_model, make_model, model_forms

    own = {key: options[key] for key in _POLICY_OPTIONS if key in options}
    if name in MEMORY_SYSTEMS:
        from baselines.llm.policy import LLMPolicy

        if llm is None:
            raise ConfigurationError(f"memory system {name!r} needs a model: add llm='openai:<model>'")
        model = make_model(llm)
        others = {k: v for k, v in options.items() if k not in own}
        return with_memory(name, LLMPolicy(model, **own), model, **others)
    if is_model(name):
        from baselines.llm.policy import LLMPolicy

        if llm is not None:
            raise ConfigurationError(f"policy {name!r} is a model itself: leave out llm, or name a memory system")
        return LLMPolicy(make_model(name, **{k: v for k, v in options.items() if k not in own}), **own)
    raise unknown_name("policy", name, [*POLICIES, *MEMORY_SYSTEMS, *model_forms()])
