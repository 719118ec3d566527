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

A part that does not apply to an episode is None and leaves the mean of its component. A new part is a function and
one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.rewards import context, memory, penalties, task
from agemem_env.rewards.base import Part, Profile

_PENALTIES = {"rounds": Part(penalties.rounds), "overflow": Part(penalties.overflow)}

_PAPER = Profile(
    name="paper",
    components={
        "task": {"answer": Part(task.answer, judged=True)},
        "context": {
            "compression": Part(context.compression),
            "preventive": Part(context.preventive),
            "preservation": Part(context.preservation),
        },
        "memory": {
            "storage": Part(memory.storage, judged=True),
            "maintenance": Part(memory.maintenance),
            "relevance": Part(memory.relevance, judged=True),
        },
    },
    penalties=_PENALTIES,
)

_STRICT = Profile(
    name="strict",
    components={
        "task": {"answer": Part(task.answer, judged=True)},
        "context": {
            "compression": Part(context.earned(context.compression), judged=True),
            "preventive": Part(context.earned(context.useful_reduction), judged=True),
            "preservation": Part(context.earned(context.gold_kept), judged=True),
        },
        "memory": {
            "storage": Part(memory.storage_f1),
            "maintenance": Part(memory.corrections),
            "relevance": Part(memory.retrieval_precision),
        },
    },
    penalties=_PENALTIES,
)

PROFILES: Mapping[str, Profile] = MappingProxyType({p.name: p for p in (_PAPER, _STRICT)})
"""Name -> profile; the values of the environment's ``reward`` argument."""
