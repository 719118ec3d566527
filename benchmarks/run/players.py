"""Who plays in a run: policies, and models with memory systems around them, as they are written on the command line.

A *player* is who plays, a `PlayerSpec`; what makes the moves in an episode is its policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import baselines
from agemem_env.data.loading import load, names_object
from agemem_env.errors import ConfigurationError, unknown_name
from baselines.cheats import RED_TEAM
from baselines.grpo.policy import LINEAR_OPTIONS, PREFIX, is_linear, linear_names, no_weights
from baselines.llm.models import is_model, model_forms, model_kind
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.run.options import parse_settings
from benchmarks.specs import PlayerSpec

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


def parse_memory(text: str) -> tuple[str, dict[str, Any]]:
    """Return name and options of a memory system, which is in `MEMORY_SYSTEMS` or given as ``module:Class``.

    >>> parse_memory("mem0:backend=library")
    ('mem0', {'backend': 'library'})
    >>> parse_memory("my_package.memory:MyMemory:size=3,exact=true")
    ('my_package.memory:MyMemory', {'size': 3, 'exact': True})

    Raises:
        ConfigurationError: If the name is unknown or the options have another form.
    """
    name, colon, options = text.partition(":")
    if name not in MEMORY_SYSTEMS:
        cls, colon, options = options.partition(":")
        if not cls.isidentifier():
            raise unknown_name("memory system", name, (*MEMORY_SYSTEMS, "module:Class"))
        name = f"{name}:{cls}"
    return name, parse_settings(options.split(",")) if colon else {}


def players(
    policies: Sequence[str], memories: Sequence[str] = (), model: Mapping[str, Any] = NO_OPTIONS
) -> list[PlayerSpec]:
    """Return who plays: each policy that is no model once, each model once with each memory system.

    Args:
        policies: Names in `baselines.POLICIES`, policies from elsewhere as ``module:Class``, and models.
        memories: Memory systems as `parse_memory` takes them; empty for models alone, with the environment's tools.
        model: Options of the models and of trained weights, as in `RunSpec`; each is given those that it takes.

    Raises:
        ConfigurationError: If a name is unknown, nobody takes an option, or memory systems are given and there is no
            model.
    """
    for name in policies:
        if not baselines.is_policy(name):
            if name.startswith(PREFIX):
                raise no_weights(name)
            prefix = name.partition(":")[0]
            if names_object(name) and not get_close_matches(prefix, [form.partition(":")[0] for form in model_forms()]):
                load("policy", name)  # says which module is not found
            known = [policy for policy in baselines.POLICIES if policy not in RED_TEAM]
            raise unknown_name("policy", name, [*known, *linear_names(), *model_forms(), "module:Class", *RED_TEAM])
        if name in MEMORY_SYSTEMS:
            raise ConfigurationError(f"{name!r} is a memory system: use --memory {name} --policy <model>")
    for name in memories:
        parse_memory(name)
    taken = {name: _taken(name, model) for name in policies if is_model(name) or is_linear(name)}
    if (memories and not any(map(is_model, policies))) or (model and not taken):
        given = "--memory" if memories else f"option {next(iter(model))!r}"
        raise ConfigurationError(f"{given} is for models: use it with a policy such as openai:<model> or reader")
    for option in model:
        if not any(option in options for options in taken.values()):
            raise _untaken(option, list(taken))
    chosen: list[PlayerSpec] = []
    for name in dict.fromkeys(policies):
        if is_model(name):
            chosen += [PlayerSpec(name, memory, taken[name]) for memory in dict.fromkeys(memories) or (None,)]
        else:
            chosen.append(PlayerSpec(name, model=taken.get(name, {})))
    return chosen


def _taken(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the options that a model, the policy around it, or weights take."""
    allowed = _allowed(name)
    return {option: value for option, value in options.items() if option in allowed}


def _allowed(name: str) -> list[str]:
    return [*LINEAR_OPTIONS] if is_linear(name) else ["tool_format", *model_kind(name).options()]


def _untaken(option: str, names: Sequence[str]) -> ConfigurationError:
    """Return the error for an option that nobody takes."""
    if all(is_model(name) and not model_kind(name).options() for name in names):
        return ConfigurationError(f"option {option!r} is not allowed: {', '.join(names)} takes none")
    allowed = dict.fromkeys(option for name in names for option in _allowed(name))
    return unknown_name(f"option of {', '.join(names)}", option, list(allowed))
