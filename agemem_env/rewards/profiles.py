"""The reward profiles.

``paper`` is the literal reward of the paper (Eq. 7, 17 to 26). Two of its parts can be farmed: any update or delete
earns the whole of maintenance, and any early reduction the whole of preventive.

``strict`` pays an operation only if it measurably helped:

| part | paper | strict |
|---|---|---|
| task/answer | judge's score; -1 without an answer | the same |
| context/compression | ``1 - T_used / T_max`` | the same, earned |
| context/preventive | 1 if anything was removed before an overflow | 1 if distractors went and no evidence; earned |
| context/preservation | 1 if the query's key phrases are shown | share of the gold facts seen that is shown; earned |
| memory/storage | share of the added entries that the judge finds good | F1 of the stored entries and the gold facts |
| memory/maintenance | 1 if anything was updated or deleted | share of stale entries corrected, minus harm |
| memory/relevance | judge's score of what stage 3 retrieved | share of what stage 3 retrieved that states a gold fact |
| penalty/rounds | -1 at the turn limit | the same |
| penalty/overflow | -0.5 if the context ever overflowed | the same |

"Earned" means multiplied with the task score, taken as 0 if it is negative: tidying a context that led to nothing
helped nothing. The exact rules stand with the functions in `agemem_env.rewards.context` and `.memory`.

A part that does not apply to an episode is None and leaves the mean of its component. A new profile is one line here,
or a `Profile` that is passed as the environment's ``reward``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.data.loading import load, names_object
from agemem_env.errors import unknown_name
from agemem_env.rewards import context, memory, penalties, task
from agemem_env.rewards.base import Profile

_PENALTIES = {"rounds": penalties.rounds, "overflow": penalties.overflow}

_PAPER = Profile(
    name="paper",
    components={
        "task": {"answer": task.answer},
        "context": {
            "compression": context.compression,
            "preventive": context.preventive,
            "preservation": context.preservation,
        },
        "memory": {
            "storage": memory.storage,
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
            "compression": context.earned(context.compression),
            "preventive": context.earned(context.useful_reduction),
            "preservation": context.earned(context.gold_kept),
        },
        "memory": {
            "storage": memory.storage_f1,
            "maintenance": memory.corrections,
            "relevance": memory.retrieval_precision,
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
