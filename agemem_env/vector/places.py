"""What a pool knows of one environment: what it is doing, and what is owed to its caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from agemem_env.errors import EngineCrash
from agemem_env.vector.batches import EnvTurn
from agemem_env.vector.failures import Failure
from agemem_env.vector.wire import Packed, Receiver
from agemem_env.vector.worker import Ended, Lost, Op

ATTEMPTS = 3
"""How often an environment is reset that takes its process down, and a process started that never worked."""

BEGIN = ("reset", "restore")
"""Operations that begin an episode."""

GIVE_OBSERVATIONS = (*BEGIN, "step", "step_on")
"""Operations whose results are observations."""

_NEED_EPISODE = ("step", "step_on", "snapshot")


class Done(NamedTuple):
    """What an operation of an environment gave.

    Attributes:
        env: Index of the environment.
        method: The operation.
        value: A value, a `EnvTurn`, an `Ended`, a `Lost` or a `Failure`.
    """

    env: int
    method: str
    value: Any


@dataclass
class PooledEnv:
    """One environment, as its pool sees it.

    Attributes:
        receiver: Unpacks its observations.
        op: What it is doing; None if nothing.
        attempts: How often that was begun.
        playing: Whether an episode is in progress.
        lost: Why the episode was lost, as long as nobody was told.
        seed: The last seed given.
        deaths: How often its worker died.
        reseed: Whether its generator was lost with the worker.
    """

    receiver: Receiver = field(default_factory=Receiver)
    op: Op | None = None
    attempts: int = 0
    playing: bool = False
    lost: str | None = None
    seed: int | None = None
    deaths: int = 0
    reseed: bool = False

    def begin(self, op: Op) -> Done | None:
        """Take on an operation; return what it gives if that is settled already, since its episode is lost."""
        index, method, _ = op
        if method in BEGIN:
            self.lost = None
        self.op, self.attempts = self._seeded(op), 1
        if self.lost is not None and method in _NEED_EPISODE:
            return self._told(index, method, self.lost)
        return None

    def done(self, index: int, value: Any) -> Done:
        """Return what the operation gave, with its observations unpacked."""
        assert self.op is not None, f"environment {index} has nothing to do"
        return Done(index, self.op[1], self._unpacked(value))

    def turned(self, observation: Packed, over: bool) -> Any:
        """Note a turn; return its observation, unpacked."""
        self.playing = not over
        return self.receiver.unpack(observation)

    def bury(self, cause: str, busy: bool, worked: bool) -> Done | Op | None:
        """Note that its worker has died.

        Args:
            cause: Why.
            busy: Whether it had something to do.
            worked: Whether the worker had got as far as to do it.

        Returns:
            What the operation gave, or the operation if it is to be begun again, or None if there was none.
        """
        self.deaths, self.reseed = self.deaths + 1, True
        self.lost = cause if self.playing else self.lost
        self.playing = False
        if not busy or self.op is None:
            return None
        index, method, _ = self.op
        if method in BEGIN and self.attempts < ATTEMPTS:
            self.lost = None
            self.op, self.attempts = self._seeded(self.op), self.attempts + int(worked)
            return self.op
        return self._told(index, method, cause)

    def _unpacked(self, value: Any) -> Any:
        if isinstance(value, EnvTurn):
            return value._replace(observation=self.turned(value.observation, value.terminated or value.truncated))
        if isinstance(value, Ended):
            return Ended(self._unpacked(value.last), self._unpacked(value.after))
        self.playing = self.playing and not isinstance(value, Lost)
        return value

    def _seeded(self, op: Op) -> Op:
        """Remember the seed of a reset; give one to an environment that lost its generator with its process."""
        index, method, arguments = op
        if method != "reset":
            return op
        seed, options = arguments
        if seed is not None:
            self.seed = seed
        elif self.reseed and self.seed is not None:
            seed = int(np.random.SeedSequence([self.seed, self.deaths]).generate_state(1)[0])
        self.reseed = False
        return index, method, (seed, options)

    def _told(self, index: int, method: str, cause: str) -> Done:
        """Return what becomes of an operation whose episode is lost."""
        if method in GIVE_OBSERVATIONS:
            self.lost = None  # now it is told
            return Done(index, method, Lost(cause))
        return Done(index, method, Failure.of(EngineCrash(f"environment {index}: {cause}")))
