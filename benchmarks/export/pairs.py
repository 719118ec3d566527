"""Lines of ``--format pairs``: of two rollouts of a task, the replies in which they part, the better one's chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from agemem_env.errors import DataError
from benchmarks.export.choose import ExportedEpisode
from benchmarks.export.sft import tools_text
from benchmarks.export.turns import Exchange, exchanges
from benchmarks.specs import canonical


def pair_lines(episodes: Iterable[ExportedEpisode]) -> Iterator[dict[str, Any]]:
    """Yield the pairs: the best rollout of each task with every one that earned less.

    Args:
        episodes: Rollouts, those of a task one after the other.

    Raises:
        AgeMemError: If a benchmark, whose tools the pairs name, is not installed here.
        DataError: If no task has two rollouts with different rewards that part at a prompt that both were given.
    """
    empty = True
    for _, rollouts in groupby(episodes, key=_task):
        for pair in _of_task(list(rollouts)):
            empty = False
            yield pair
    if empty:
        raise DataError(
            "no pairs: no task was played twice with different rewards and replies that part at the same prompt; play "
            "the same seeds again, with a temperature or another player, and name both runs"
        )


def _task(episode: ExportedEpisode) -> tuple[str, str, str | None]:
    # Rewards of other arguments, such as another profile, are not comparable.
    row = episode.row
    return row.env_id, canonical(row.env_kwargs), row.task_id


def _of_task(rollouts: list[ExportedEpisode]) -> Iterator[dict[str, Any]]:
    best = max(rollouts, key=_reward)
    for other in rollouts:
        if _reward(other) < _reward(best):
            parted = _part(best, other)
            if parted is not None:
                yield _line(best, other, *parted)


def _reward(episode: ExportedEpisode) -> float:
    return float(episode.row.reward or 0.0)


def _part(one: ExportedEpisode, other: ExportedEpisode) -> tuple[Exchange, Exchange] | None:
    """Return the first turns with another reply; None if they are not given the same prompt there."""
    for a, b in zip(exchanges(one.episode), exchanges(other.episode), strict=False):
        if a.prompt != b.prompt:
            return None
        if a.reply != b.reply:
            return a, b
    return None


def _line(best: ExportedEpisode, other: ExportedEpisode, chosen: Exchange, rejected: Exchange) -> dict[str, Any]:
    about = best.about()
    return {
        "prompt": list(chosen.prompt),
        "chosen": [chosen.reply],
        "rejected": [rejected.reply],
        "tools": tools_text(best),
        "turn": chosen.turn.number,
        "chosen_reward": best.row.reward,
        "rejected_reward": other.row.reward,
        "chosen_episode": best.row.config_hash,
        "rejected_episode": other.row.config_hash,
        "chosen_player": best.row.spec.label,
        "rejected_player": other.row.spec.label,
        **{name: about[name] for name in ("env_id", "task", "seed")},
    }
