"""Training in the report: learning curves, and what was tested before and after."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agemem_env.engines import engine_class
from agemem_env.errors import DataError
from baselines.grpo.curve import Rows, along, band, memory_calls, scored, smooth
from baselines.grpo.folder import SETTINGS, RunFolder
from baselines.grpo.math import Floats
from benchmarks.report.columns import number
from benchmarks.report.plots import Picture, curve_plot
from benchmarks.report.sheet import Sheet
from benchmarks.report.table import Table, headings, percent, row
from benchmarks.scores.crossed import crossed
from benchmarks.scores.intervals import Estimate

_DEPTH = 6
"""Folders between a folder that is named and the runs in it, at most."""

TESTED = ("untrained, best", "trained, drawn", "trained, best", "tools taken away, best")
"""Tests that are shown."""

NOTE = (
    "Training: mean score of the last updates in which the task was played, in percent, candidates drawn. Dead: groups "
    "whose rollouts all earned the same, which teach nothing, in percent. KL: to the reference, per step. Tests: tasks "
    "that nothing was chosen by, in percent, with 95 % intervals over tasks, and over seeds if there are several."
)
"""What the columns of the table are."""

STOPPED = "Stopped: runs that ended early because something went wrong."
"""What the last one is."""


@dataclass(frozen=True)
class TrainingCurve:
    """A training run as far as it has come.

    Attributes:
        folder: Its folder.
        settings: Its settings.
        rows: Its curve.
        tests: What came of each test, by who was tested and how.
    """

    folder: Path
    settings: Mapping[str, Any]
    rows: Rows
    tests: Mapping[str, Any]

    @property
    def benchmark(self) -> str:
        """Name of the benchmark."""
        return str(self.settings["benchmark"])

    @property
    def group(self) -> Path:
        """The folder of runs that differ in their seed alone, or the run's own."""
        return self.folder.parent if self.folder.name.startswith("seed-") else self.folder


@dataclass(frozen=True)
class Trained:
    """Runs that differ in their seed alone.

    Attributes:
        number: In the report.
        label: What they are called.
        curves: One for each seed.
    """

    number: int
    label: str
    curves: Sequence[TrainingCurve]

    def test(self, name: str) -> Estimate | None:
        """Return what came of a test, over seeds and tasks; None if not all have taken it, on the same tasks."""
        found = [curve.tests.get(name) for curve in self.curves]
        known = [test for test in found if test]
        if len(known) < len(found) or len({tuple(test["tasks"]) for test in known}) > 1:
            return None
        alike = len({test["key"] for test in known}) == 1  # nobody's weights differ, as before training
        return crossed([test["scores"] for test in (known[:1] if alike else known)])


def folders_with(name: str, path: Path) -> list[Path]:
    """Return the folders in a folder, itself among them, that have a file of some name."""
    return sorted(file.parent for depth in range(_DEPTH) for file in path.glob("*/" * depth + name))


def read_training(path: Path) -> list[TrainingCurve]:
    """Return the training runs in a folder, with at least one update; none if it has none.

    Raises:
        DataError: If one cannot be read.
    """
    if not path.is_dir():
        return []
    found = []
    for folder in folders_with(SETTINGS, path):
        kept = RunFolder(folder)
        settings, rows, result = kept.settings(), kept.rows(), kept.read_json("result") or {}
        tests = result.get("tests") if isinstance(result, dict) else None
        if not _readable(settings, rows, tests or {}):
            raise DataError(f"{folder} has no training run that this version can read; name other folders")
        if rows:
            found.append(TrainingCurve(folder, settings, rows, tests or {}))
    return found


def _readable(settings: Mapping[str, Any], rows: Rows, tests: Any) -> bool:
    """Whether everything that the report shows is there."""
    whole = isinstance(settings.get("benchmark"), str) and isinstance(tests, dict)
    columns = all(name in row for row in rows for name in ("cpu_seconds", "silent", "kl"))
    return (
        whole
        and columns
        and all(
            isinstance(test, dict) and all(name in test for name in ("key", "tasks", "scores"))
            for test in tests.values()
        )
    )


def grouped(curves: Sequence[TrainingCurve], first: int = 1) -> list[Trained]:
    """Return runs that differ in their seed alone together.

    Args:
        curves: The runs.
        first: Number of the first group.
    """
    groups: dict[tuple[Path, str], list[TrainingCurve]] = {}
    for curve in curves:
        others = {name: value for name, value in curve.settings.items() if name != "seed"}
        groups.setdefault((curve.group, json.dumps(others, sort_keys=True)), []).append(curve)
    paths = [path for path, _ in groups]
    shared = Path(os.path.commonpath([path.parent for path in paths])) if len({*paths}) > 1 else None
    return [
        Trained(first + place, str(path if shared is None else path.relative_to(shared)), found)
        for place, ((path, _), found) in enumerate(groups.items())
    ]


def training_table(groups: Sequence[Trained]) -> Table:
    """Return what was trained and what came of it; no rows without training."""
    rows = [
        row(
            str(group.number),
            group.label,
            f"{group.curves[0].benchmark}, {engine_class(group.curves[0].benchmark).main_score}",
            _span([str(curve.settings.get("seed")) for curve in group.curves]),
            _range([float(curve.rows[-1]["update"]) for curve in group.curves]),
            _range([float(curve.rows[-1]["cpu_seconds"]) for curve in group.curves]),
            number(100 * _last(group, "score"), 1),
            number(100 * _last(group, "silent"), 1),
            number(_last(group, "kl"), 2),
            *(percent(group.test(name)) for name in TESTED),
            str(sum(bool(curve.rows[-1].get("problem")) for curve in group.curves) or ""),
        )
        for group in groups
    ]
    columns = (
        "#", "Run", "Benchmark", "Seeds", "Updates", "CPU s", "Training", "Dead", "KL",
        *(name.capitalize() for name in TESTED), "Stopped",
    )  # fmt: skip
    return Table("Training", headings(*columns), tuple(rows), 4, f"{NOTE} {STOPPED}")


def training_sheet(groups: Sequence[Trained]) -> Sheet:
    """Return the same for a terminal; the column of runs that were stopped is there only if one was."""
    table = training_table(groups)
    lines = [tuple(str(cell) for cell in line.cells) for line in table.rows]
    columns = tuple(str(cell) for cell in table.columns)
    if not any(line[-1] for line in lines):
        lines, columns = [line[:-1] for line in lines], columns[:-1]
    return Sheet(columns, tuple(lines), table.names)


_MEASURES: Mapping[str, tuple[Callable[[Rows], Rows], Callable[[Rows], Floats]]] = {
    "score in training, %": (scored, lambda rows: 100 * smooth(rows, "score")),
    "calls of memory tools per episode": (lambda rows: rows, lambda rows: _calls(rows)),
    "dead groups, %": (lambda rows: rows, lambda rows: 100 * smooth(rows, "silent")),
}
"""Which rows of a curve are drawn, and what is drawn of them."""


def training_pictures(groups: Sequence[Trained]) -> list[Picture]:
    """Return the learning curves, a picture for each benchmark and measure."""
    pictures = []
    for benchmark in dict.fromkeys(group.curves[0].benchmark for group in groups):
        own = [group for group in groups if group.curves[0].benchmark == benchmark]
        axis = "update" if all(_in_updates(group) for group in own) else "cpu_seconds"
        for measured, (chosen, of) in _MEASURES.items():
            lines = [(group.number, *_line([chosen(c.rows) for c in group.curves], axis, of)) for group in own]
            name = {"update": "update", "cpu_seconds": "processor seconds"}[axis]
            pictures.append(curve_plot(f"{benchmark}: {measured}", name, measured, lines))
    return pictures


def _line(curves: Sequence[Rows], axis: str, of: Callable[[Rows], Floats]) -> tuple[Floats, Floats]:
    return band([along(rows, axis) for rows in curves], [of(rows) for rows in curves])


def _in_updates(group: Trained) -> bool:
    return all((curve.settings.get("budget") or {}).get("updates") is not None for curve in group.curves)


def _calls(rows: Rows) -> Floats:
    return np.asarray(sum((smooth(rows, name) for name in memory_calls(rows)), np.zeros(len(rows))))


def _last(group: Trained, name: str) -> float:
    chosen = scored if name == "score" else list
    return float(np.mean([smooth(chosen(curve.rows), name)[-1] for curve in group.curves]))


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _span(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(sorted(names, key=lambda name: (len(name), name)))
