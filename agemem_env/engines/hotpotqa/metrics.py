"""HotpotQA's own metrics (Yang et al., 2018, section 4), with stored memories as predicted supporting facts.

A sentence of the context counts as predicted if a memory entry states it. Sentences that a later message corrected
are predicted by entries that state the outdated version, and are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agemem_env.text.answers import answer_f1, answer_precision_recall, exact_match
from agemem_env.text.matching import harmonic_mean
from agemem_env.text.told import Told
from agemem_env.types import FinishedTask, TaskMetric


@dataclass(frozen=True, slots=True)
class Overlap:
    """Precision and recall, each in [0, 1]."""

    precision: float
    recall: float


def answer_em(finished: FinishedTask) -> float:
    """EM: 1 if the answer equals the expected one in normal form; 0 without an answer."""
    return float(exact_match(finished.answer or "", finished.task.answer or ""))


def answer_words_f1(finished: FinishedTask) -> float:
    """F1: word overlap of the answer with the expected one; 0 without an answer."""
    return answer_f1(finished.answer or "", finished.task.answer or "")


def supporting_f1(finished: FinishedTask) -> float | None:
    """Supporting-fact F1 of the memory entries; None if nothing was told beforehand."""
    overlap = supporting_overlap(finished)
    return None if overlap is None else harmonic_mean(overlap.precision, overlap.recall)


def joint_f1(finished: FinishedTask) -> float | None:
    """Joint F1: products of answer and supporting-fact precision and recall, combined; None if nothing was told."""
    facts = supporting_overlap(finished)
    if facts is None:
        return None
    precision, recall = answer_precision_recall(finished.answer or "", finished.task.answer or "")
    return harmonic_mean(precision * facts.precision, recall * facts.recall)


def supporting_overlap(finished: FinishedTask) -> Overlap | None:
    """Return precision and recall of the sentences that memory states against the supporting facts."""
    if finished.notes is None:
        return None
    told = Told.of(finished.task)
    predicted = frozenset[int]().union(*map(told.facts_in, finished.notes))
    hits = len(predicted & told.gold)
    return Overlap(hits / len(predicted) if predicted else 0.0, hits / len(told.gold) if told.gold else 0.0)


METRICS: Mapping[str, TaskMetric] = MappingProxyType(
    {"EM": answer_em, "F1": answer_words_f1, "SP-F1": supporting_f1, "joint-F1": joint_f1}
)
"""The benchmark's metrics beside the common ones."""
