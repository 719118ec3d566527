"""What trajectories cost: ``python -m benchmarks.trajectories.cost``.

Plays episodes of generated tasks and prints, for each benchmark and policy, the processor time of an episode, the share
of it that goes into its trajectory, and the size of the file.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agemem_env.errors import ConfigurationError
from benchmarks.run.backends.in_process import EpisodeRunner, PlayOptions
from benchmarks.specs import RunSpec, find_benchmark, find_benchmarks
from benchmarks.trajectories import writer

DEFAULT = ("HotpotQA", "PDDL", "BabyAI")
POLICIES = ("expert", "do-nothing")
WARM_UP = 5


@dataclass(frozen=True)
class Cost:
    """What the trajectories of a policy's episodes cost.

    Attributes:
        benchmark: The benchmark.
        policy: The policy.
        playing: Processor seconds of an episode without its trajectory.
        writing: Processor seconds of its trajectory.
        size: Bytes of the file.
    """

    benchmark: str
    policy: str
    playing: float
    writing: float
    size: float

    @property
    def share(self) -> float:
        """Share of the playing time."""
        return self.writing / self.playing


def measure(benchmark: str, policy: str, episodes: int) -> Cost:
    """Return what trajectories cost, as the mean over some episodes after a few to warm up."""
    env_id = find_benchmark(benchmark)
    specs = [RunSpec(env_id, {"source": "generated"}, policy, seed) for seed in range(WARM_UP + episodes)]
    with TemporaryDirectory() as folder, _clocked() as spent:
        runner = EpisodeRunner(PlayOptions(trajectories=Path(folder)))
        for _ in runner.play(specs[:WARM_UP]):
            pass
        spent.seconds = 0.0
        start = time.thread_time()
        for _ in runner.play(specs[WARM_UP:]):
            pass
        whole = time.thread_time() - start
        runner.close()
        sizes = [file.stat().st_size for file in Path(folder).iterdir()]
    return Cost(
        benchmark, policy, (whole - spent.seconds) / episodes, spent.seconds / episodes, sum(sizes) / len(sizes)
    )


@dataclass
class _Spent:
    seconds: float = 0.0


@contextmanager
def _clocked() -> Iterator[_Spent]:
    """Count the processor time of the recorder."""
    spent = _Spent()
    names = ("__init__", "chosen", "stepped", "end")
    plain = {name: getattr(writer.TrajectoryWriter, name) for name in names}
    depth = 0

    def clocked(function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its processor time counted; a nested call counts once."""

        def call(*args: Any, **kwargs: Any) -> Any:
            """Call the function, and count its time if nothing that is counted called it."""
            nonlocal depth
            start, depth = time.thread_time(), depth + 1
            try:
                return function(*args, **kwargs)
            finally:
                depth -= 1
                if not depth:
                    spent.seconds += time.thread_time() - start

        return call

    for name, function in plain.items():
        setattr(writer.TrajectoryWriter, name, clocked(function))
    try:
        yield spent
    finally:
        for name, function in plain.items():
            setattr(writer.TrajectoryWriter, name, function)


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = ArgumentParser(prog="python -m benchmarks.trajectories.cost", description="What trajectories cost.")
    parser.add_argument("benchmarks", nargs="*", default=DEFAULT, help=f"names; without any {', '.join(DEFAULT)}")
    try:
        names = list(find_benchmarks(parser.parse_args(arguments).benchmarks))
    except ConfigurationError as error:
        parser.exit(2, f"error: {error}\n")
    print(f"{'benchmark':10} {'policy':12} {'episode':>10} {'trajectory':>11} {'share':>6} {'file':>8}")
    for benchmark in names:
        for policy in POLICIES:
            cost = measure(benchmark, policy, 40)
            print(
                f"{benchmark:10} {policy:12} {cost.playing * 1e3:7.2f} ms {cost.writing * 1e3:8.2f} ms "
                f"{cost.share:6.1%} {cost.size / 1e3:5.1f} kB"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
