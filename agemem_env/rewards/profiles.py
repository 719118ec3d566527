"""The reward profiles.

``paper`` is the literal reward of the paper (Eq. 7, 17 to 26). Parts of it can be farmed: any update or delete earns
the whole of maintenance, and any early reduction the whole of preventive. ``strict`` pays an operation only if it
measurably helped. docs/rewards.md defines both part by part, and says why they differ.

A part that does not apply to an episode is None and leaves the mean of its component. Parts that are `at_end` are None
until the episode is over. A new profile is one line here, or a `Profile` that is passed as the environment's
``reward``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.data.loading import load, names_object
from agemem_env.errors import unknown_name
from agemem_env.rewards import context, memory, penalties, task
from agemem_env.rewards.base import Profile, at_end
from agemem_env.rewards.context import earned

_PENALTIES = {"rounds": penalties.rounds, "overflow": penalties.overflow}

_PAPER = Profile(
    name="paper",
    components={
        "task": {"answer": task.answer},
        "context": {
            "compression": context.compression,
            "preventive": context.preventive,
            "preservation": at_end(context.preservation),
        },
        "memory": {
            "storage": at_end(memory.storage),
            "maintenance": memory.maintenance,
            "relevance": memory.relevance,
        },
    },
    penalties=_PENALTIES,
)

_STRICT = Profile(
    name="strict",
    components={
        "task": {"answer": task.answer},
        "context": {
            "compression": earned(context.compression),
            "preventive": at_end(earned(context.useful_reduction)),
            "preservation": at_end(earned(context.gold_kept)),
        },
        "memory": {
            "storage": at_end(memory.kept_worth),
            "maintenance": at_end(memory.corrections),
            "relevance": at_end(memory.retrieval_precision),
        },
    },
    penalties=_PENALTIES,
)

PROFILES: Mapping[str, Profile] = MappingProxyType({p.name: p for p in (_PAPER, _STRICT)})
"""Name -> profile; names that the environment's ``reward`` argument takes."""


def make_profile(spec: str | Profile = "paper") -> Profile:
    """Return the profile with a name, or the given one.

    Args:
        spec: A name in `PROFILES`, ``"module:NAME"`` of a `Profile` elsewhere, or a `Profile`.

    Raises:
        ConfigurationError: If the name is unknown or names no `Profile`.
    """
    if isinstance(spec, str) and spec in PROFILES:
        return PROFILES[spec]
    profile = load("reward", spec) if isinstance(spec, str) and names_object(spec) else spec
    if not isinstance(profile, Profile):
        raise unknown_name("reward", spec, (*PROFILES, "module:NAME of a Profile"))
    return profile
