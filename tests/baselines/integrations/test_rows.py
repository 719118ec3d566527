"""Token rows: what the model was given and what it sampled, token for token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError
from agemem_env.types import ToolCall
from baselines.integrations.rows import Generation, RowEpisode, play_rows, play_rows_async, split
from tests.baselines.integrations.players import expert_turns


def hotpot(**kwargs: Any) -> Any:
    return gym.make("AgeMem-HotpotQA-v0", source="generated", **kwargs)


def template(messages: Sequence[Mapping[str, Any]], *, generation: bool = True) -> tuple[int, ...]:
    """A chat template over bytes that repeats messages as they are."""
    parts = [f"<{m['role']}>{m.get('content') or ''}{json.dumps(m.get('tool_calls') or '')}</>" for m in messages]
    return tuple("".join([*parts, "<assistant>" if generation else ""]).encode("utf-8", "surrogatepass"))


class Model:
    """Says what the expert does, as OpenAI messages in its own spelling, and keeps what it was given."""

    def __init__(self, seed: int) -> None:
        self.turns = expert_turns(seed)
        self.given: list[tuple[int, ...]] = []
        self.said: list[tuple[int, ...]] = []

    def __call__(self, messages: Sequence[Mapping[str, Any]], tools: Any) -> Generation:
        reply = self._reply(self.turns[len(self.given)])
        self.given.append(template(messages))
        self.said.append(template([reply], generation=False)[len("<assistant>") :])
        return Generation(reply, self.given[-1], self.said[-1], tuple(-0.25 for _ in self.said[-1]))

    def _reply(self, action: str | list[ToolCall]) -> dict[str, Any]:
        if isinstance(action, str):
            return {"role": "assistant", "content": action}
        calls = [
            {
                "id": f"mine-{len(self.given)}-{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments), indent=1)},
            }
            for number, call in enumerate(action)
        ]
        return {"role": "assistant", "content": None, "tool_calls": calls}


def test_rows_hold_every_prompt_exactly_and_split_only_where_the_context_was_rewritten() -> None:
    env = hotpot()
    rewritten: list[bool] = []

    class Noting(gym.Wrapper):  # type: ignore[type-arg]
        def step(self, action: Any) -> Any:
            outcome = super().step(action)
            rewritten.append(outcome[4]["context_rewritten"])
            return outcome

    noting = Noting(env)
    model = Model(7)
    played = play_rows(noting, model, seed=7, run=3)
    assert [prompt for row in played.rows for prompt in row.prompts()] == model.given
    # The last step's flag speaks of a prompt that nobody was given.
    assert len(played.rows) == 1 + sum(rewritten[:-1]) >= 2
    assert {row.reward for row in played.rows} == {played.reward} and played.reward > 0.5
    assert all(sum(row.mask) == sum(1 for p in row.logprobs or () if p) for row in played.rows)
    assert {(row.group, row.run) for row in played.rows} == {(env.unwrapped.task.id, 3)}
    assert [row.step for row in played.rows][:2] == [0, len(played.rows[0].starts)]
    assert played.terminated and not played.stopped and played.info["metrics"]["EM"] == 1.0


def test_sampled_tokens_are_those_that_the_model_sampled() -> None:
    model = Model(3)
    played = play_rows(hotpot(), model, seed=3)
    sampled = tuple(t for row in played.rows for t, m in zip(row.response_ids, row.mask, strict=True) if m)
    assert sampled == tuple(t for response in model.said for t in response)


@pytest.mark.parametrize("limit", [{"max_turns": 2}, {"max_tokens": 1}])
def test_a_limit_stops_the_episode_which_is_scored_as_it_stands(limit: dict[str, int]) -> None:
    played = play_rows(hotpot(), Model(7), seed=7, **limit)
    assert played.stopped and not played.terminated
    assert "metrics" in played.info
    assert sum(len(row.starts) for row in played.rows) == limit.get("max_turns", 1)


def test_awaited_episodes_are_the_same() -> None:
    async def both() -> list[Any]:
        async def one(run: int) -> Any:
            model = Model(7)

            async def generate(messages: Any, tools: Any) -> Generation:
                await asyncio.sleep(0)
                return model(messages, tools)

            return await play_rows_async(hotpot(), generate, seed=7, run=run)

        return await asyncio.gather(one(0), one(1))

    first, second = asyncio.run(both())
    assert [row.response_ids for row in first.rows] == [row.response_ids for row in second.rows]
    assert [row.run for row in second.rows] == [1] * len(second.rows)


def test_what_is_no_generation_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 log-probabilities for 1 tokens"):
        Generation("a", (1,), (2,), (0.0, 0.0))
    with pytest.raises(ConfigurationError, match="prompt_ids is empty"):
        Generation("a", (), (2,))
    episode = RowEpisode(hotpot(), seed=1)
    with pytest.raises(ConfigurationError, match="the episode is not over"):
        episode.result()


def test_unknown_log_probabilities_stay_unknown() -> None:
    rows = split([Generation("a", (1,), (2,), (-1.0,)), Generation("b", (1, 2, 3), (4,))])
    assert [row.logprobs for row in rows] == [None]


turns = st.lists(
    st.tuples(st.booleans(), st.lists(st.integers(0, 3), max_size=4), st.lists(st.integers(0, 3), max_size=4)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(deadline=None)
@given(turns)
def test_any_turns_can_be_put_together_from_their_rows(drawn: list[tuple[bool, list[int], list[int]]]) -> None:
    generations: list[Generation] = []
    held: list[int] = []
    for goes_on, between, sampled in drawn:
        prompt = [*(held if goes_on else []), *between] or [9]
        generations.append(Generation("x", tuple(prompt), tuple(sampled)))
        held = prompt + sampled
    rows = split(generations)
    assert [p for row in rows for p in row.prompts()] == [g.prompt_ids for g in generations]
    sampled_tokens = [t for row in rows for t, m in zip(row.response_ids, row.mask, strict=True) if m]
    assert sampled_tokens == [t for g in generations for t in g.response_ids]
    assert sum(len(row.starts) for row in rows) == len(generations)
