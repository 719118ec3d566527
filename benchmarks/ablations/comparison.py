"""A comparison that was made: its table beside the paper's, and how it is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.ablations.catalog import ALWAYS, Ablation
from benchmarks.ablations.published import PaperLine
from benchmarks.report.published import published
from benchmarks.report.sheet import Sheet, markdown
from benchmarks.scores.intervals import Estimate
from benchmarks.training.exam import WAYS
from benchmarks.training.pooled import Pooled, pooled
from benchmarks.training.run import TRAINED
from benchmarks.training.seeds import NOTE, gap_to_json, spent
from benchmarks.training.study import Results

TOOLS = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory", "Summary_context", "Filter_context")

_OTHERS = ("TN", "MQ", "TC")


@dataclass(frozen=True)
class Entry:
    """A line of ours.

    Attributes:
        label: What it is called.
        way: How candidates are chosen.
        benchmark: On which it was tested.
        found: What came.
    """

    label: str
    way: str
    benchmark: str
    found: Pooled


@dataclass(frozen=True)
class MadeComparison:
    """A comparison with its results.

    Attributes:
        name: Its name.
        of: What is compared.
        benchmark: On which was trained.
        seeds: Of the runs.
        results: What came of the runs.
        others: Lines of other benchmarks.
    """

    name: str
    of: Ablation
    benchmark: str
    seeds: Sequence[int]
    results: Results
    others: Sequence[Entry] = ()

    def entries(self) -> Iterator[Entry]:
        """Yield the lines of ours."""
        for line in self.of.lines:
            for way in WAYS:
                found = pooled(self.results, line.variant, line.who, way, self.seeds)
                if found is not None:
                    yield Entry(line.label, way, self.benchmark, found)
        yield from self.others

    def published(self) -> list[PaperLine]:
        """Return the paper's lines on the same benchmarks."""
        shown = {entry.benchmark for entry in self.entries()}
        return [line for line in self.of.published if line.benchmark in shown]

    def sheet(self) -> Sheet:
        """Return the table: ours first, then the paper's."""
        tools = TOOLS if self.of.by_tool else ()
        ours = [
            (
                entry.label, f"ours, {entry.way}", entry.benchmark, *_score(entry.found.estimate),
                " ".join(_percent(x) for x in (entry.found.by_seed if entry.found.has_seeds else [])),
                _number(entry.found.mean("R"), 2),
                *(_other(entry.found.mean(name), name) for name in _OTHERS),
                *(_number(entry.found.calls.get(tool), 2) for tool in tools),
            )
            for entry in self.entries()
        ]  # fmt: skip
        theirs = [
            (
                line.label, f"paper, {line.backbone}", line.benchmark, _number(line.score, 1), "", "", "",
                *(_other(line.others.get(name), name) for name in _OTHERS),
                *(_number(line.others.get(tool), 2) for tool in tools),
            )
            for line in self.published()
        ]  # fmt: skip
        columns = ("line", "who", "benchmark", "score, %", "95 %", "by seed", "R", *_OTHERS, *tools)
        return Sheet(columns, (*ours, *theirs), 3)

    def gaps(self) -> Iterator[tuple[str, str, Estimate]]:
        """Yield label, way of choosing, and by how much the last trained line is ahead of it, on the same tasks."""
        entries, main = [entry for entry in self.entries() if entry.benchmark == self.benchmark], self.main
        for way in WAYS:
            of_way = {entry.label: entry.found for entry in entries if entry.way == way}
            for label, found in of_way.items():
                gap = None if label == main or main not in of_way else of_way[main].minus(found)
                if gap is not None:
                    yield label, way, gap

    def differences(self) -> Sheet:
        """Return by how much the last trained line is ahead of each other one, on the same tasks."""
        rows = [
            (f"{self.main} minus {label}", way, f"{100 * gap.mean:+.1f}", _ends(gap, signed=True))
            for label, way, gap in self.gaps()
        ]
        return Sheet(("difference", "candidates", "points", "95 %"), tuple(rows), 2)

    @property
    def main(self) -> str:
        """The label of the ordinary run, trained."""
        return next(line.label for line in self.of.lines if line.variant == "agemem" and line.who == TRAINED)

    def notes(self) -> list[str]:
        """Return what has to be known of the table."""
        paper = published()
        own = [*self.of.not_comparable, *ALWAYS]
        return [*own, *paper.not_comparable, f"Paper: {paper.source}."] if self.published() else own

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        ours = [
            {
                "line": entry.label, "candidates": entry.way, "benchmark": entry.benchmark,
                "score": entry.found.score, **entry.found.to_json(),
                **{name: entry.found.mean(name) for name in _OTHERS},
            }
            for entry in self.entries()
        ]  # fmt: skip
        theirs = [
            {
                "line": line.label, "backbone": line.backbone, "benchmark": line.benchmark,
                "score_percent": line.score, **line.others,
            }
            for line in self.published()
        ]  # fmt: skip
        ahead = [
            {"line": self.main, "minus": label, "candidates": way, **gap_to_json(gap)}
            for label, way, gap in self.gaps()
        ]
        return {
            "name": self.name, "question": self.of.about, "trained_on": self.benchmark, "seeds": [*self.seeds],
            "ours": ours, "differences": ahead, "paper": theirs, "notes": self.notes(),
        }  # fmt: skip

    def to_markdown(self) -> str:
        """Return tables and notes as Markdown."""
        parts = [f"## {self.name}: {self.of.about}", f"Trained on {self.benchmark}: {spent(self.results)}."]
        parts.append(markdown(self.sheet()))
        if self.differences().rows:
            parts.append(markdown(self.differences()))
        parts += [NOTE, "\n".join(f"* {note}" for note in self.notes())]
        return "\n\n".join(parts) + "\n"


def _score(found: Estimate) -> tuple[str, str]:
    return _percent(found.mean), _ends(found)


def _ends(found: Estimate, signed: bool = False) -> str:
    if found.low is None or found.high is None:
        return ""
    low, high = 100 * found.low, 100 * found.high
    return f"{low:+.1f} to {high:+.1f}" if signed else f"{low:.1f} to {high:.1f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _other(value: float | None, name: str) -> str:
    return _number(value, {"TN": 0, "MQ": 3, "TC": 2}[name])
