"""Lines of ``--format pairs``: two rollouts of a task and seed up to where they part, the better one's reply chosen."""

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
    """Yield the pairs: the best rollout of each task and seed with every one that earned less.

    Args:
        episodes: Rollouts, those of a task one after the other; with none there are no pairs.

    Raises:
        AgeMemError: If a benchmark, whose tools the pairs name, is not installed here.
        DataError: If there are rollouts, but no two that make a pair.
    """
    sizes: list[int] = []
    rewards: list[int] = []
    written = 0
    for rollouts in _starts(episodes):
        sizes.append(len(rollouts))
        rewards.append(len({episode.row.reward for episode in rollouts}))
        for pair in _of_one_start(rollouts):
            written += 1
            yield pair
    if sizes and not written:
        raise DataError(f"no pairs: {_why_none(max(sizes), max(rewards))}")


def _why_none(most: int, rewards: int) -> str:
    """Return what is absent, given the most rollouts of one start, and the most different rewards among them."""
    if most == 1:
        return (
            "no task was played twice with the same seed; play the same seeds again, with a temperature or another "
            "player, and name both runs"
        )
    if rewards == 1:
        return "all that played a task with the same seed earned the same; play them with another player too"
    return (
        "all rollouts of a task that earned different rewards part at a prompt or a memory that only one of them had; "
        "play them with the same arguments and memory system"
    )


def _starts(episodes: Iterable[ExportedEpisode]) -> Iterator[list[ExportedEpisode]]:
    """Yield the rollouts of each task and seed."""
    for _, of_task in groupby(episodes, key=_task):
        seeds: dict[int, list[ExportedEpisode]] = {}
        for episode in of_task:
            seeds.setdefault(episode.row.seed, []).append(episode)
        yield from seeds.values()


def _task(episode: ExportedEpisode) -> tuple[str, str, str | None]:
    # Rewards of other arguments, such as another profile, are not comparable.
    row = episode.row
    return row.env_id, canonical(row.env_kwargs), row.task_id


def _of_one_start(rollouts: list[ExportedEpisode]) -> Iterator[dict[str, Any]]:
    best = max(rollouts, key=_reward)
    for other in rollouts:
        if _reward(other) < _reward(best):
            parted = _part(best, other)
            if parted is not None:
                yield _line(best, other, *parted)


def _reward(episode: ExportedEpisode) -> float:
    return float(episode.row.reward or 0.0)


def _part(one: ExportedEpisode, other: ExportedEpisode) -> tuple[Exchange, Exchange] | None:
    """Return the first turns with another reply; None if prompts, or memories kept from before, differ up to there."""
    if one.episode.turns[0].memory != other.episode.turns[0].memory:
        return None
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
