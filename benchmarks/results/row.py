"""`EpisodeRow`: what is kept of one episode, as one JSON line, complete enough to play the episode again.

A field of a row is declared once: its annotation says of which type it is and where it comes from, and both what is
written and what is checked follow from that.
"""

import json
import platform
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast

import gymnasium as gym
import numpy as np

import agemem_env
from agemem_env.config import EnvConfig
from agemem_env.errors import DataError
from agemem_env.types import Task
from baselines.rollout import EpisodeResult
from benchmarks.results.fields import (
    OLDEST_SCHEMA,
    FromCosts,
    FromResult,
    FromSpec,
    FromTask,
    RowField,
    check_type,
    declared_by,
)
from benchmarks.specs import RunSpec

SCHEMA = 6
"""Version of the row format: one more when a field is added, which then says since when it is there."""

Numbers = Mapping[str, float]
NumbersWithGaps = Mapping[str, float | None]
"""Numbers by name; None stands for what is not known or does not apply."""


def _versions(spec: RunSpec) -> dict[str, str]:
    return {
        "agemem_env": agemem_env.__version__,
        "gymnasium": gym.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _seconds(result: EpisodeResult) -> dict[str, float]:
    return {"env": round(result.seconds, 6), "policy": round(result.policy_seconds, 6)}


@dataclass(frozen=True, kw_only=True)
class EpisodeRow:
    """One episode: what was played, and what came of it.

    What came of it is None if the episode crashed; `error` is None if it did not.

    Raises:
        DataError: If a value has the wrong type, or an episode without an error lacks what came of it.
    """

    schema: Annotated[int, FromSpec(lambda spec: SCHEMA)]
    """Version of this format."""

    config_hash: Annotated[str, FromSpec(lambda spec: spec.config_hash)]
    """Digest of environment, arguments, policy, memory, model, seed and the version of agemem_env."""

    env_id: Annotated[str, FromSpec(lambda spec: spec.env_id)]
    """Id of the environment, or ``module:Class`` of an engine from elsewhere."""

    env_kwargs: Annotated[Mapping[str, Any], FromSpec(lambda spec: dict(spec.env_kwargs))]
    """Keyword arguments of the environment."""

    benchmark: Annotated[str, FromSpec(lambda spec: spec.benchmark)]
    """Name of the benchmark."""

    policy: Annotated[str, FromSpec(lambda spec: spec.policy)]
    """Name of the policy."""

    memory: Annotated[str | None, FromSpec(lambda spec: spec.memory)]
    """Memory system around the policy's model; None if it has none."""

    model: Annotated[Mapping[str, Any], FromSpec(lambda spec: dict(spec.model))]
    """Options on which the model's replies depend."""

    seed: Annotated[int, FromSpec(lambda spec: spec.seed)]
    """Seed of the episode and of the policy."""

    task: Annotated[str | None, FromSpec(lambda spec: spec.task, since=6)] = None
    """Id of the task that was asked for; None if the seed drew it."""

    after: Annotated[str | None, FromSpec(lambda spec: spec.after, since=6)] = None
    """The `config_hash` of the episode whose memory this one went on with."""

    split: Annotated[str, FromSpec(lambda spec: spec.env_kwargs.get("split", EnvConfig.split))]
    """Split that the task is from."""

    reward_profile: Annotated[str, FromSpec(lambda spec: spec.env_kwargs.get("reward", EnvConfig.reward))]
    """Reward profile."""

    versions: Annotated[Mapping[str, str], FromSpec(_versions)]
    """Version of agemem_env, gymnasium, numpy and python."""

    error: Mapping[str, str] | None = None
    """``type``, ``message`` and ``traceback`` of the exception that ended the episode."""

    task_id: Annotated[str | None, FromResult(lambda result: result.info["task_id"])] = None
    """Id of the task."""

    source: Annotated[str | None, FromResult(lambda result: result.info["source"])] = None
    """``official`` or ``generated``."""

    difficulty: Annotated[str | None, FromTask(lambda task: task.difficulty, since=5)] = None
    """``easy``, ``medium`` or ``hard``; None if nobody said."""

    reward: Annotated[float | None, FromResult(lambda result: result.reward)] = None
    """Sum of the rewards."""

    reward_components: Annotated[
        NumbersWithGaps | None, FromResult(lambda result: result.info["reward_components"])
    ] = None
    """Components and their parts; None means not scored."""

    metrics: Annotated[NumbersWithGaps | None, FromResult(lambda result: result.info["metrics"])] = None
    """Metrics of the episode; None means that a metric does not apply."""

    tool_calls: Annotated[Mapping[str, int] | None, FromResult(lambda result: result.info["tool_calls"])] = None
    """Calls by tool."""

    errors: Annotated[Mapping[str, int] | None, FromResult(lambda result: result.info["errors"])] = None
    """The agent's mistakes by kind."""

    tokens: Annotated[int | None, FromResult(lambda result: result.info["tokens"])] = None
    """Size of the last prompt, in tokens of the counter."""

    token_counter: Annotated[str | None, FromResult(lambda result: result.info["token_counter"])] = None
    """Name of the token counter."""

    judge: Annotated[str | None, FromResult(lambda result: result.info["judge"], since=4)] = None
    """Name of the judge on which J and MQ depend; older rows have it in `env_kwargs`, or it was the lexical one."""

    overflow: Annotated[bool | None, FromResult(lambda result: result.info["overflow"])] = None
    """Whether the context ever exceeded its budget."""

    steps: Annotated[int | None, FromResult(lambda result: result.steps)] = None
    """Turns taken."""

    terminated: Annotated[bool | None, FromResult(lambda result: result.terminated)] = None
    """Whether the episode ended by itself rather than by the turn limit."""

    success: Annotated[bool | None, FromResult(lambda result: result.info["success"])] = None
    """Whether the task is solved."""

    progress: Annotated[float | None, FromResult(lambda result: result.info["progress"])] = None
    """Best progress, in [0, 1]."""

    progress_by_turn: Annotated[Numbers | None, FromResult(lambda result: result.progress_by_turn, since=5)] = None
    """Turn of stage 3, as a text, mapped to the best progress from then on; turns that brought none are left out."""

    entries: Annotated[int | None, FromResult(lambda result: result.entries, since=6)] = None
    """Entries in long-term memory at the end."""

    seconds: Annotated[Numbers | None, FromResult(_seconds)] = None
    """Wall-clock time spent in the environment (``env``) and in the policy (``policy``)."""

    cost: Annotated[NumbersWithGaps | None, FromCosts()] = None
    """What language models cost in this episode: ``calls``, ``prompt_tokens``, ``completion_tokens``, ``price`` in US
    dollars (None if unknown), ``seconds``. Crashed episodes have it too if it is known."""

    memory_cost: Annotated[NumbersWithGaps | None, FromCosts()] = None
    """The share of that which the memory system's own calls had."""

    service_cost: Annotated[NumbersWithGaps | None, FromCosts(since=3)] = None
    """The share of the environment's judge, summariser and encoder."""

    service_faults: Annotated[Mapping[str, int] | None, FromCosts(since=3)] = None
    """How often one of them failed and the episode went on, by kind; what a judge could not judge is None in
    `reward_components` and `metrics`."""

    def __post_init__(self) -> None:
        """Check the row."""
        _check_schema(self.schema)
        for field in declared():
            field.check(getattr(self, field.name), self.schema, crashed=self.error is not None)
        for part in ("type", "message") if self.error is not None else ():
            check_type(f"error[{part!r}]", cast(Mapping[str, Any], self.error).get(part), str)

    @classmethod
    def finished(cls, spec: RunSpec, result: EpisodeResult, cost: Mapping[str, Any], task: Task) -> "EpisodeRow":
        """Return the row of an episode that was played to its end.

        Args:
            spec: What was played.
            result: What came of it.
            cost: What it cost, from `benchmarks.results.costs`.
            task: The task.

        Raises:
            ValueError: If something in it is not a JSON value.
            TypeError: If something in it is not a JSON value.
        """
        outcome = {f.name: f.source.make(result) for f in declared() if isinstance(f.source, FromResult)}
        said = {f.name: f.source.make(task) for f in declared() if isinstance(f.source, FromTask)}
        row = cls(**_identity(spec), **outcome, **said, **cost)
        row.to_json()  # what JSON cannot hold is an error of this episode, not of the file
        return row

    @classmethod
    def crashed(
        cls, spec: RunSpec, error: Exception | SystemExit, cost: Mapping[str, Any] | None = None
    ) -> "EpisodeRow":
        """Return the row of an episode that an exception ended."""
        text = "".join(traceback.format_exception(error))
        return cls._failed(spec, type(error).__name__, str(error), text, cost)

    @classmethod
    def expired(cls, spec: RunSpec, limit: float, cost: Mapping[str, Any] | None = None) -> "EpisodeRow":
        """Return the row of an episode that was given up after its time limit in seconds."""
        message = f"the episode was given up after {limit:g} s; --episode-timeout sets the limit"
        return cls._failed(spec, "EpisodeTimeout", message, cost=cost)

    @classmethod
    def lost(cls, spec: RunSpec, exit_code: int | None) -> "EpisodeRow":
        """Return the row of an episode whose process died."""
        message = f"the process that played the episode ended with exit code {exit_code}"
        return cls._failed(spec, "ProcessDied", message)

    @classmethod
    def _failed(
        cls, spec: RunSpec, kind: str, message: str, text: str = "", cost: Mapping[str, Any] | None = None
    ) -> "EpisodeRow":
        error = {"type": kind, "message": message, "traceback": text}
        return cls(**_identity(spec), error=error, **(cost or {}))

    @property
    def spec(self) -> RunSpec:
        """What to play to get this row again."""
        player = (self.policy, self.seed, self.memory, self.model)
        return RunSpec(self.env_id, self.env_kwargs, *player, self.task, self.after)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {field.name: getattr(self, field.name) for field in declared() if field.since <= self.schema}

    def to_json(self) -> str:
        """Return the row as one line.

        Raises:
            ValueError: If a number is not finite.
            TypeError: If something is not a JSON value.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> "EpisodeRow":
        """Return the row that a line holds.

        Raises:
            DataError: If the line is not a valid row.
        """
        try:
            values = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON ({error})") from error
        if not isinstance(values, dict):
            raise DataError(f"not a result row: {line[:20]!r} is no JSON object")
        schema = values.get("schema", SCHEMA)
        _check_schema(schema)
        names = {field.name for field in declared() if field.since <= schema}
        if set(values) != names:
            wrong = ", ".join(sorted(names.symmetric_difference(values)))
            raise DataError(f"not a result row of schema {schema}: missing or unknown fields {wrong}")
        return cls(**values)


@cache
def declared() -> tuple[RowField, ...]:
    """Return the fields of a row, in the order in which they are written."""
    return declared_by(EpisodeRow)


def _check_schema(schema: Any) -> None:
    check_type("schema", schema, int)
    if not OLDEST_SCHEMA <= schema <= SCHEMA:
        read = ", ".join(map(str, range(OLDEST_SCHEMA, SCHEMA + 1)))
        raise DataError(f"schema {schema} is none of those that this version reads: {read}")


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _identity(spec: RunSpec) -> dict[str, Any]:
    return {field.name: field.source.make(spec) for field in declared() if isinstance(field.source, FromSpec)}
