"""`PoolVectorEnv`: environments side by side in a pool of worker processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

import gymnasium as gym
import numpy as np
from gymnasium.error import ClosedEnvironmentError
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

from agemem_env.episode.one_thread import OneThread
from agemem_env.errors import ConfigurationError, EngineCrash, unknown_name
from agemem_env.text.numbers import from_numpy
from agemem_env.vector.batches import Batch, EnvTurn, in_order
from agemem_env.vector.deliveries import Deliveries
from agemem_env.vector.merging import join, row
from agemem_env.vector.pool import Pool
from agemem_env.vector.stepping import ENGINE_ERROR, Result, SlotResult, Stepper, Value, checked
from agemem_env.vector.worker import Env, Hello, Op

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


class PoolVectorEnv(VectorEnv[Any, Any, Any]):
    """Environments side by side in worker processes, fewer than environments.

    It keeps Gymnasium's contract of vector environments, and steps each environment for itself if asked to: `send`
    begins a step of one environment, `recv` returns what is done first. Environments in one process share what they
    can, such as a Java virtual machine or a loaded game.

    Args:
        makers: Makes each environment; functions that can be pickled with `cloudpickle`.
        workers: Number of processes; None for one per processor, at most one per environment.
        autoreset_mode: What happens after the end of an episode, as in Gymnasium.
        step_limit_s: Seconds that a step or a reset may take; a process that takes longer is replaced. None: no limit.
        worker_memory_mb: Memory, child processes included, beyond which a process is replaced when an episode in it
            has ended; its environments move on unchanged. None: no limit.

    Raises:
        ConfigurationError: If an argument is not allowed.
        WorkerError: If a process cannot start.
    """

    def __init__(
        self,
        makers: Sequence[Callable[[], Env]],
        *,
        workers: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        step_limit_s: float | None = None,
        worker_memory_mb: float | None = None,
    ) -> None:
        if sys.platform == "win32":
            raise ConfigurationError("the pool needs Unix sockets: use vectorization_mode='sync' or 'async' on Windows")
        _at_least_one("num_envs", len(makers))
        for name, limit in (("step_limit_s", step_limit_s), ("worker_memory_mb", worker_memory_mb)):
            if limit is not None and not limit > 0:
                raise ConfigurationError(f"{name}={limit!r} is not allowed; use a number above 0, or None")
        if workers is not None:
            _at_least_one("workers", workers)
        self.num_envs = len(makers)
        self.autoreset_mode = _mode(autoreset_mode)
        self._memory_mb = worker_memory_mb
        self._pool = Pool(makers, min(workers or os.cpu_count() or 1, self.num_envs), step_limit_s)
        self._stepper = Stepper(self._pool, self.num_envs, self.autoreset_mode)
        self._deliveries = Deliveries(self._stepper, self._pool)
        self._alone = OneThread()
        hello = self._pool.hello
        assert isinstance(hello, Hello), "the workers have said what they hold"
        self.single_observation_space, self.single_action_space = hello.spaces
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.metadata = {**hello.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = hello.render_mode

    @property
    def pids(self) -> list[int]:
        """Numbers of the worker processes."""
        return self._pool.pids

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in each environment, or in those of ``options["reset_mask"]``.

        Args:
            seed: Seed of the first environment, to which each other adds its index; or one seed each.
            options: Given to each environment, but ``reset_mask``: an array of truth values.

        Returns:
            All observations, the last ones of environments not reset, and the infos of those that were.
        """
        seeds = self._seeds(seed)
        given, mask = self._mask(options)
        with self._turn("reset()"):
            if mask.all():
                self._deliveries.clear()
            self._stepper.begin([(i, "reset", (seeds[i], given)) for i in range(self.num_envs) if mask[i]], True)
            batches = self._take_all(np.flatnonzero(mask).tolist())
        for batch in batches:
            for index, over in zip(batch.envs, batch.over, strict=True):
                if over:
                    raise EngineCrash(
                        f"environment {index} could not be reset: {row(batch.infos, index)[ENGINE_ERROR]}"
                    )
        return self._observations(batches), self._infos(batches)

    def step(self, actions: Any) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """Take a step in each environment.

        Args:
            actions: An action for each.
        """
        with self._turn("step()"):
            self._stepper.step(dict(enumerate(iterate(self.action_space, actions))), together=True)
            batches = self._take_all(range(self.num_envs))
            self._tidy(any(over for batch in batches for over in batch.over))
        return (
            self._observations(batches),
            np.array([reward for batch in batches for reward in batch.rewards], dtype=np.float64),
            np.array([ended for batch in batches for ended in batch.terminated], dtype=np.bool_),
            np.array([cut for batch in batches for cut in batch.truncated], dtype=np.bool_),
            self._infos(batches),
        )

    def send(self, index: int, action: Any) -> None:
        """Begin a step of one environment, which must not be in one; `recv` returns what comes of it.

        Any thread may call this, while another waits in `recv`.
        """
        self._check_open("send()")
        self._stepper.step({self._index(index): action})

    def send_reset(self, index: int, *, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin an episode in one environment, which must not be in a step; `recv` returns how it begins.

        Any thread may call this, while another waits in `recv`.
        """
        self._check_open("send_reset()")
        self._stepper.begin([(self._index(index), "reset", (from_numpy(seed), options))])

    def recv(self, timeout_s: float | None = None) -> SlotResult:
        """Return what was done first of what `send` and `send_reset` have begun.

        Args:
            timeout_s: Seconds to wait. With a time, something need not have been begun yet: another thread may do it.

        Raises:
            ConfigurationError: If nothing was begun.
            TimeoutError: If nothing was done in this time.
        """
        with self._turn("recv()"):
            if timeout_s is None and not self._deliveries.expected:
                raise ConfigurationError("there is nothing to receive: call send() or send_reset() first")
            result = self._deliveries.next(timeout_s)
            if result is None:
                raise TimeoutError(f"no environment was done within {timeout_s:g} s")
            return self._tidied(result)

    async def arecv(self) -> SlotResult:
        """Do what `recv` does, in a coroutine."""
        if not self._deliveries.expected:
            raise ConfigurationError("there is nothing to receive: call send() or send_reset() first")
        return self._tidied(await self._deliveries.any())

    async def astep(self, index: int, action: Any) -> SlotResult:
        """Take a step in one environment, in a coroutine; many of them may wait at the same time."""
        await self._deliveries.idle(index)
        self.send(index, action)
        return self._tidied(await self._deliveries.of(index))

    async def areset(self, index: int, *, seed: int | None = None, options: dict[str, Any] | None = None) -> SlotResult:
        """Start an episode in one environment, in a coroutine."""
        await self._deliveries.idle(index)
        self.send_reset(index, seed=seed, options=options)
        return self._tidied(await self._deliveries.of(index))

    def make_group(self, task: str | int, k: int, *, seed: int | None = None, start: int = 0) -> list[SlotResult]:
        """Start one task in ``k`` environments, equal in everything: it is begun once and copied.

        Args:
            task: Id or index of the task.
            k: Number of environments.
            seed: Seed of the episode.
            start: Index of the first of them; the others follow it.

        Returns:
            How each begins. To share more than the beginning, play the first on and call `copy_episode`.
        """
        _at_least_one("k", k)
        first, *others = (self._index(index) for index in range(start, start + k))
        with self._turn("make_group()"):
            self._stepper.begin([(first, "reset", (from_numpy(seed), {"task": task}))])
            begun = self._take([first])[first]
        return [begun, *(self.copy_episode(first, others) if others else [])]

    def copy_episode(self, source: int, targets: Sequence[int]) -> list[SlotResult]:
        """Let environments go on from where another one is, whatever they were playing.

        Args:
            source: The environment that is copied.
            targets: The others, none of which must be in a step.

        Returns:
            Where each of the others is now.
        """
        source, indices = self._index(source), [self._index(index) for index in targets]
        with self._turn("copy_episode()"):
            self._stepper.begin([(source, "snapshot", ())])
            snapshot = cast(Value, checked(self._deliveries.wait_for([source])[source])).value
            self._stepper.begin([(index, "restore", (snapshot,)) for index in indices])
            results = self._take(indices)
        return [results[index] for index in indices]

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Return of each environment what a method returns, or the value of an attribute."""
        return self._values([(i, "call", (name, args, kwargs)) for i in range(self.num_envs)])

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return an attribute of each environment."""
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of each environment: a list or tuple holds a value for each."""
        each = values if isinstance(values, (list, tuple)) else [values] * self.num_envs
        if len(each) != self.num_envs:
            raise ValueError(f"{len(each)} values for {self.num_envs} environments: use one for each, or one for all")
        self._values([(i, "set", (name, value)) for i, value in enumerate(each)])

    def render(self) -> tuple[Any, ...]:
        """Return what each environment renders."""
        return self.call("render")

    @property  # type: ignore[misc]
    def np_random(self) -> Any:
        """The generators of the environments, as copies."""
        return self.call("np_random")

    @property
    def np_random_seed(self) -> Any:
        """The seeds of the environments."""
        return self.call("np_random_seed")

    def close_extras(self, **kwargs: Any) -> None:
        """End the worker processes."""
        self._pool.close()

    def _values(self, ops: Sequence[Op]) -> tuple[Any, ...]:
        """Return what operations that give no observations give, in their order."""
        with self._turn("call()"):
            self._stepper.begin(ops)
            found = self._deliveries.wait_for([index for index, _, _ in ops])
        return tuple(cast(Value, checked(found[index])).value for index, _, _ in ops)

    def _take(self, envs: Collection[int]) -> dict[int, SlotResult]:
        """Return the results of some environments; all of them are there before one that failed is raised."""
        found = self._deliveries.wait_for(envs)
        return {index: cast(SlotResult, checked(result)) for index, result in found.items()}

    def _take_all(self, envs: Collection[int]) -> list[Batch]:
        """Return the results of some environments, in order, as `_take` does."""
        found, batches = self._deliveries.wait_for_all(envs)
        for index, result in found.items():
            batches.append(Batch.of([index], [EnvTurn(*cast(SlotResult, checked(result))[1:])]))
        return in_order(batches)

    def _tidied(self, result: Result) -> SlotResult:
        step = cast(SlotResult, checked(result))
        self._tidy(step.over)
        return step

    def _tidy(self, over: bool) -> None:
        """Replace processes that take too much memory, if an episode has ended."""
        if over and self._memory_mb is not None:
            self._pool.renew(self._memory_mb)

    def _check_open(self, what: str) -> None:
        if self.closed or not self._pool.close.alive:
            raise ClosedEnvironmentError(f"{what} was called after close()")

    @contextmanager
    def _turn(self, what: str) -> Iterator[None]:
        """Let one thread at a time in."""
        self._check_open(what)
        with self._alone(what):
            yield

    def _observations(self, batches: Sequence[Batch]) -> Any:
        each = [observation for batch in batches for observation in batch.observations]
        if len(each) < self.num_envs:
            found = dict(zip([index for batch in batches for index in batch.envs], each, strict=True))
            each = [found[i] if i in found else self._pool.again(i) for i in range(self.num_envs)]
        return stacked(self.single_observation_space, each)

    def _infos(self, batches: Sequence[Batch]) -> dict[str, Any]:
        return join([batch.infos for batch in batches], self.num_envs)

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        given = from_numpy(seed)
        if given is None:
            return [None] * self.num_envs
        if isinstance(given, int):
            return [given + i for i in range(self.num_envs)]
        if len(given) != self.num_envs:
            raise ValueError(f"{len(given)} seeds for {self.num_envs} environments: use one for each, or one number")
        return [from_numpy(one) for one in given]

    def _mask(self, options: dict[str, Any] | None) -> tuple[dict[str, Any] | None, Array]:
        """Return the options for the environments and which of them are meant."""
        if options is None or "reset_mask" not in options:
            return options, np.ones(self.num_envs, dtype=np.bool_)
        mask = options["reset_mask"]
        if (
            not isinstance(mask, np.ndarray)
            or mask.dtype != np.bool_
            or mask.shape != (self.num_envs,)
            or not mask.any()
        ):
            raise ConfigurationError(
                f"reset_mask={mask!r} is not allowed; use an array of {self.num_envs} truth values, one at least true"
            )
        return {name: value for name, value in options.items() if name != "reset_mask"} or None, mask

    def _index(self, index: int) -> int:
        found = from_numpy(index)
        if type(found) is not int or not 0 <= found < self.num_envs:
            raise ConfigurationError(f"index={index!r} is not allowed; use 0 to {self.num_envs - 1}")
        return found


def stacked(space: gym.Space[Any], each: Sequence[Any]) -> Any:
    """Return observations as one, as Gymnasium does, in less time for single numbers."""
    if isinstance(space, gym.spaces.Dict):
        return {key: stacked(part, [one[key] for one in each]) for key, part in space.items()}
    if isinstance(space, (gym.spaces.Box, gym.spaces.Discrete)) and space.shape == ():
        return np.array(each, dtype=space.dtype)
    return concatenate(space, each, cast(Any, create_empty_array(space, len(each))))


def _mode(given: str | AutoresetMode) -> AutoresetMode:
    names = {mode.value: mode for mode in AutoresetMode}
    if isinstance(given, AutoresetMode):
        return given
    if given not in names:
        raise unknown_name("autoreset_mode", given, names)
    return names[given]


def _at_least_one(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f"{name}={value!r} is not allowed; use an integer from 1 on")
