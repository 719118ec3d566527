"""HotpotQA's own metrics (Yang et al., 2018, section 4), with stored memories as predicted supporting facts.

A sentence of the context counts as predicted if a memory entry states it. Sentences that a later message corrected
are predicted by entries that state the outdated version, and are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agemem_env.judges import Judge
from agemem_env.matching import harmonic_mean, states, states_only
from agemem_env.rewards.base import EpisodeView, Metric
from agemem_env.rewards.memory import stored_entries
from agemem_env.text import answer_f1, answer_precision_recall, exact_match


@dataclass(frozen=True, slots=True)
class Overlap:
    """Precision and recall, each in [0, 1]."""

    precision: float
    recall: float


def answer_em(view: EpisodeView, judge: Judge) -> float:
    """EM: 1 if the answer equals the expected one in normal form; 0 without an answer."""
    return float(exact_match(view.ledger.answer or "", view.task.answer or ""))


def answer_words_f1(view: EpisodeView, judge: Judge) -> float:
    """F1: word overlap of the answer with the expected one; 0 without an answer."""
    return answer_f1(view.ledger.answer or "", view.task.answer or "")


def supporting_f1(view: EpisodeView, judge: Judge) -> float | None:
    """Supporting-fact F1 of the memory entries; None without stage 1."""
    overlap = supporting_overlap(view)
    return None if overlap is None else harmonic_mean(overlap.precision, overlap.recall)


def joint_f1(view: EpisodeView, judge: Judge) -> float | None:
    """Joint F1: products of answer and supporting-fact precision and recall, combined; None without stage 1."""
    facts = supporting_overlap(view)
    if facts is None:
        return None
    precision, recall = answer_precision_recall(view.ledger.answer or "", view.task.answer or "")
    return harmonic_mean(precision * facts.precision, recall * facts.recall)


def supporting_overlap(view: EpisodeView) -> Overlap | None:
    """Return precision and recall of the sentences that memory states against the supporting facts."""
    if 1 not in view.stages:
        return None
    task, replaced = view.task, view.task.superseded
    entries = [entry.content for entry in stored_entries(view)]
    predicted: set[int] = set()
    for i, fact in enumerate(task.facts):
        if i in replaced:
            rival = task.facts[replaced[i]].text
            stated = any(states_only(entry, fact.text, rival) for entry in entries)
        else:
            earlier = None if fact.supersedes is None else task.facts[fact.supersedes].text
            stated = any(states(entry, fact.text, earlier) for entry in entries)
        if stated:
            predicted.add(i)
    gold = {i for i, fact in enumerate(task.facts) if fact.gold and i not in replaced}
    hits = len(predicted & gold)
    return Overlap(hits / len(predicted) if predicted else 0.0, hits / len(gold) if gold else 0.0)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {"EM": answer_em, "F1": answer_words_f1, "SP-F1": supporting_f1, "joint-F1": joint_f1}
)
"""The benchmark's metrics beside the common ones."""
