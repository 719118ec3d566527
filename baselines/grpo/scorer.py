"""The policy that is trained: a score for each candidate of a menu, linear in its features, and softmax over scores."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

import numpy as np

from agemem_env.errors import DataError
from agemem_env.wrappers.menu.kinds import CROSSED, HASHED, KINDS, STATE, WIDTH
from agemem_env.wrappers.menu.menu import Choices
from baselines.grpo.math import Floats

_KINDS = len(KINDS)
_BY_KIND, _BY_STATE = _KINDS * WIDTH, _KINDS * len(STATE)
WEIGHTS = _BY_KIND + _BY_STATE + HASHED
"""Number of weights: one per kind and feature, one per kind and feature of the state, and one per crossed feature."""

FORMAT = "agemem-linear/1"

_MOST_BYTES = 1 << 24
"""What a file of weights unpacks to at most."""


@dataclass(frozen=True)
class Batch:
    """Candidates of many steps, one after the other.

    Attributes:
        kinds: Of every candidate.
        features: Of every candidate.
        states: Of every step.
        prior: Of every candidate.
        rows: The candidate of each crossed feature.
        columns: Which crossed feature it is.
        starts: Where the candidates of each step begin.
    """

    kinds: Any
    features: Any
    states: Any
    prior: Floats
    rows: Any
    columns: Any
    starts: Any

    @classmethod
    def of(cls, steps: Sequence[Choices]) -> Batch:
        """Return the candidates of some steps."""
        counts = np.array([len(step) for step in steps])
        starts = np.cumsum(counts) - counts
        return cls(
            np.concatenate([step.kinds for step in steps]).astype(np.intp),
            np.concatenate([step.features for step in steps]).astype(float),
            np.array([step.state for step in steps], dtype=float),
            np.concatenate([step.prior for step in steps]),
            np.concatenate([step.rows + start for step, start in zip(steps, starts, strict=True)]),
            np.concatenate([step.columns for step in steps]),
            starts,
        )

    @cached_property
    def step_of(self) -> Any:
        """The step of each candidate."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.kinds)))


class Scorer:
    """Scores candidates: ``W[kind] · features + U[kind] · state + sum of V[crossed] + prior``.

    Args:
        weights: All weights in one array of `WEIGHTS` numbers; None: zeros, with which kinds are equally likely.

    Attributes:
        weights: The same.
    """

    def __init__(self, weights: Floats | None = None) -> None:
        self.weights: Floats = np.zeros(WEIGHTS) if weights is None else np.asarray(weights, dtype=float)
        if self.weights.shape != (WEIGHTS,):
            raise DataError(f"weights have shape {self.weights.shape}, expected ({WEIGHTS},)")

    def scores(self, choices: Choices) -> Floats:
        """Return the scores of the candidates of one step."""
        by_kind, by_state, crossed = _parts(self.weights)
        kinds = choices.kinds
        scores = np.einsum("ij,ij->i", by_kind[kinds], choices.features) + (by_state @ choices.state)[kinds]
        if len(choices.rows):
            scores += np.bincount(choices.rows, crossed[choices.columns], minlength=len(kinds))
        return np.asarray(scores + choices.prior)

    def log_probs(self, choices: Choices) -> Floats:
        """Return the log-probabilities of the candidates of one step."""
        scores = self.scores(choices)
        scores -= scores.max()
        return np.asarray(scores - np.log(np.exp(scores).sum()))

    def batch_scores(self, batch: Batch) -> Floats:
        """Return the scores of all candidates of a batch."""
        by_kind, by_state, crossed = _parts(self.weights)
        scores = np.einsum("ij,ij->i", by_kind[batch.kinds], batch.features)
        scores += (batch.states @ by_state.T)[batch.step_of, batch.kinds]
        scores += np.bincount(batch.rows, crossed[batch.columns], minlength=len(scores))
        return np.asarray(scores + batch.prior)

    @staticmethod
    def gradient(batch: Batch, by_score: Floats) -> Floats:
        """Return the gradient by the weights, given that by the scores."""
        gradient = np.zeros(WEIGHTS)
        by_kind, by_state, crossed = _parts(gradient)
        weighted = by_score[:, None] * batch.features
        for kind in np.unique(batch.kinds):
            mine = batch.kinds == kind
            by_kind[kind] = weighted[mine].sum(axis=0)
            by_state[kind] = by_score[mine] @ batch.states[batch.step_of[mine]]
        crossed += np.bincount(batch.columns, by_score[batch.rows], minlength=HASHED)
        return gradient

    def save(self, path: Path, **about: Any) -> None:
        """Write the weights with the names of kinds and features, and whatever else is to be known of them."""
        used = np.flatnonzero(self.weights).astype(np.int32)
        header = json.dumps({"format": FORMAT, "names": names(), "about": about}, sort_keys=True)
        with path.open("wb") as file:
            np.savez_compressed(file, header=np.array(header), places=used, values=self.weights[used].astype("f4"))

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """Read weights.

        Raises:
            DataError: If there is no such file, or it is of other kinds or features.
        """
        return cls(read(path)[0])


def read(path: Path) -> tuple[Floats, dict[str, Any]]:
    """Return the weights of a file and what was written about them.

    Raises:
        DataError: If there is no such file, or it is of other kinds or features.
    """
    try:
        with path.open("rb") as opened:
            _check_size(opened)
            with np.load(opened, allow_pickle=False) as file:
                header = json.loads(str(file["header"]))
                places, values = file["places"], file["values"]
    except KeyError as error:
        raise DataError(f"{path} is no file of weights: it has other arrays; name the weights.npz of a run") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is no file of weights: {error}; train anew") from error
    except (MemoryError, RecursionError) as error:
        raise DataError(f"{path} is no file of weights: it takes too much memory; train anew") from error
    if not isinstance(header, dict) or not isinstance(header.get("about"), dict):
        raise DataError(f"{path} is no file of weights: its header does not say what they are; train anew")
    if header.get("format") != FORMAT or header.get("names") != names():
        raise DataError(
            f"{path} has weights for other kinds or features of candidates than this version has: train anew"
        )
    if not _fit(places, values):
        raise DataError(f"{path} has weights that are no finite numbers, or out of place: train anew")
    weights = np.zeros(WEIGHTS)
    weights[places] = values
    return weights, header["about"]


def _check_size(opened: BinaryIO) -> None:
    """Check that an archive unpacks to no more than weights may take: a small file may unpack to gigabytes.

    Raises:
        BadZipFile: If it is no archive.
        ValueError: If it unpacks to more.
    """
    with ZipFile(opened) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _MOST_BYTES:
        raise ValueError(f"it unpacks to {size} bytes, and weights to {_MOST_BYTES} at most")
    opened.seek(0)


def _fit(places: Any, values: Any) -> bool:
    """Whether values are finite numbers, one for each place of a weight."""
    if places.dtype.kind != "i" or values.dtype.kind != "f" or places.ndim != 1 or places.shape != values.shape:
        return False
    finite = np.abs(values) <= np.finfo(float).max  # which a longer number is not that becomes infinite as a weight
    return bool(finite.all() and (places >= 0).all() and (places < WEIGHTS).all())


def names() -> list[Any]:
    """Return the names of all kinds and features: what the places of the weights mean."""
    return [HASHED, list(CROSSED), list(STATE), [[kind.name, list(kind.features)] for kind in KINDS]]


def _parts(weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return views: by kind and feature, by kind and state, by crossed feature."""
    return (
        weights[:_BY_KIND].reshape(_KINDS, WIDTH),
        weights[_BY_KIND : _BY_KIND + _BY_STATE].reshape(_KINDS, len(STATE)),
        weights[_BY_KIND + _BY_STATE :],
    )
