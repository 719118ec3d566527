from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError
from tests.baselines.language_model.conftest import make

torch = pytest.importorskip("torch")

Build = Callable[..., Any]


def test_every_prompt_of_a_row_is_what_the_model_was_given_and_its_log_probabilities_are_those_of_the_row(
    build: Build,
) -> None:
    from baselines.language_model.playing import Limits, play
    from baselines.language_model.policy import sampled_tokens

    policy, envs = build(), [make("train", {"stages": (3,)}) for _ in range(3)]
    limits = Limits(new_tokens=5, context=1200, turns=3)
    played = play(policy, envs, [1, 2, 3], limits, generator=torch.Generator().manual_seed(0))
    for episode in played:
        assert sum(len(row.starts) for row in episode.rows) == 3 and episode.stopped
        logs = torch.log_softmax(policy.logits(episode.rows), -1)
        drawn = torch.tensor(sampled_tokens(episode.rows))
        kept = [log for row in episode.rows for log, m in zip(row.logprobs or (), row.mask, strict=True) if m]
        assert torch.allclose(logs.gather(-1, drawn[:, None])[:, 0], torch.tensor(kept), atol=1e-4)
    assert len(played[0].rows) == 1  # nothing rewrote the context, so all turns are one row


def test_episodes_are_the_same_whatever_else_is_played_beside_them_when_tokens_are_not_drawn(build: Build) -> None:
    from baselines.language_model.playing import Limits, play

    policy, limits = build(), Limits(new_tokens=4, context=1200, turns=2)
    arguments = {"stages": (1, 3)}
    together = play(policy, [make("train", arguments) for _ in range(3)], [1, 2, 3], limits)
    alone = play(policy, [make("train", arguments)], [2], limits)
    assert [row.response_ids for row in together[1].rows] == [row.response_ids for row in alone[0].rows]


def test_an_episode_without_room_or_beyond_its_last_stage_is_scored_as_it_stands(build: Build) -> None:
    from baselines.language_model.playing import Limits, play

    policy = build()
    (full,) = play(policy, [make("train", {"stages": (3,)})], [0], Limits(new_tokens=4, context=10))
    assert full.stopped and full.rows == () and full.info["reward_components"]
    (told,) = play(policy, [make("train", {"stages": (1, 3)})], [0], Limits(new_tokens=2, context=1500), last_stage=2)
    assert told.stopped and told.info["stage"] == 3 and told.info["tool_calls"]["act"] == 0


def test_limits_below_one_are_refused() -> None:
    from baselines.language_model.playing import Limits

    with pytest.raises(ConfigurationError, match="new_tokens=0"):
        Limits(new_tokens=0)
