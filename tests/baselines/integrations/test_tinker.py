"""Tinker: episodes through the cookbook's own rollouts, token ids in and out, without the service."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError, EngineCrash
from agemem_env.types import ToolCall

pytest.importorskip("tinker_cookbook", reason="the package tinker-cookbook is not installed")

from tinker_cookbook.completers import TokenCompleter, TokensWithLogprobs
from tinker_cookbook.renderers import get_renderer
from tinker_cookbook.rl.data_processing import trajectory_to_data
from tinker_cookbook.rl.message_env import EnvFromMessageEnv
from tinker_cookbook.rl.rollouts import do_group_rollout
from tinker_cookbook.tokenizer_utils import register_tokenizer

from baselines.integrations.tinker import (
    AgeMemDatasetBuilder,
    AgeMemGroupBuilder,
    AgeMemMessageEnv,
    to_action,
    to_tinker,
)
from tests.baselines.integrations.players import EXAMPLES, ID, OPTIONS, Lost, as_texts, expert_turns, in_tags
from tests.baselines.integrations.tokens import make_tokenizer, texts_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SEED, MODEL = 7, "made-here"


@pytest.fixture(scope="module")
def renderer() -> Any:
    tokenizer = make_tokenizer(texts_of(gym.make(ID, **OPTIONS), range(3)))
    encode, lock = tokenizer.encode, threading.Lock()

    def one_at_a_time(*args: Any, **options: Any) -> Any:
        with lock:  # the cookbook renders in threads, in which these tokenizers raise "Already borrowed"
            return encode(*args, **options)

    tokenizer.encode = one_at_a_time
    register_tokenizer(MODEL, lambda: tokenizer)
    return get_renderer("qwen3_instruct", tokenizer, model_name=MODEL)


def expert() -> list[str]:
    """What the expert says, as a model would, in the spelling in which the cookbook repeats it."""
    return as_texts(expert_turns(SEED), partial(in_tags, ascii_only=True))


def ours(renderer: Any, script: Sequence[str]) -> tuple[float, int]:
    """The reward of our own rollout of what is said, and how often the context was rewritten before a turn."""
    env: Any = gym.make(ID, **OPTIONS, keep_think=True)
    env.reset(seed=SEED)
    total, rewrites, over = 0.0, 0, False
    for turn, text in enumerate(script):
        message, _ = renderer.parse_response(Scripted(renderer, []).tokens(text))
        _, reward, terminated, truncated, info = env.step(to_action(message, turn))
        total, over = total + reward, terminated or truncated
        rewrites += info["context_rewritten"] and not over
    return (total if over else total + env.unwrapped.finish()[1]), rewrites


class Scripted(TokenCompleter):  # type: ignore[misc]
    """Says one thing after the other in each episode; which, its prompts tell."""

    def __init__(self, renderer: Any, script: Sequence[str], cut_at: int | None = None) -> None:
        self.renderer, self.script, self.cut_at = renderer, script, cut_at
        self.turn_of: dict[tuple[int, ...], int] = {}
        self.said: list[list[int]] = []

    def tokens(self, text: str) -> list[int]:
        return list(self.renderer.tokenizer.encode(text + "<|im_end|>", add_special_tokens=False))

    async def __call__(self, model_input: Any, stop: Any, *, max_tokens: int | None = None) -> TokensWithLogprobs:
        prompt = tuple(model_input.to_ints())
        turn = self.turn_of.setdefault(prompt, len(self.turn_of))
        ids = self.tokens(self.script[turn])
        if turn == self.cut_at:
            return TokensWithLogprobs(ids[:-2], [-0.5] * (len(ids) - 2), stop_reason="length")
        self.said.append(ids)
        return TokensWithLogprobs(ids, [-0.5] * len(ids))


def group(renderer: Any, **more: Any) -> AgeMemGroupBuilder:
    return AgeMemGroupBuilder(renderer, ID, SEED, OPTIONS, **{"group_size": 2, **more})


def test_an_episode_through_the_protocol_is_that_of_our_rollout(renderer: Any) -> None:
    script = expert()
    reward, rewrites = ours(renderer, script)
    played = Scripted(renderer, script)
    found = asyncio.run(do_group_rollout(group(renderer), played))
    assert found.get_total_rewards() == [pytest.approx(reward, abs=1e-9)] * 2 and reward > 0.5
    assert [m["EM"] for m in found.metrics_G] == [1.0, 1.0] and found.metrics_G[0]["mistakes"] == 0
    for trajectory in found.trajectories_G:
        assert len(trajectory.transitions) == len(script)
        data = trajectory_to_data(trajectory, 1.0)
        assert len(data) == 1 + rewrites >= 2
        trained = sum(int(sum(datum.loss_fn_inputs["mask"].data)) for datum in data)
        assert trained == sum(len(played.tokens(text)) for text in script)


def test_a_renderer_without_tools_plays_in_the_tag_format(renderer: Any) -> None:
    plain = get_renderer("role_colon", renderer.tokenizer, model_name=MODEL)
    with pytest.raises(ConfigurationError, match="RoleColonRenderer writes no tools"):
        asyncio.run(AgeMemMessageEnv(plain, ID, SEED, OPTIONS).initial_observation())
    env = AgeMemMessageEnv(plain, ID, SEED, {**OPTIONS, "tool_format": "tags"})
    assert '"Add_memory"' in asyncio.run(env.initial_observation())[0]["content"]
    for text in expert():
        asyncio.run(env.step({"role": "assistant", "content": text}))
    assert env.metrics()["EM"] == 1 and env.metrics()["mistakes"] == 0


def test_a_turn_that_is_cut_off_ends_an_episode_which_is_scored_as_it_stands(renderer: Any) -> None:
    script, builder = expert(), group(renderer)
    found = asyncio.run(do_group_rollout(builder, Scripted(renderer, script, cut_at=3)))
    assert found.get_total_rewards() == [pytest.approx(ours(renderer, script[:3])[0], abs=1e-9)] * 2
    assert found.get_total_rewards()[0] < 0 and "EM" in found.metrics_G[0]
    assert builder._made == []


@pytest.mark.parametrize("limit", [10, 2_300])
def test_a_prompt_that_leaves_no_room_ends_an_episode_which_is_scored_as_it_stands(renderer: Any, limit: int) -> None:
    builder = group(renderer, max_trajectory_tokens=limit)
    found = asyncio.run(do_group_rollout(builder, Scripted(renderer, expert())))
    for trajectory, total, metrics in zip(
        found.trajectories_G, found.get_total_rewards(), found.metrics_G, strict=True
    ):
        assert total != pytest.approx(-0.1) and total < 0 and metrics["EM"] == 0
        assert len(trajectory.transitions) < 20


def test_builders_and_environments_pickle_before_and_during_an_episode(renderer: Any) -> None:
    script = expert()
    reward, _ = ours(renderer, script)

    async def half() -> AgeMemGroupBuilder:
        builder = group(renderer)
        await builder.make_envs()
        return builder

    twin = pickle.loads(pickle.dumps(asyncio.run(half())))
    found = asyncio.run(do_group_rollout(twin, Scripted(renderer, script)))
    assert found.get_total_rewards() == [pytest.approx(reward)] * 2

    async def played(env: AgeMemMessageEnv, texts: Sequence[str]) -> None:
        for text in texts:
            await env.step(renderer.parse_response(Scripted(renderer, []).tokens(text))[0])

    env = AgeMemMessageEnv(renderer, ID, SEED, OPTIONS)
    copied = pickle.loads(pickle.dumps(env))
    assert asyncio.run(env.initial_observation()) == asyncio.run(copied.initial_observation())
    asyncio.run(played(env, script[:9]))
    later = pickle.loads(pickle.dumps(env))
    asyncio.run(played(env, script[9:]))
    asyncio.run(played(later, script[9:]))
    assert later.finish() == env.finish() == pytest.approx(reward)


def test_an_instance_used_again_plays_as_new_and_never_after_the_end(renderer: Any) -> None:
    env = AgeMemMessageEnv(renderer, ID, SEED, OPTIONS)
    with pytest.raises(ConfigurationError, match="await initial_observation"):
        asyncio.run(env.step({"role": "assistant", "content": "x"}))
    first = asyncio.run(env.initial_observation())
    asyncio.run(env.step({"role": "assistant", "content": in_tags(ToolCall("Add_memory", {"content": "left over"}))}))
    assert asyncio.run(env.initial_observation()) == first
    once = env.finish()
    assert env.finish() == once < 0
    with pytest.raises(ConfigurationError, match="no episode is being played"):
        asyncio.run(env.step({"role": "assistant", "content": "x"}))


def test_a_lost_simulator_is_an_error(renderer: Any) -> None:
    env = AgeMemMessageEnv(renderer, ID, SEED, OPTIONS)
    asyncio.run(env.initial_observation())
    env._env = Lost(env._env)  # type: ignore[arg-type]
    asyncio.run(env.step({"role": "assistant", "content": "x"}))
    with pytest.raises(EngineCrash, match="its process ended"):
        asyncio.run(env.step({"role": "assistant", "content": "x"}))


def test_calls_that_cannot_be_read_are_counted_by_the_environment(renderer: Any) -> None:
    env = AgeMemMessageEnv(renderer, ID, SEED, OPTIONS)
    asyncio.run(env.initial_observation())
    tokens = Scripted(renderer, []).tokens(
        '<tool_call>\n{"name": "Add_memory", "arguments": {"content": \n</tool_call>'
    )
    message, ended = renderer.parse_response(tokens)
    assert ended.is_clean and message["unparsed_tool_calls"]
    result = asyncio.run(env.step(message))
    assert not result.episode_done
    message, _ = renderer.parse_response(
        Scripted(renderer, []).tokens(in_tags(ToolCall("Retrieve_memory", {"top_k": "many"})))
    )
    result = asyncio.run(env.step(message))
    env.finish()
    assert env.metrics()["mistakes"] == 2


def test_thoughts_and_calls_go_there_and_back() -> None:
    call = {"id": "a1", "type": "function", "function": {"name": "Add_memory", "arguments": '{"content":  "x"}'}}
    said = {"role": "assistant", "content": "<think>hm</think>\nSo.", "tool_calls": [call]}
    seen = to_tinker(said)
    assert seen["content"] == [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "So."}]
    assert to_action(seen) == {"role": "assistant", "content": "So.", "reasoning_content": "hm", "tool_calls": [call]}


def test_the_dataset_has_a_group_for_each_seed(renderer: Any) -> None:
    builder = AgeMemDatasetBuilder(
        model_name=MODEL, renderer_name="qwen3_instruct", options=OPTIONS, seeds=range(5), batch_size=2, group_size=3
    )
    dataset, test = asyncio.run(builder())
    assert test is None and len(dataset) == 2
    assert [one.seed for one in dataset.get_batch(1)] == [2, 3]  # type: ignore[attr-defined]
    envs = asyncio.run(dataset.get_batch(0)[0].make_envs())
    assert len(envs) == 3 and all(isinstance(env, EnvFromMessageEnv) for env in envs)


def test_the_example_makes_a_configuration(renderer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import tinker_rl  # type: ignore[import-not-found]

    made = tinker_rl.config(MODEL, renderer="qwen3_instruct", options=OPTIONS, episodes=16)
    dataset, _ = asyncio.run(made.dataset_builder())
    assert len(dataset) == 2 and made.max_tokens == dataset.get_batch(1)[0].max_generation_tokens
