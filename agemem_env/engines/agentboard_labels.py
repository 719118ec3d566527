"""AgentBoard's label files, one row per episode: where they lie and how they are read, for every benchmark."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from agemem_env.data.locate import data_root
from agemem_env.errors import DataError
from agemem_env.text.lines import split_lines

FOLDER = "agentboard_labels"

Label = TypeVar("Label")


def label_files(benchmark: str) -> list[Path]:
    """Return the label files of a benchmark in the data folder; ``benchmark`` is AgentBoard's name for it."""
    return sorted((data_root() / FOLDER).glob(f"{benchmark}*.jsonl"))


def read_labels(benchmark: str, read: Callable[[int, Mapping[str, Any]], Label], remedy: str) -> list[Label]:
    """Return all rows of a benchmark in order, each once.

    Args:
        benchmark: AgentBoard's name for it.
        read: Makes a label of a row's number and content; raises ValueError, KeyError, TypeError or AttributeError if
            it is not one.
        remedy: What can be done if there are no labels, beside putting them there.

    Raises:
        DataError: If there are none, or a line is not a label row.
    """
    rows: dict[int, Label] = {}
    for path in label_files(benchmark):
        for number, line in enumerate(split_lines(path.read_text(encoding="utf-8-sig")), 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                row = int(data["id"])
                label = read(row, data)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}:{number}: not a label row ({type(error).__name__}: {error})") from error
            rows.setdefault(row, label)
    if not rows:
        place = data_root() / FOLDER
        raise DataError(f"no AgentBoard labels: put {benchmark}.test.jsonl into {place}, or {remedy}")
    return [rows[row] for row in sorted(rows)]


def subgoals(value: Any) -> tuple[str, ...]:
    """Return the sub-goals of a row.

    Raises:
        TypeError: If they are not a list of texts.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("sub-goals must be a list of texts")
    return tuple(value)
