"""The folder of a training run: settings, curve, checkpoint, best and last weights."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agemem_env.errors import ConfigurationError, DataError
from baselines.grpo.adam import Adam
from baselines.grpo.math import Floats
from baselines.grpo.scorer import Scorer, names
from baselines.grpo.settings import Settings


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
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def claim(self, settings: Settings) -> None:
        """Write the settings of a new run, or check that those of a run to be continued are the same.

        Raises:
            ConfigurationError: If the folder has a run with other settings.
        """
        file = self.path / "settings.json"
        if file.exists():
            old, new = json.loads(file.read_text(encoding="utf-8")), json.loads(settings.to_json())
            for name in sorted({*old, *new}):
                if old.get(name) != new.get(name):
                    raise ConfigurationError(
                        f"{self.path} holds a run with {name}={old.get(name)!r}, not {new.get(name)!r}: "
                        "continue it with its own settings, or take another folder"
                    )
        with _replacing(file) as temporary:
            temporary.write_text(settings.to_json() + "\n", encoding="utf-8")

    def save(self, progress: Progress) -> None:
        """Write a checkpoint, all or nothing."""
        numbers = {
            "updates": progress.updates, "phase": progress.phase, "cpu_seconds": progress.cpu_seconds,
            "seconds": progress.seconds, "best_score": progress.best_score, "steps": progress.adam.steps,
            "names": names(),
        }  # fmt: skip
        with _replacing(self.path / "checkpoint.npz") as temporary, temporary.open("wb") as file:
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
            with np.load(path, allow_pickle=False) as file:
                numbers = json.loads(str(file["numbers"]))
                arrays = {name: file[name] for name in ("weights", "reference", "best", "first", "second")}
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{path} cannot be read: {error}; delete the folder and train anew") from error
        if numbers["names"] != names():
            raise DataError(f"{path} is of another version, with other kinds or features: train anew")
        adam = Adam(rate, first=arrays["first"], second=arrays["second"], steps=numbers["steps"])
        return Progress(
            arrays["weights"], arrays["reference"], adam, numbers["updates"], numbers["phase"], numbers["cpu_seconds"],
            numbers["seconds"], arrays["best"], numbers["best_score"],
        )  # fmt: skip

    def rows(self) -> list[dict[str, str]]:
        """Return the curve so far."""
        file = self.path / "curve.csv"
        if not file.exists():
            return []
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def write_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the whole curve, all or nothing."""
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with _replacing(self.path / "curve.csv") as temporary, temporary.open("w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, columns, restval=0)
            writer.writeheader()
            writer.writerows(rows)

    def write_weights(self, name: str, weights: Floats, **about: Any) -> Path:
        """Write weights that policies can be made of; return the file."""
        path = self.path / f"{name}.npz"
        with _replacing(path) as temporary:
            Scorer(weights).save(temporary, **about)
        return path

    def read_weights(self, name: str) -> Floats:
        """Return weights that were written.

        Raises:
            DataError: If they are missing or of another version.
        """
        return Scorer.load(self.path / f"{name}.npz").weights

    def write_json(self, name: str, value: Any) -> Path:
        """Write a JSON file; return it."""
        path = self.path / f"{name}.json"
        with _replacing(path) as temporary:
            temporary.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Lend a file that takes the place of another when it is complete."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    yield temporary
    temporary.replace(path)
