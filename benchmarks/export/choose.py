"""`chosen`: which episodes of some runs are exported, and in which order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.errors import DataError
from benchmarks.results.file import latest
from benchmarks.results.row import EpisodeRow
from benchmarks.runs.reading import Run, open_run
from benchmarks.specs import canonical
from benchmarks.trajectories.rebuild import PlayedEpisode, read_episode


@dataclass(frozen=True)
class Wanted:
    """Which episodes are taken.

    Attributes:
        min_reward: The least reward; None for any.
        success: Only those whose task is solved.
    """

    min_reward: float | None = None
    success: bool = False

    def takes(self, row: EpisodeRow) -> bool:
        """Whether an episode that did not crash is taken."""
        if self.success and not row.success:
            return False
        return self.min_reward is None or (row.reward is not None and row.reward >= self.min_reward)

    @property
    def filters(self) -> str:
        """The options that leave episodes out.

        >>> Wanted(min_reward=0.5, success=True).filters
        '--min-reward and --success'
        """
        given = {"--min-reward": self.min_reward is not None, "--success": self.success}
        return " and ".join(name for name, is_given in given.items() if is_given)


@dataclass(frozen=True)
class ExportedEpisode:
    """An episode that is exported.

    Attributes:
        row: Its row.
        episode: What happened.
        group: Name of what its rollouts share: task, seed, environment, arguments and player.
        rollout: Number of the rollout in its group, from 0.
    """

    row: EpisodeRow
    episode: PlayedEpisode
    group: str
    rollout: int

    def about(self) -> dict[str, Any]:
        """Return what every line says of its episode."""
        row = self.row
        return {
            "episode": row.config_hash,
            "env_id": row.env_id,
            "task": row.task_id,
            "seed": row.seed,
            "player": row.spec.label,
            "group": self.group,
            "rollout": self.rollout,
            "reward": row.reward,
            "success": row.success,
        }


@dataclass
class ExportTally:
    """What became of the episodes of some runs.

    Attributes:
        taken: Episodes that were exported.
        crashed: Episodes that crashed: nothing says what they were worth.
        unwanted: Episodes that the filters left out.
        missing: Episodes without a trajectory.
        damaged: Episodes whose trajectory cannot be read.
    """

    taken: int = 0
    crashed: int = 0
    unwanted: int = 0
    missing: int = 0
    damaged: int = 0

    def left_out(self, filters: str) -> list[str]:
        """Say of each kind of episode that was left out how many there were.

        >>> ExportTally(taken=2, crashed=1, unwanted=3).left_out("--success")
        ['1 crashed', '3 left out by --success']
        """
        kinds = {
            "crashed": self.crashed,
            f"left out by {filters}": self.unwanted,
            "without a trajectory": self.missing,
            "whose trajectory cannot be read": self.damaged,
        }
        return [f"{number} {kind}" for kind, number in kinds.items() if number]


def chosen(
    paths: Sequence[Path], wanted: Wanted, tally: ExportTally, say: Callable[[str], None]
) -> Iterator[ExportedEpisode]:
    """Yield the episodes of some runs: by environment, task, player and seed, whatever the order they were played in.

    Args:
        paths: Run folders; one that is named twice counts once. Rows that two of them share are two rollouts.
        wanted: Which episodes.
        tally: Is told what becomes of them.
        say: Told of trajectories that cannot be read, which are left out.

    Raises:
        DataError: If a run cannot be read.
    """
    runs = [open_run(path) for path in dict.fromkeys(path.resolve() for path in paths)]
    found = [(row, place, run) for place, run in enumerate(runs) for row in latest(run.rows).values()]
    rollouts: Counter[str] = Counter()
    for row, _, run in sorted(found, key=lambda item: _place(item[0], item[1])):
        if row.error is not None or row.reward is None:
            tally.crashed += 1
            continue
        if not wanted.takes(row):
            tally.unwanted += 1
            continue
        episode = _read(run, row, tally, say)
        if episode is not None:
            tally.taken += 1
            group = _group(row)
            yield ExportedEpisode(row, episode, group, rollouts[group])
            rollouts[group] += 1


def _read(run: Run, row: EpisodeRow, tally: ExportTally, say: Callable[[str], None]) -> PlayedEpisode | None:
    """Return the trajectory of a row, or None if there is none that could be read."""
    file = run.trajectory_file(row.config_hash)
    if file is None:
        tally.missing += 1
        return None
    try:
        episode = read_episode(file)
        if episode.task.id != row.task_id or "answer" not in episode.end:
            raise DataError(f"{file} ends before its episode does, or is that of another one")
    except DataError as error:
        tally.damaged += 1
        say(f"left out: {' '.join(str(error).split())}")
        return None
    return episode


def _place(row: EpisodeRow, run: int) -> tuple[str, str, str, str, int, int, str]:
    spec = row.spec
    return row.env_id, canonical(row.env_kwargs), row.task_id or "", spec.group, row.seed, run, row.config_hash


def _group(row: EpisodeRow) -> str:
    return f"{row.task_id}/{row.seed}/{hashlib.blake2b(row.spec.group.encode(), digest_size=4).hexdigest()}"
