"""What a worker process does: it holds some of the environments and carries out what it is told."""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import gymnasium as gym
from gymnasium.wrappers import OrderEnforcing

from agemem_env.errors import ConfigurationError, EngineCrash
from agemem_env.vector.batches import Batch, EnvTurn
from agemem_env.vector.failures import Failure
from agemem_env.vector.processes import Link
from agemem_env.vector.wire import Sender

FLUSH_S = 0.005
"""Seconds after which results are sent although more of the same message are to come."""

Env: TypeAlias = gym.Env[Any, Any]
Op: TypeAlias = tuple[int, str, tuple[Any, ...]]
"""Index of an environment, a method of `Slot`, its arguments."""

Answer: TypeAlias = tuple[int, Any]
"""Index of an environment and what its operation gave: a value, a `Lost` or a `Failure`."""


@dataclass(frozen=True)
class Lost:
    """An episode that the engine has lost.

    Attributes:
        cause: Why.
    """

    cause: str


class Ended(NamedTuple):
    """The last turn of an episode, and the first of the one after it.

    Attributes:
        last: The last turn.
        after: The first, or why it could not begin.
    """

    last: EnvTurn
    after: EnvTurn | Lost


class Ops(NamedTuple):
    """What a process is told to do.

    Attributes:
        ops: Operations of different environments.
        together: Whether their results are wanted as a batch, if they are turns.
    """

    ops: Sequence[Op]
    together: bool = False


@dataclass(frozen=True)
class Hello:
    """What a worker says of its environments before all else.

    Attributes:
        spaces: Their observation and action space.
        metadata: Their metadata.
        render_mode: Their render mode.
    """

    spaces: tuple[gym.Space[Any], gym.Space[Any]]
    metadata: dict[str, Any]
    render_mode: str | None


@runtime_checkable
class Restorable(Protocol):
    """A wrapper whose episodes can be copied."""

    def restore(self, snapshot: Any) -> tuple[Any, dict[str, Any]]:
        """Return to a snapshot; return its observation and info."""


class Slot:
    """One environment of a worker.

    Args:
        env: The environment.
    """

    def __init__(self, env: Env) -> None:
        self.env = env
        self._sender = Sender()

    def reset(self, seed: int | None, options: dict[str, Any] | None) -> EnvTurn:
        """Start an episode, with a second try if the simulator was lost since the last."""
        try:
            observation, info = self.env.reset(seed=seed, options=options)
        except EngineCrash:
            observation, info = self.env.reset(seed=seed, options=options)
        return self._begun(observation, info)

    def step(self, action: Any) -> EnvTurn:
        """Take a step."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return EnvTurn(self._sender.pack(observation), float(reward), bool(terminated), bool(truncated), info)

    def step_on(self, action: Any) -> EnvTurn | Ended:
        """Take a step, and start an episode if that ends one."""
        turn = self.step(action)
        if not (turn.terminated or turn.truncated):
            return turn
        try:
            return Ended(turn, self.reset(None, None))
        except EngineCrash as error:
            return Ended(turn, Lost(str(error)))

    def call(self, name: str, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """Return an attribute of the environment, or what it returns when it is called."""
        attribute = self.env.get_wrapper_attr(name)
        return attribute(*arguments, **named) if callable(attribute) else attribute

    def set(self, name: str, value: Any) -> None:
        """Set an attribute of the environment."""
        self.env.set_wrapper_attr(name, value)

    def snapshot(self) -> bytes:
        """Return the state of the episode."""
        return pickle.dumps(self.env.get_wrapper_attr("snapshot")(), pickle.HIGHEST_PROTOCOL)

    def restore(self, snapshot: bytes) -> EnvTurn:
        """Go on from a state."""
        if _needs_reset(self.env):
            self.reset(None, None)
        observation, info = self.env.get_wrapper_attr("restore")(pickle.loads(snapshot))
        return self._begun(observation, info)

    def pack(self) -> bytes:
        """Return the whole environment, to be used in another process."""
        return pickle.dumps(self.env, pickle.HIGHEST_PROTOCOL)

    def unpack(self, packed: bytes) -> None:
        """Replace the environment."""
        self.env.close()
        self.env = pickle.loads(packed)

    def _begun(self, observation: Any, info: dict[str, Any]) -> EnvTurn:
        return EnvTurn(self._sender.pack(observation), 0.0, False, False, info)


def serve(link: Link, make: Callable[[], Sequence[tuple[int, Callable[[], Env]]]]) -> None:
    """Make environments and carry out what the parent sends until it wants no more.

    Args:
        link: To the parent.
        make: Returns index and maker of each environment.
    """
    slots: dict[int, Slot] = {}
    try:
        try:
            slots.update((index, Slot(maker())) for index, maker in make())
            hello = _hello([slot.env for slot in slots.values()])
        except Exception as error:
            link.send(Failure.of(error))
            return
        link.send(hello)
        gc.collect()
        gc.freeze()  # what environments are made of stays, and need not be looked through again
        while True:
            _carry_out(link, slots, *link.receive())
    except EOFError:
        pass
    finally:
        for slot in slots.values():
            slot.env.close()


def _carry_out(link: Link, slots: dict[int, Slot], ops: Sequence[Op], together: bool) -> None:
    """Carry out some operations and send their results, in one message if they take no time."""
    form = _batch if together else list
    done: list[Answer] = []
    since = time.perf_counter()
    for index, method, arguments in ops:
        if done and time.perf_counter() - since > FLUSH_S:
            link.send(form(done))
            done = []
            since = time.perf_counter()
        done.append((index, _result(slots[index], method, arguments)))
    link.send(form(done))


def _batch(done: list[Answer]) -> Batch | list[Answer]:
    """Return results as a batch if all of them are turns."""
    if all([type(value) is EnvTurn for _, value in done]):
        return Batch.of([index for index, _ in done], [turn for _, turn in done])
    return done


def _result(slot: Slot, method: str, arguments: tuple[Any, ...]) -> Any:
    try:
        return getattr(slot, method)(*arguments)
    except EngineCrash as error:
        return Lost(str(error)) if method in ("reset", "restore", "step", "step_on") else Failure.of(error)
    except Exception as error:
        return Failure.of(error)


def _needs_reset(env: Env) -> bool:
    """Whether a wrapper lets no step follow before the first reset, such as those of ``gymnasium.make``.

    Raises:
        ConfigurationError: If one changes observations, and does not do so to those of an episode that is copied.
    """
    found = False
    while isinstance(env, gym.Wrapper):
        if isinstance(env, gym.ObservationWrapper) and not isinstance(env, Restorable):
            raise ConfigurationError(
                f"{type(env).__name__} has no restore(), so that episodes cannot be copied: leave it out, or add one"
            )
        found = found or (isinstance(env, OrderEnforcing) and not env.has_reset)
        env = env.env
    return found


def _hello(envs: Sequence[Env]) -> Hello:
    """Describe the environments.

    Raises:
        RuntimeError: If their spaces differ.
    """
    first = envs[0]
    for env in envs:
        if env.observation_space != first.observation_space or env.action_space != first.action_space:
            raise RuntimeError(
                f"the spaces of the environments differ: {env.observation_space}, {env.action_space} and "
                f"{first.observation_space}, {first.action_space}"
            )
    spaces = (first.observation_space, first.action_space)
    return Hello(spaces, dict(first.metadata), first.render_mode)
