"""Environments spread over worker processes, which are replaced when they die."""

from __future__ import annotations

import math
import selectors
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from gymnasium.vector.utils import CloudpickleWrapper

from agemem_env.errors import ConfigurationError, exit_text
from agemem_env.vector.batches import Batch
from agemem_env.vector.failures import Failure
from agemem_env.vector.places import ATTEMPTS, Done, PooledEnv
from agemem_env.vector.processes import WorkerError, WorkerProcess, check_guard, pack
from agemem_env.vector.resident import resident_mb
from agemem_env.vector.worker import Answer, Env, Hello, Op, Ops, serve

STARTS = 20
"""How often in a row a process is started in a pool that has worked."""


@dataclass
class _Worker:
    """A worker process and its environments.

    Attributes:
        process: The process.
        indices: Its environments.
        busy: The environments that have something to do, in its order.
        since: When it began with the first of them.
        ready: Whether it has made its environments.
        starts: How often it was started in a row without getting there.
        least_mb: Memory that it may take in any case: somewhat more than it took when it had replaced another.
    """

    process: WorkerProcess
    indices: Sequence[int]
    busy: deque[int] = field(default_factory=deque)
    since: float = 0.0
    ready: bool = False
    starts: int = 1
    least_mb: float = 0.0


class Pool:
    """Environments in worker processes. Each environment does one thing at a time.

    Args:
        makers: Makes each environment.
        workers: Number of processes, at most that of environments.
        time_limit_s: Seconds after which the process of an environment that does not answer is ended; None for never.

    Attributes:
        time_limit_s: As given.
        hello: What a worker said of its environments, whose spaces are all equal.

    Raises:
        WorkerError: If a process cannot start.
        Exception: Whatever a maker raised.
    """

    def __init__(self, makers: Sequence[Callable[[], Env]], workers: int, time_limit_s: float | None) -> None:
        self._makers = makers
        self.time_limit_s = time_limit_s
        self.hello: Hello | None = None
        self._places = [PooledEnv() for _ in makers]
        self._ready: deque[Done | Batch] = deque()
        self._lock = threading.RLock()
        self._waiting = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._workers: list[_Worker] = []
        self.close = weakref.finalize(self, _stop, self._workers, (self._selector, self._bell, self._ear))
        """Ends all processes; may be called more than once, and is at the latest when nobody holds the pool."""
        try:
            for share in np.array_split(np.arange(len(makers)), workers):
                worker = _Worker(self._start(share.tolist()), share.tolist())
                self._workers.append(worker)
                self._selector.register(worker.process.pipe, selectors.EVENT_READ, worker)
            self._of = [worker for worker in self._workers for _ in worker.indices]
            while any(not worker.ready for worker in self._workers):
                self._wait(math.inf)
        except BaseException:
            self.close()
            raise

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes."""
        return [worker.process.pid for worker in self._workers]

    def fileno(self) -> int:
        """Return what becomes readable when a process has sent something, for an event loop."""
        return self._selector.fileno()

    @property
    def pending(self) -> bool:
        """Whether an environment has something to do, or has done what nobody has collected."""
        return any(place.op is not None for place in self._places)

    def again(self, index: int) -> Any:
        """Return the last observation of an environment, None before the first."""
        return self._places[index].receiver.again()

    def submit(self, ops: Sequence[Op], together: bool = False) -> None:
        """Give environments something to do that have nothing to do; any thread may call this.

        Args:
            ops: What each is to do.
            together: Whether what they give is wanted in batches, as far as it can be.

        Raises:
            ConfigurationError: If one of them has something to do; then none is given anything.
        """
        with self._lock:
            self._check_idle([op[0] for op in ops])
            batches: dict[int, list[Op]] = {}
            settled: list[Done] = []
            for op in ops:
                place = self._places[op[0]]
                told = place.begin(op)
                if told is not None:
                    settled.append(told)
                else:
                    batches.setdefault(id(self._of[op[0]]), []).append(cast(Op, place.op))
            try:
                packed = [(self._of[batch[0][0]], batch, pack(Ops(batch, together))) for batch in batches.values()]
            except Exception:  # an action that cannot be pickled
                for op in ops:
                    self._places[op[0]].op = None
                raise
            for worker, batch, message in packed:
                self._send(worker, batch, message)
            self._ready += settled
            if settled or (self._waiting and self.time_limit_s is not None):
                self._bell.send(b"!")

    def collect(self, timeout_s: float | None = None) -> list[Done | Batch]:
        """Return what is done, at least one thing unless the time is up; one thread at a time may call this."""
        end = math.inf if timeout_s is None else time.monotonic() + timeout_s
        while not self._ready and (self._wait(end) or time.monotonic() < end):
            pass
        with self._lock:
            done, self._ready = list(self._ready), deque()
            for one in done:
                for index in one.envs if isinstance(one, Batch) else (one.env,):
                    self._places[index].op = None
        return done

    def _check_idle(self, indices: Sequence[int]) -> None:
        for index in indices:
            op = self._places[index].op
            if op is not None:
                raise ConfigurationError(
                    f"environment {index} has not finished its {op[1].split('_')[0]}: take its result first"
                )

    def renew(self, limit_mb: float) -> None:
        """Move environments out of processes that take more memory than this, into new ones.

        Nothing of them changes. What cannot be pickled stays where it is. A process that takes nearly as
        much from the start is replaced once.
        """
        for worker in self._workers:
            if resident_mb(worker.process.pid) > max(limit_mb, worker.least_mb):
                with self._lock, suppress(EOFError):  # it has died; that is noticed as usual
                    self._move(worker)

    def _move(self, worker: _Worker) -> None:
        packed = self._at_once(worker, [(index, "pack", ()) for index in worker.indices])
        if any(isinstance(value, Failure) for _, value in packed):
            worker.least_mb = math.inf
            return
        self._start_anew(worker)
        self._at_once(worker, [(index, "unpack", (value,)) for index, value in packed])
        worker.least_mb = 1.25 * resident_mb(worker.process.pid)

    def _at_once(self, worker: _Worker, ops: Sequence[Op]) -> list[Answer]:
        """Return what a process answers to operations, after those that it has to do before."""
        worker.process.send(Ops(ops))
        answers: list[Answer] = []
        while len(answers) < len(ops):
            message = worker.process.receive()
            if isinstance(message, list) and not worker.busy:
                answers += message
            else:
                self._take(worker, message)
        return answers

    def _start(self, indices: Sequence[int]) -> WorkerProcess:
        makers = [(index, self._makers[index]) for index in indices]
        return WorkerProcess(serve, CloudpickleWrapper(partial(list, makers)))

    def _start_anew(self, worker: _Worker) -> None:
        self._selector.unregister(worker.process.pipe)
        worker.process.stop()
        worker.process, worker.ready = self._start(worker.indices), False
        self._selector.register(worker.process.pipe, selectors.EVENT_READ, worker)

    def _send(self, worker: _Worker, ops: Sequence[Op], message: bytes) -> None:
        if not worker.busy:
            worker.since = time.monotonic()
        worker.busy.extend(index for index, _, _ in ops)
        worker.process.send_packed(message)

    def _wait(self, end: float) -> bool:
        """Take what processes have sent, or wait for it until some time; return whether anything happened."""
        limit_s = self.time_limit_s
        with self._lock:
            self._waiting = True
            if limit_s is not None:
                if self._end_late(limit_s):
                    return True
                end = min([end, *(w.since + limit_s for w in self._workers if w.busy and w.ready)])
        found = self._selector.select(None if end == math.inf else max(0.0, end - time.monotonic()))
        self._waiting = False
        with self._lock:
            for key, _ in found:
                if key.data is None:
                    self._ear.recv(4096)
                else:
                    self._read(key.data)
        return bool(found)

    def _read(self, worker: _Worker) -> None:
        """Take a message of a process, which has sent one or has ended."""
        try:
            message = worker.process.receive()
        except EOFError:
            message = None
        except KeyboardInterrupt:  # half of a message may have been read
            self.close()
            raise
        if message is not None:
            self._take(worker, message)
            return
        code = worker.process.exit_code()
        check_guard(code)
        self._replace(worker, f"its worker process {exit_text(code)}")

    def _take(self, worker: _Worker, message: Any) -> None:
        """Take one message of a process."""
        worker.since = time.monotonic()
        if isinstance(message, Failure):
            raise message.exception()
        if isinstance(message, Hello):
            self._greet(worker, message)
            return
        if isinstance(message, Batch):
            for _ in message.envs:
                worker.busy.popleft()
            each = zip(message.envs, message.observations, message.over, strict=True)
            observations = [self._places[index].turned(packed, over) for index, packed, over in each]
            self._ready.append(message._replace(observations=observations))
            return
        for index, value in message:
            worker.busy.popleft()
            self._ready.append(self._places[index].done(index, value))

    def _greet(self, worker: _Worker, hello: Hello) -> None:
        worker.ready, worker.starts = True, 0
        if self.hello is None:
            self.hello = hello
        elif hello.spaces != self.hello.spaces:
            raise RuntimeError(f"the spaces of the environments differ: {hello.spaces} and {self.hello.spaces}")

    def _end_late(self, limit: float) -> bool:
        """End processes that are over the time limit; return whether there were any."""
        late = [w for w in self._workers if w.busy and w.ready and w.since + limit <= time.monotonic()]
        for worker in late:
            guilty = worker.busy[0]
            worker.process.kill()
            others = f"its worker process was ended because environment {guilty} took more than {limit:g} s"
            self._replace(worker, others, {guilty: f"it took more than {limit:g} s"})
        return bool(late)

    def _replace(self, worker: _Worker, cause: str, causes: Mapping[int, str] = MappingProxyType({})) -> None:
        """Start a process anew; what its environments were doing is lost, but episodes that had yet to begin."""
        if not worker.ready and worker.starts >= (ATTEMPTS if self.hello is None else STARTS):
            raise WorkerError(f"a worker process could not start, {worker.starts} times: {cause}")
        worked, busy, worker.busy = worker.ready, worker.busy, deque()
        self._start_anew(worker)
        worker.starts += 1
        again: list[Op] = []
        for index in worker.indices:
            told = self._places[index].bury(causes.get(index, cause), index in busy, worked)
            if isinstance(told, Done):
                self._ready.append(told)
            elif told is not None:
                again.append(told)
        if again:
            self._send(worker, again, pack(Ops(again)))


def _stop(workers: Sequence[_Worker], others: Sequence[selectors.BaseSelector | socket.socket]) -> None:
    """End the processes of a pool."""
    for other in others:
        other.close()
    for worker in workers:
        worker.process.release()
    for worker in workers:
        worker.process.stop()
