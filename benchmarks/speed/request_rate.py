"""Measures how many requests per second a run with a language model makes, against the ideal.

A server on loopback, in a process of its own, answers every request after the same time. With n episodes in flight
and t seconds per request the ideal is n / t: a client, an environment and a server that take no time at all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.data.environment import environment_variables
from agemem_env.errors import ConfigurationError
from agemem_env.registration import env_id
from agemem_env.services.openai.endpoint import KEY_VARIABLE
from benchmarks.processes import check_waiting
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.models import Access
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, episodes
from benchmarks.speed.fake_server import OpenAIServer

WARM_UP = 3.0
"""Seconds before the measurement begins: environments are made and episodes drift apart."""

_SEEDS = range(50_000)
_ANSWER = "<answer>unknown</answer>"


@dataclass(frozen=True)
class Rate:
    """What was measured.

    Attributes:
        in_flight: Episodes in flight.
        latency: Seconds that the server takes to answer.
        workers: Processes that played.
        requests: Requests answered in the measured time.
        seconds: The measured time.
    """

    in_flight: int
    latency: float
    workers: int
    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def ideal(self) -> float:
        """Requests per second if nothing but the server's answer took time."""
        return self.in_flight / self.latency

    def __str__(self) -> str:
        """Return the figures as one line.

        >>> print(Rate(64, 0.1, 2, 5200, 10.0))
        64 in flight, 100 ms per request, 2 processes: 520 of 640 requests/s, 81%
        """
        return (
            f"{self.in_flight} in flight, {1000 * self.latency:.0f} ms per request, {self.workers} "
            f"process{'es' if self.workers > 1 else ''}: {self.per_second:.0f} of {self.ideal:.0f} requests/s, "
            f"{self.per_second / self.ideal:.0%}"
        )


def measure(in_flight: int, latency: float, workers: int, seconds: float) -> Rate:
    """Play generated HotpotQA with a model that answers at once what it is asked, and count its requests.

    Args:
        in_flight: Episodes in flight, in all processes together; a multiple of `workers`.
        latency: Seconds that the server takes to answer.
        workers: Processes that play.
        seconds: How long to measure.

    Raises:
        ConfigurationError: If there are too many processes, or the episodes cannot be shared out among them.
    """
    check_waiting("--workers", workers)
    if in_flight % workers:
        raise ConfigurationError(
            f"--in-flight {in_flight} is not allowed with --workers {workers}: each process plays as many; use a "
            "multiple of it"
        )
    specs = episodes([(env_id("HotpotQA"), {"source": "generated"})], [PlayerSpec("openai:fake")], _SEEDS)
    # The client wants a key even for a server that asks for none.
    key = environment_variables({KEY_VARIABLE: os.environ.get(KEY_VARIABLE) or "none"})
    with _server(latency) as (url, served), key:
        options = PlayOptions(in_flight // workers, None, Access(base_url=url))
        with closing(play(specs, workers, options)) as rows:
            next(rows)
            begin = time.perf_counter() + WARM_UP
            start: tuple[float, int] | None = None
            for row in rows:
                assert row.error is None, row.error
                now, count = time.perf_counter(), served.value
                if start is None and now >= begin:
                    start = now, count
                elif start is not None and now >= start[0] + seconds:
                    return Rate(in_flight, latency, workers, count - start[1], now - start[0])
    raise AssertionError("there are more episodes than anybody waits for")


@contextmanager
def _server(latency: float) -> Iterator[tuple[str, Any]]:
    """Run the server in a process of its own; yield its URL and the number of requests that it has answered."""
    context = get_context("spawn")
    served = context.Value("q", 0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(latency, served, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), served
    finally:
        process.terminate()
        process.join()


def _serve(latency: float, served: Any, pipe: Connection) -> None:
    def answer(messages: Any, tools: Any) -> str:
        served.value += 1
        return _ANSWER

    with OpenAIServer(answer, latency=latency, keep=False) as server:
        pipe.send(server.url)
        pipe.poll(None)
