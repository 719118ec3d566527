"""AgentBoard's label files, one row per episode: where they lie and how they are read, for every benchmark."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from agemem_env.data.locate import data_root
from agemem_env.errors import DataError, MissingDataError
from agemem_env.text.lines import split_lines

FOLDER = "agentboard_labels"

Label = TypeVar("Label")


@dataclass(frozen=True, slots=True)
class LabelFiles(Generic[Label]):
    """The labels of one benchmark in the data folder.

    Attributes:
        benchmark: AgentBoard's name for it; the files are ``agentboard_labels/<benchmark>*.jsonl``.
        label_of: Makes a label of a row's number and content; raises ValueError, KeyError, TypeError or AttributeError
            if it is not one.
        remedy: What can be done if there are no labels, beside putting them there.
    """

    benchmark: str
    label_of: Callable[[int, Mapping[str, Any]], Label]
    remedy: str

    def paths(self) -> list[Path]:
        """Return the files, in the order of their names; none if there are no labels."""
        return sorted((data_root() / FOLDER).glob(f"{self.benchmark}*.jsonl"))

    def read(self) -> list[Label]:
        """Return all rows in the order of their numbers, each once.

        Raises:
            DataError: If there are none, or a line is not a label row.
        """
        rows: dict[int, Label] = {}
        paths = self.paths()
        for path in paths:
            for number, line in enumerate(split_lines(_text(path)), 1):
                if line.strip():
                    row, label = self._row(f"{path}:{number}", line)
                    rows.setdefault(row, label)
        if not rows:
            place = data_root() / FOLDER
            if paths:
                raise DataError(f"{paths[0]} holds no label rows: put {self.benchmark}.test.jsonl in its place")
            raise MissingDataError(
                f"no AgentBoard labels: put {self.benchmark}.test.jsonl into {place}, or {self.remedy}"
            )
        return [rows[row] for row in sorted(rows)]

    def _row(self, place: str, line: str) -> tuple[int, Label]:
        try:
            data = json.loads(line)
            row = int(data["id"])
            return row, self.label_of(row, data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{place}: not a label row ({type(error).__name__}: {error})") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}; put AgentBoard's file in its place") from error


def difficulty(data: Mapping[str, Any]) -> str | None:
    """Return how hard a row says that its task is; None if it does not say.

    >>> difficulty({"difficulty": "hard"}), difficulty({})
    ('hard', None)
    """
    said = data.get("difficulty")
    return str(said) if said else None


def subgoals(value: Any) -> tuple[str, ...]:
    """Return the sub-goals of a row.

    >>> subgoals(["You move to the kitchen."])
    ('You move to the kitchen.',)

    Raises:
        TypeError: If they are not a list of texts.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("sub-goals must be a list of texts")
    return tuple(value)
