"""Who gets a result: a call that waits for certain environments, a coroutine, or whoever asks next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection

from agemem_env.vector.batches import Batch
from agemem_env.vector.pool import Pool
from agemem_env.vector.stepping import Result, Stepper, split

TICK_S = 0.5
"""Seconds after which coroutines look for environments over the time limit."""


class Deliveries:
    """Hands out the results of a stepper.

    Coroutines are served by their event loop, which watches the pool while any of them waits; there is no thread.

    Args:
        stepper: Gives the results.
        pool: What it steps.
    """

    def __init__(self, stepper: Stepper, pool: Pool) -> None:
        self._stepper = stepper
        self._pool = pool
        self._spare: deque[Result] = deque()
        self._of: dict[int, asyncio.Future[Result]] = {}
        self._abandoned: set[int] = set()
        self._any: deque[asyncio.Future[Result]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def expected(self) -> bool:
        """Whether there is a result that somebody may still take, now or later."""
        return bool(self._spare) or self._pool.pending

    def wait_for(self, envs: Collection[int]) -> dict[int, Result]:
        """Wait for the results of certain environments and return them; others are for others."""
        found, batches = self.wait_for_all(envs)
        return {**found, **{result.env: result for batch in batches for result in split(batch)}}

    def wait_for_all(self, envs: Collection[int]) -> tuple[dict[int, Result], list[Batch]]:
        """Do what `wait_for` does; return what came in batches as it came."""
        found: dict[int, Result] = {}
        batches: list[Batch] = []
        missing = len(envs)
        while missing:
            for result in self._stepper.take():
                if isinstance(result, Batch) and result.envs[0] in envs:
                    batches.append(result)
                    missing -= len(result.envs)
                elif not isinstance(result, Batch) and result.env in envs:
                    found[result.env] = result
                    missing -= 1
                else:
                    self._deliver(result)
        return found, batches

    def next(self, timeout_s: float | None) -> Result | None:
        """Wait for the next result that nobody else waits for; return None if the time is up."""
        while not self._spare:
            results = self._stepper.take(timeout_s)
            if not results:
                return None
            for result in results:
                self._deliver(result)
        return self._spare.popleft()

    def clear(self) -> None:
        """Wait for all results and forget them, but those that coroutines wait for."""
        while self._pool.pending:
            for result in self._stepper.take():
                self._deliver(result)
        self._spare.clear()

    async def idle(self, env: int) -> None:
        """Wait until an environment has done what a cancelled coroutine began."""
        if env in self._abandoned:
            await asyncio.shield(self._of[env])

    async def of(self, env: int) -> Result:
        """Wait for the result of an environment."""
        future = self._of[env] = self._listen().create_future()
        try:
            result: Result = await asyncio.shield(future)
            return result
        except asyncio.CancelledError:
            if env in self._of:
                self._abandoned.add(env)
            raise

    async def any(self) -> Result:
        """Wait for the next result that nobody else waits for."""
        if self._spare:
            return self._spare.popleft()
        future: asyncio.Future[Result] = self._listen().create_future()
        self._any.append(future)
        return await future

    def _deliver(self, result: Result | Batch) -> None:
        if isinstance(result, Batch):  # of a call that was interrupted
            for each in split(result):
                self._deliver(each)
            return
        future = self._of.pop(result.env, None)
        self._abandoned.discard(result.env)
        if future is not None and not future.get_loop().is_closed():
            future.set_result(result)
            return
        while self._any:
            other = self._any.popleft()
            if not other.done():
                other.set_result(result)
                return
        self._spare.append(result)

    def _listen(self) -> asyncio.AbstractEventLoop:
        """Let the running event loop watch the pool."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.add_reader(self._pool.fileno(), self._look)
            if self._pool.time_limit_s is not None:
                loop.call_later(TICK_S, self._tick, loop)
        return loop

    def _look(self) -> None:
        """Deliver what is there; stop watching if nobody waits."""
        try:
            for result in self._stepper.take(0.0):
                self._deliver(result)
        except Exception as error:  # no process can be started any more
            waiting, self._of, self._any = [*self._of.values(), *self._any], {}, deque()
            for future in waiting:
                if not future.done():
                    future.set_exception(error)
        if self._loop is not None and not self._of and not self._any:
            self._loop.remove_reader(self._pool.fileno())
            self._loop = None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            self._look()
            loop.call_later(TICK_S, self._tick, loop)
