"""Result rows: one JSON line per episode, complete enough to play the episode again.

`ResultFile` writes each row with one system call, so that an interrupted run leaves whole lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, BinaryIO

from agemem_env.errors import ConfigurationError, DataError
from benchmarks.specs import RunSpec

SCHEMA = 3
"""Version of the row format."""


@dataclass(frozen=True)
class EpisodeRow:
    """One episode: what was played, and what came of it.

    What came of it is None if the episode crashed; `error` is None if it did not.

    Attributes:
        schema: Version of this format.
        config_hash: Digest of environment, arguments, policy, memory, model, seed and the version of agemem_env.
        env_id: Id of the environment.
        env_kwargs: Its keyword arguments.
        benchmark: Name of the benchmark.
        policy: Name of the policy.
        memory: Memory system around the policy's model; None if it has none.
        model: Options on which the model's replies depend.
        seed: Seed of the episode and of the policy.
        split: Split that the task is from.
        reward_profile: Reward profile.
        versions: Version of agemem_env, gymnasium, numpy and python.
        error: ``type``, ``message`` and ``traceback`` of the exception that ended the episode.
        task_id: Id of the task.
        source: ``official`` or ``generated``.
        reward: Sum of the rewards.
        reward_components: Components and their parts; None means not scored.
        metrics: Metrics of the episode; None means that a metric does not apply.
        tool_calls: Calls by tool.
        errors: The agent's mistakes by kind.
        tokens: Size of the last prompt, in tokens of the counter.
        token_counter: Name of the token counter.
        overflow: Whether the context ever exceeded its budget.
        steps: Turns taken.
        terminated: Whether the episode ended by itself rather than by the turn limit.
        success: Whether the task is solved.
        progress: Best progress, in [0, 1].
        seconds: Wall-clock time spent in the environment (``env``) and in the policy (``policy``).
        cost: What language models cost in this episode: ``calls``, ``prompt_tokens``, ``completion_tokens``,
            ``price`` in US dollars (None if unknown), ``seconds``. Crashed episodes have it too if it is known.
        memory_cost: The share of that which the memory system's own calls had.
        service_cost: The share of the environment's judge, summariser and encoder.
        service_faults: How often one of them failed and the episode went on, by kind; what a judge could not judge
            is None in `reward_components` and `metrics`.
    """

    schema: int
    config_hash: str
    env_id: str
    env_kwargs: Mapping[str, Any]
    benchmark: str
    policy: str
    memory: str | None
    model: Mapping[str, Any]
    seed: int
    split: str
    reward_profile: str
    versions: Mapping[str, str]
    error: Mapping[str, str] | None = None
    task_id: str | None = None
    source: str | None = None
    reward: float | None = None
    reward_components: Mapping[str, float | None] | None = None
    metrics: Mapping[str, float | None] | None = None
    tool_calls: Mapping[str, int] | None = None
    errors: Mapping[str, int] | None = None
    tokens: int | None = None
    token_counter: str | None = None
    overflow: bool | None = None
    steps: int | None = None
    terminated: bool | None = None
    success: bool | None = None
    progress: float | None = None
    seconds: Mapping[str, float] | None = None
    cost: Mapping[str, float | None] | None = None
    memory_cost: Mapping[str, float | None] | None = None
    service_cost: Mapping[str, float | None] | None = None
    service_faults: Mapping[str, int] | None = None

    def __post_init__(self) -> None:
        """Check the row.

        Raises:
            DataError: If a value has the wrong type, or an episode without an error lacks an outcome.
        """
        if self.schema != SCHEMA:
            raise DataError(f"schema {self.schema!r} is not {SCHEMA}, the one that this version reads")
        if self.error is not None:
            _check("error", self.error, dict)
        for name, kind in _IDENTITY.items():
            _check(name, getattr(self, name), kind)
        for name, kind in _OUTCOME.items():
            if self.error is None or getattr(self, name) is not None:
                _check(name, getattr(self, name), kind)
        if self.memory is not None:
            _check("memory", self.memory, str)
        for name in (*_WITH_GAPS, "tool_calls", "errors", "seconds", "service_faults"):
            for key, value in (getattr(self, name) or {}).items():
                if value is not None or name not in _WITH_GAPS:
                    _check(f"{name}[{key!r}]", value, float)

    @property
    def spec(self) -> RunSpec:
        """What to play to get this row again."""
        return RunSpec(self.env_id, self.env_kwargs, self.policy, self.seed, self.memory, self.model)

    def to_json(self) -> str:
        """Return the row as one line.

        Raises:
            ValueError: If a number is not finite.
            TypeError: If something is not a JSON value.
        """
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(row, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> EpisodeRow:
        """Return the row that a line holds.

        Raises:
            DataError: If the line is not a valid row.
        """
        try:
            values = json.loads(line)
        except ValueError as error:
            raise DataError(f"not JSON ({error})") from error
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != names:
            wrong = sorted(names.symmetric_difference(values)) if isinstance(values, dict) else ["all"]
            raise DataError(f"not a result row of schema {SCHEMA}: missing or unknown fields {', '.join(wrong)}")
        return cls(**values)


_IDENTITY: Mapping[str, type] = MappingProxyType(
    {
        "config_hash": str,
        "env_id": str,
        "env_kwargs": dict,
        "benchmark": str,
        "policy": str,
        "model": dict,
        "seed": int,
        "split": str,
        "reward_profile": str,
        "versions": dict,
    }
)

_OUTCOME: Mapping[str, type] = MappingProxyType(
    {
        "task_id": str,
        "source": str,
        "reward": float,
        "reward_components": dict,
        "metrics": dict,
        "tool_calls": dict,
        "errors": dict,
        "tokens": int,
        "token_counter": str,
        "overflow": bool,
        "steps": int,
        "terminated": bool,
        "success": bool,
        "progress": float,
        "seconds": dict,
        "cost": dict,
        "memory_cost": dict,
        "service_cost": dict,
        "service_faults": dict,
    }
)

_WITH_GAPS = ("reward_components", "metrics", "cost", "memory_cost", "service_cost")
"""Tables in which None stands for what is not known or does not apply."""


def _check(name: str, value: object, kind: type) -> None:
    kinds = (int, float) if kind is float else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{name} must be of type {kind.__name__}, not {value!r}")


def read_rows(path: Path) -> list[EpisodeRow]:
    """Return the rows of a file, in order.

    Raises:
        DataError: If the file is missing or a line is not a valid row; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            break
        try:
            rows.append(EpisodeRow.from_json(line))
        except DataError as error:
            raise DataError(f"{path}, line {number}: {error}; delete the line to go on without it") from error
    return rows


def latest(rows: Iterable[EpisodeRow]) -> dict[str, EpisodeRow]:
    """Return the rows by config hash; of rows that repeat each other the last one counts."""
    return {row.config_hash: row for row in rows}


def good_rows(path: Path) -> dict[str, EpisodeRow]:
    """Return the rows of a file by config hash, without those of crashed episodes; none if there is no file.

    Raises:
        DataError: If a line is not a valid row.
    """
    return {key: row for key, row in latest(read_rows(path)).items() if row.error is None} if path.exists() else {}


class ResultFile:
    """A file to which rows are appended.

    Args:
        path: The file; its folder is created.
        overwrite: Replace an existing file.
        resume: Keep the rows of an existing file and append to them.

    Attributes:
        path: The file.
        finished: Rows that a resumed file already held, by config hash, without those of crashed episodes,
            which are played again.

    Raises:
        ConfigurationError: If the file exists and neither `overwrite` nor `resume` is set.
        DataError: If a resumed file holds a line that is not a valid row.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = path
        self.finished: Mapping[str, EpisodeRow] = good_rows(path) if resume else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file: BinaryIO = path.open("ab" if resume else "wb" if overwrite else "xb", buffering=0)
        except FileExistsError:
            raise ConfigurationError(
                f"{path} exists: use --resume to go on with it, --overwrite to replace it"
            ) from None
        self._start = self._file.seek(0, os.SEEK_END)
        self._appended: list[EpisodeRow] = []

    def append(self, row: EpisodeRow) -> None:
        """Write one row, whole or not at all."""
        self._file.write(f"{row.to_json()}\n".encode())
        self._appended.append(row)

    def arrange(self, specs: Iterable[RunSpec]) -> None:
        """Bring the rows appended so far into the order of `specs`, in one step; earlier rows stay first."""
        place = {spec.config_hash: i for i, spec in enumerate(specs)}
        ordered = sorted(self._appended, key=lambda row: place.get(row.config_hash, len(place)))
        if ordered == self._appended:
            return
        kept = self.path.read_bytes()[: self._start]
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        beside.write_bytes(kept + "".join(f"{row.to_json()}\n" for row in ordered).encode())
        self._file.close()
        os.replace(beside, self.path)
        self._file, self._appended = self.path.open("ab", buffering=0), ordered

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
