"""The folder of a language model's training run: settings, curve, the last state and the best weights."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import torch

from agemem_env.data.files import remove_parts, whole_file
from agemem_env.data.ownership import Ownership, reason
from agemem_env.errors import ConfigurationError, DataError, StorageError
from baselines.language_model.policy import LanguagePolicy

SETTINGS, CURVE, LAST, BEST = "settings.json", "curve.csv", "last.pt", "best.pt"


@dataclass
class Checkpoint:
    """What a run has come to, beside its weights.

    Attributes:
        curve: What was logged of each update.
        phase: Place of the present phase; -1 before the first.
        best_score: Best validation score; -1 before the first.
        seconds: By the clock used.
        cpu_seconds: Processor seconds used.
        problem: Why training stopped early; "" if it did not.
    """

    curve: list[dict[str, Any]] = field(default_factory=list)
    phase: int = -1
    best_score: float = -1.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    problem: str = ""


class ModelFolder:
    """Reads and writes the folder of one run; each file is written whole or not at all.

    Args:
        path: The folder; made if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make {path}: {reason(error)}; name another folder") from error

    @contextmanager
    def claim(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Hold the folder for a run: write its settings, or check that those of a run to be continued are the same.

        Raises:
            ConfigurationError: If the folder has a run with other settings, or somebody else is training in it.
            DataError: If the settings in it cannot be read.
        """
        file = self.path / SETTINGS
        with Ownership(file):
            if file.exists():
                self._check(settings)
            for name in (SETTINGS, CURVE, LAST, BEST):
                remove_parts(self.path / name)
            text = json.dumps(settings, indent=1, sort_keys=True) + "\n"
            self._write(SETTINGS, lambda opened: opened.write(text.encode()))
            yield

    def load(self, policy: LanguagePolicy, optimizer: Any) -> Checkpoint | None:
        """Take over the last state; None if there is none.

        Raises:
            DataError: If it cannot be read, or is of another model.
        """
        state = self._read(LAST, policy)
        if state is None:
            return None
        try:
            policy.load(state)
            optimizer.load_state_dict(state["optimizer"])
            return Checkpoint(**state["checkpoint"])
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self.path / LAST} is of another model or version; delete it and train anew") from error

    def save(self, policy: LanguagePolicy, optimizer: Any, done: Checkpoint) -> None:
        """Write the last state, and the curve as soon as it has a row.

        Raises:
            StorageError: If it cannot be written; what was there is still there then.
        """
        self._save(LAST, {**policy.state(), "optimizer": optimizer.state_dict(), "checkpoint": vars(done)})
        if not done.curve:
            return
        names = list(dict.fromkeys(name for row in done.curve for name in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(done.curve)
        self._write(CURVE, lambda file: file.write(text.getvalue().encode()))

    def save_best(self, policy: LanguagePolicy) -> None:
        """Write the weights as the best so far."""
        self._save(BEST, {**policy.state(), "reference": None})

    def load_best(self, policy: LanguagePolicy) -> None:
        """Take over the best weights, if any were kept."""
        state = self._read(BEST, policy)
        if state is not None:
            policy.load(state)

    def _check(self, settings: Mapping[str, Any]) -> None:
        file = self.path / SETTINGS
        try:
            old = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{file} cannot be read: {reason(error)}; name another folder") from error
        new = json.loads(json.dumps(settings))
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                raise ConfigurationError(
                    f"{self.path} holds a run with {name}={old.get(name)!r}, not {new.get(name)!r}; name another folder"
                )

    def _read(self, name: str, policy: LanguagePolicy) -> Any:
        path = self.path / name
        if not path.exists():
            return None
        try:
            return torch.load(path, map_location=policy.device, weights_only=True)
        except Exception as error:
            raise DataError(f"{path} cannot be read: {reason(error)}; delete it and train anew") from error

    def _save(self, name: str, state: Mapping[str, Any]) -> None:
        self._write(name, lambda file: torch.save(dict(state), file))

    def _write(self, name: str, put: Callable[[BinaryIO], Any]) -> None:
        path = self.path / name
        try:
            with whole_file(path) as file:
                put(file)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {reason(error)}; what it held before is still there") from error
        except RuntimeError as error:  # torch's own way to tell of a full disk, in terms of its source
            raise StorageError(
                f"cannot write the whole of {path}: is the disk full? What it held before is still there"
            ) from error
