"""What the paper reports of its own comparisons; figures of its tables 2 and 3 are in `benchmarks.report.published`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.report.published import PublishedRow, published

BACKBONES = ("Qwen2.5-7B-Instruct", "Qwen3-4B-Instruct")


@dataclass(frozen=True)
class PaperLine:
    """A line of the paper.

    Attributes:
        label: What was compared.
        backbone: The language model.
        benchmark: On which it played.
        score: In percent.
        others: Further figures by name: ``TN``, ``MQ``, ``TC``, and calls by tool.
    """

    label: str
    backbone: str
    benchmark: str
    score: float | None
    others: Mapping[str, float] = field(default_factory=dict)


def _lines(label: str, scores: Mapping[str, tuple[float, float]]) -> list[PaperLine]:
    return [
        PaperLine(label, backbone, benchmark, values[place])
        for benchmark, values in scores.items()
        for place, backbone in enumerate(BACKBONES)
    ]


COMPONENTS: Sequence[PaperLine] = (
    *_lines("base", {"ALFWorld": (27.16, 38.51), "SciWorld": (13.80, 47.89), "HotpotQA": (38.36, 47.48)}),
    *_lines("+ long-term", {"ALFWorld": (37.73, 42.09), "SciWorld": (27.98, 43.50), "HotpotQA": (45.76, 53.16)}),
    *_lines("+ long-term, RL", {"ALFWorld": (38.88, 44.37), "SciWorld": (32.49, 57.21), "HotpotQA": (52.04, 54.58)}),
    *_lines("+ both, RL", {"ALFWorld": (41.07, 48.97), "SciWorld": (35.55, 59.48), "HotpotQA": (54.44, 55.49)}),
)
"""Base, long-term tools, the same trained, and all tools trained."""

RETURNS: Sequence[PaperLine] = (
    PaperLine("answer-only", BACKBONES[0], "HotpotQA", 50.9, {"TN": 2078, "MQ": 0.479, "TC": 3.93}),
    PaperLine("all", BACKBONES[0], "HotpotQA", 54.4, {"TN": 2117, "MQ": 0.533, "TC": 4.92}),
    PaperLine("answer-only", BACKBONES[1], "HotpotQA", 54.6, {"TN": 2164, "MQ": 0.415, "TC": 7.21}),
    PaperLine("all", BACKBONES[1], "HotpotQA", 55.5, {"TN": 2191, "MQ": 0.605, "TC": 8.67}),
)
"""Rewards of the answer alone, and all rewards."""


def methods(names: Mapping[str, str]) -> list[PaperLine]:
    """Return scores of methods on all benchmarks.

    Args:
        names: The paper's name of each method -> what it is called here.
    """
    return [
        PaperLine(names[row.method], row.backbone, benchmark, score)
        for row in published().scores
        if row.method in names
        for benchmark, score in row.values.items()
    ]


def tool_use() -> list[PaperLine]:
    """Return calls of each tool before and after training."""
    called = {"AgeMem-noRL": "before", "AgeMem": "after"}
    return [PaperLine(called[row.method], row.backbone, "HotpotQA", None, _calls(row)) for row in published().tools]


def _calls(row: PublishedRow) -> dict[str, float]:
    return {**row.values, "TC": row.total or 0.0}
