"""Single environments of a pool, each stepped when its caller likes; results come in order of completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from gymnasium.vector import AutoresetMode

from agemem_env.vector.batches import Batch, EnvTurn
from agemem_env.vector.failures import Failure
from agemem_env.vector.merging import row
from agemem_env.vector.places import BEGIN, Done
from agemem_env.vector.pool import Pool
from agemem_env.vector.worker import Ended, Lost, Op

ENGINE_ERROR = "engine_error"
"""Key of ``info`` that says why an episode was lost."""


class SlotResult(NamedTuple):
    """What one environment gave.

    Attributes:
        env: Index of the environment.
        observation: As `AgeMemEnv.step` or `reset` returns it; after a loss the last one before it.
        reward: 0.0 for a reset.
        terminated: Whether the episode has ended by itself.
        truncated: Whether it was ended; True as well if it was lost.
        info: As `AgeMemEnv.step` or `reset` returns it. After a loss the last one before it, with ``engine_error``
            that says why and ``success`` False.
    """

    env: int
    observation: Any
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]

    @property
    def over(self) -> bool:
        """Whether an episode has ended."""
        return self.terminated or self.truncated


class Value(NamedTuple):
    """What one environment gave that is no observation.

    Attributes:
        env: Index of the environment.
        value: What it gave.
    """

    env: int
    value: Any


class Failed(NamedTuple):
    """What one environment raised.

    Attributes:
        env: Index of the environment.
        failure: The exception.
    """

    env: int
    failure: Failure


Result: TypeAlias = "SlotResult | Value | Failed"


class Stepper:
    """Steps environments of a pool one by one and resets them as an autoreset mode says.

    Args:
        pool: The pool.
        count: Number of its environments.
        mode: What happens after the end of an episode.
    """

    def __init__(self, pool: Pool, count: int, mode: AutoresetMode) -> None:
        self._pool = pool
        self._mode = mode
        self._over = [False] * count
        self._latest: list[SlotResult | Batch | None] = [None] * count
        self._past: list[SlotResult | Batch | None] = []
        self._finals: dict[int, SlotResult] = {}

    def step(self, actions: Mapping[int, Any], together: bool = False) -> None:
        """Begin a step of some environments; what comes of it is a result of `take`, or together part of a batch."""
        self._pool.submit([self._op(index, action) for index, action in actions.items()], together)
        self._past.clear()  # the memory of earlier results is freed while processes work

    def begin(self, ops: Sequence[Op], together: bool = False) -> None:
        """Begin resets and the like."""
        self._pool.submit(ops, together)

    def take(self, timeout_s: float | None = None) -> list[Result | Batch]:
        """Return all results that are there, at least one unless the time is up."""
        results: list[Result | Batch] = []
        while not results:
            done = self._pool.collect(timeout_s)
            if not done:
                break
            results = [result for one in done for result in self._results_of(one)]
        return results

    def _op(self, index: int, action: Any) -> Op:
        if self._mode == AutoresetMode.SAME_STEP:
            return index, "step_on", (action,)
        if self._mode == AutoresetMode.NEXT_STEP and self._over[index]:
            return index, "reset", (None, None)
        return index, "step", (action,)

    def _results_of(self, done: Done | Batch) -> Sequence[Result | Batch]:
        """Return what something done means; nothing if more has to be done for it."""
        if isinstance(done, Batch):
            for index, over in zip(done.envs, done.over, strict=True):
                self._past.append(self._latest[index])
                self._over[index], self._latest[index] = over, done
            return [done]
        index, method, value = done
        if isinstance(value, Failure):
            self._finals.pop(index, None)
            return [Failed(index, value)]
        if isinstance(value, Lost):
            result = self._lost(index, value.cause)
            could_not_start = self._finals.pop(index, None) is not None or method in BEGIN
            if self._mode != AutoresetMode.SAME_STEP or could_not_start:
                return [self._noted(result)]
            return self._restarted(result)
        if isinstance(value, EnvTurn):
            return [self._noted(SlotResult(index, *value))]
        if not isinstance(value, Ended):
            return [Value(index, value)]
        last = SlotResult(index, *value.last)
        if isinstance(value.after, Lost):
            return self._restarted(last)
        self._finals[index] = last
        return [self._noted(SlotResult(index, *value.after))]

    def _lost(self, index: int, cause: str) -> SlotResult:
        latest = self._latest[index]
        info = row(latest.infos, index) if isinstance(latest, Batch) else latest.info if latest else {}
        info = {**info, "success": False, ENGINE_ERROR: cause}
        return SlotResult(index, self._pool.again(index), 0.0, False, True, info)

    def _restarted(self, last: SlotResult) -> list[Result]:
        """Start the next episode in the same step, now that the process or the simulator has been replaced."""
        self._finals[last.env] = last
        self._pool.submit([(last.env, "reset", (None, None))])
        return []

    def _noted(self, result: SlotResult) -> SlotResult:
        """Return a result, with the last step of the episode before it where they are one step."""
        self._over[result.env], self._latest[result.env] = result.over, result
        last = self._finals.pop(result.env, None)
        if last is None:
            return result
        info = {"final_info": last.info, "final_obs": last.observation, **result.info}
        return last._replace(observation=result.observation, info=info)


def split(batch: Batch) -> list[SlotResult]:
    """Return the result of each environment."""
    return [SlotResult(index, *turn) for index, turn in zip(batch.envs, batch.turns(), strict=True)]


def checked(result: Result) -> SlotResult | Value:
    """Return a result.

    Raises:
        Exception: What the environment raised.
    """
    if isinstance(result, Failed):
        raise result.failure.exception()
    return result
