"""The folder of a training run: settings, curve, checkpoint, best and last weights."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np

from agemem_env.data.files import remove_parts, whole_file
from agemem_env.data.ownership import Ownership, reason
from agemem_env.errors import ConfigurationError, DataError, StorageError
from baselines.grpo.adam import Adam
from baselines.grpo.math import Floats
from baselines.grpo.scorer import WEIGHTS, Scorer, names
from baselines.grpo.settings import Settings

SETTINGS = "settings.json"
CURVE = "curve.csv"
_IN_WORDS = ("phase", "problem")
"""Columns of the curve that have no numbers."""


@dataclass
class Progress:
    """Everything that training changes.

    Attributes:
        weights: Of the policy.
        reference: Of the reference policy.
        adam: The optimizer.
        updates: Updates taken.
        phase: Place of the present phase; -1 before the first.
        cpu_seconds: Processor seconds used.
        seconds: Seconds by the clock used.
        best: Weights with the best validation score so far.
        best_score: That score; -1 before the first validation.
    """

    weights: Floats
    reference: Floats
    adam: Adam
    updates: int = 0
    phase: int = -1
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    best: Floats = field(default_factory=lambda: np.zeros(0))
    best_score: float = -1.0


class RunFolder:
    """Reads and writes the folder of one run.

    Args:
        path: The folder; made if it is missing.

    Attributes:
        path: The same.

    Raises:
        ConfigurationError: If there is a file instead.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ConfigurationError(f"{path} cannot be a folder: there is a file; name another folder") from error

    @property
    def finished(self) -> bool:
        """Whether the run that is there was trained to its end."""
        return (self.path / SETTINGS).is_file() and (self.path / "weights.npz").is_file()

    @contextmanager
    def claim(self, settings: Settings) -> Iterator[None]:
        """Hold the folder for a run: write its settings, or check that those of a run to be continued are the same.

        Raises:
            ConfigurationError: If the folder has a run with other settings, or somebody else is training in it.
            DataError: If the settings in it cannot be read.
        """
        file = self.path / SETTINGS
        with Ownership(file):
            self.check(settings)
            for name in (SETTINGS, CURVE, "checkpoint.npz", "start.npz", "best.npz", "weights.npz"):
                remove_parts(self.path / name)
            with _replacing(file) as opened:
                opened.write(settings.to_json().encode() + b"\n")
            yield

    def settings(self) -> dict[str, Any]:
        """Return the settings of the run that is there.

        Raises:
            DataError: If there is none, or it cannot be read.
        """
        file = self.path / SETTINGS
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{file} cannot be read: {_said(error)}; name the folder of a run") from error
        if not isinstance(found, dict):
            raise DataError(f"{file} has no settings of a run; name another folder")
        return found

    def check(self, settings: Settings) -> None:
        """Check that a run that is there, if any, has these settings.

        Raises:
            ConfigurationError: If it has others.
            DataError: If its settings cannot be read.
        """
        if not (self.path / SETTINGS).exists():
            return
        plain = json.loads(Settings(settings.benchmark, settings.budget).to_json())
        old = _flat({**plain, **self.settings()})  # a new setting was as it is by default
        new = _flat(json.loads(settings.to_json()))
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                raise ConfigurationError(
                    f"{self.path} holds a run with {name}={old.get(name)!r}, not {new.get(name)!r}: "
                    "continue it with its own settings, or take another folder"
                )

    def save(self, progress: Progress) -> None:
        """Write a checkpoint, all or nothing."""
        numbers = {
            "updates": progress.updates, "phase": progress.phase, "cpu_seconds": progress.cpu_seconds,
            "seconds": progress.seconds, "best_score": progress.best_score, "steps": progress.adam.steps,
            "names": names(),
        }  # fmt: skip
        with _replacing(self.path / "checkpoint.npz") as file:
            np.savez(
                file,
                numbers=np.array(json.dumps(numbers)),
                weights=progress.weights,
                reference=progress.reference,
                best=progress.best,
                first=progress.adam.first,
                second=progress.adam.second,
            )

    def load(self, rate: float) -> Progress | None:
        """Return the checkpoint, or None if there is none.

        Raises:
            DataError: If it cannot be read, or is of other kinds or features.
        """
        path = self.path / "checkpoint.npz"
        if not path.exists():
            return None
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                numbers = json.loads(str(file["numbers"]))
                arrays = {name: file[name] for name in ("weights", "reference", "best", "first", "second")}
            known, steps = numbers["names"], int(numbers["steps"])
            updates, phase = int(numbers["updates"]), int(numbers["phase"])
            cpu_seconds, seconds = float(numbers["cpu_seconds"]), float(numbers["seconds"])
            best_score = float(numbers["best_score"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise DataError(f"{path} cannot be read: {_said(error)}; delete the folder and train anew") from error
        sizes = {array.shape for name, array in arrays.items() if name != "best" or array.size}
        if known != names() or sizes != {(WEIGHTS,)}:
            raise DataError(f"{path} is of another version, with other kinds or features: train anew")
        adam = Adam(rate, first=arrays["first"], second=arrays["second"], steps=steps)
        return Progress(
            arrays["weights"], arrays["reference"], adam, updates, phase, cpu_seconds, seconds, arrays["best"],
            best_score,
        )  # fmt: skip

    def rows(self) -> list[dict[str, str]]:
        """Return the curve so far; nothing if none has been written.

        Raises:
            DataError: If it cannot be read, or is gone or empty although the run was trained to its end.
        """
        file = self.path / CURVE
        if not file.exists() and not self.finished:
            return []
        try:
            with file.open(encoding="utf-8", newline="") as lines:
                found = list(csv.DictReader(lines))
            for row in found:
                _check_row(row)
            if not found:
                raise ValueError("it has no rows")
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise DataError(f"{file} is no curve of a run: {_said(error)}; delete the folder and train anew") from error
        return found

    def write_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the whole curve, all or nothing."""
        columns = list(dict.fromkeys(name for row in rows for name in row))
        counts = {name: 0 for name in columns if name.startswith(("calls ", "chosen "))}
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows({**counts, **row} for row in rows)
        with _replacing(self.path / CURVE) as file:
            file.write(text.getvalue().encode())

    def write_weights(self, name: str, weights: Floats, **about: Any) -> Path:
        """Write weights that policies can be made of; return the file."""
        path = self.path / f"{name}.npz"
        with _replacing(path) as file:
            Scorer(weights).save(Path(file.name), **about)
        return path

    def read_weights(self, name: str) -> Floats:
        """Return weights that were written.

        Raises:
            DataError: If they are missing or of another version.
        """
        try:
            return Scorer.load(self.path / f"{name}.npz").weights
        except DataError as error:
            raise DataError(f"{error}, after deleting {self.path}") from error

    def weights_if_readable(self, name: str) -> Floats | None:
        """Return weights that were written; None if they are missing, damaged or of another version."""
        try:
            return self.read_weights(name)
        except DataError:
            return None

    def write_json(self, name: str, value: Any) -> Path:
        """Write a JSON file; return it."""
        path = self.path / f"{name}.json"
        with _replacing(path) as file:
            file.write(json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")
        return path

    def write_text(self, name: str, text: str) -> Path:
        """Write a file of text; return it."""
        path = self.path / name
        with _replacing(path) as file:
            file.write(text.encode())
        return path

    def read_json(self, name: str) -> Any:
        """Return what a JSON file of this folder holds, or None if it is not there.

        Raises:
            DataError: If it cannot be read.
        """
        path = self.path / f"{name}.json"
        if not path.exists():
            return None
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read: {_said(error)}; delete it, and it is made anew") from error


def is_run(path: Path) -> bool:
    """Whether a folder has a training run in it."""
    return (path / SETTINGS).is_file()


def _check_row(row: Mapping[str | None, Any]) -> None:
    """Check that a row of a curve is whole: all columns but those in words have numbers, or nothing.

    Raises:
        ValueError: If it is not.
        KeyError: If a column is missing that every curve has.
    """
    if None in row or None in row.values():
        raise ValueError("a row has more or fewer values than there are columns")
    int(row["update"]), float(row["score"]), row["phase"]
    for name, value in row.items():
        if name not in _IN_WORDS and value:
            float(value)


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with those of the budget and of the algorithm by themselves, so that one can be named."""
    inner = {name: settings[name] for name in ("budget", "learning") if isinstance(settings.get(name), dict)}
    plain = {name: value for name, value in settings.items() if name not in inner}
    return {**plain, **{name: value for values in inner.values() for name, value in values.items()}}


def _said(error: Exception) -> str:
    return " ".join(reason(error).split()) or type(error).__name__


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Lend a file that takes the place of another when it is complete."""
    try:
        with whole_file(path) as file:
            yield file
    except OSError as error:
        raise StorageError(f"cannot write {path}: {reason(error)}; what it held before is still there") from error
