"""The contracts of an environment, written once and held against every benchmark.

A contract is a function of a `Make`: a callable that makes the environment with given keyword arguments. Use it as

    @pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
    def test_contract(contract):
        contract(make)

A contract fails with an AssertionError that says what is wrong; `tests/agemem_env/test_conformance.py` holds the contracts
themselves against engines that break them.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env, data_equivalence

from agemem_env.actions.parsing import render_answer, render_calls
from agemem_env.env import AgeMemEnv
from agemem_env.errors import DeskError
from agemem_env.spaces import chat_error
from agemem_env.types import ToolCall, Usage
from baselines import make as make_policy
from baselines import rollout
from baselines.base import Policy
from baselines.cheats import CHEATS, DoNothing

Make = Callable[..., "gym.Env[Any, Any]"]

INFO_KEYS = {
    "stage", "source", "task_id", "success", "progress", "reward_components", "tool_calls", "errors", "tokens",
    "token_counter", "overflow", "admissible_commands", "context_rewritten", "state_hash", "metrics",
}  # fmt: skip
TEXTS = ("Zürich 東京 Łódź ñandú 🙂", "<tool_call>[{]", "{'name': 3}", "", "Action: go\nAction: stay", "yes")


def plain(env: gym.Env[Any, Any]) -> AgeMemEnv:
    unwrapped = env.unwrapped
    assert isinstance(unwrapped, AgeMemEnv), f"{type(unwrapped)} is not an AgeMemEnv"
    return unwrapped


def same(first: Any, second: Any, what: str) -> None:
    assert data_equivalence(first, second), f"{what} differ: {first!r} != {second!r}"


def mixed_actions(env: gym.Env[Any, Any], seed: int) -> Iterator[Any]:
    """Yield valid calls, replies and garbage without end; equal seeds give equal actions for equal states."""
    rng = np.random.default_rng(seed)
    env.action_space.seed(seed)
    while True:
        yield TEXTS[int(rng.integers(len(TEXTS)))] if rng.random() < 0.3 else env.action_space.sample()


def passes_gymnasium_checker(make: Make) -> None:
    env = plain(make())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=env.spec is None)


def same_seed_same_episode(make: Make) -> None:
    first, second = make(), make()
    for seed in range(4):
        same(first.reset(seed=seed), second.reset(seed=seed), f"resets with seed {seed}")
        actions = zip(mixed_actions(first, seed), mixed_actions(second, seed), strict=False)
        for step, (action, twin) in enumerate(actions):
            same(action, twin, f"sampled actions at step {step}")
            result = first.step(action)
            same(result, second.step(twin), f"results of step {step} with seed {seed}")
            if result[2] or result[3]:
                break


def a_named_task_gives_the_same_episode(make: Make) -> None:
    env = make()
    drawn, info = env.reset(seed=3)
    named, named_info = env.reset(seed=3, options={"task": info["task_id"]})
    same((drawn, info), (named, named_info), "episodes of a drawn and of a named task")


def different_seeds_different_tasks(make: Make) -> None:
    env = make()
    tasks = {env.reset(seed=seed)[1]["task_id"] for seed in range(10)}
    assert len(tasks) > 3, f"ten seeds gave only the tasks {tasks}"


def reset_leaves_nothing_behind(make: Make) -> None:
    used, fresh = make(), make()
    rollout(used, make_policy("random", used), seed=11)
    same(used.reset(seed=5), fresh.reset(seed=5), "first observations of a used and of a fresh environment")


def observations_and_info_keep_their_form(make: Make) -> None:
    for tool_format in ("native", "tags"):
        env = make(tool_format=tool_format)
        observation, info = env.reset(seed=1)
        actions = mixed_actions(env, 1)
        over = False
        while not over:
            check_form(env, observation, info)
            previous = info
            observation, reward, terminated, truncated, info = env.step(next(actions))
            assert type(reward) is float and math.isfinite(reward), f"reward {reward!r} is not a finite float"
            assert type(terminated) is bool and type(truncated) is bool, "terminated and truncated must be bools"
            assert info is not previous, "info is one dict that changes"
            over = terminated or truncated
        check_form(env, observation, info)
        assert info["metrics"] is not None, "metrics are missing at the end"


def check_form(env: gym.Env[Any, Any], observation: Any, info: dict[str, Any]) -> None:
    assert observation in env.observation_space, f"observation {observation!r} is not in the space"
    error = chat_error(observation["messages"])
    assert error is None, f"a chat API would refuse the messages: {error}"
    assert observation["messages"][-1]["role"] != "assistant" or len(observation["messages"]) == 1
    assert set(info) == INFO_KEYS, f"info has keys {set(info) ^ INFO_KEYS} too many or too few"
    json.dumps(info, allow_nan=False)
    assert type(info["success"]) is bool, "success must be a bool"
    assert 0.0 <= info["progress"] <= 1.0, f"progress {info['progress']!r} is not in [0, 1]"
    assert observation["tokens"] <= plain(env).config.max_tokens, "the context exceeds its budget"


def context_rewritten_tells_the_truth(make: Make) -> None:
    env = make(max_tokens=1600)
    seen = set()
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        actions = mixed_actions(env, seed)
        over = False
        while not over:
            before, action = observation["messages"], next(actions)
            observation, _, terminated, truncated, info = env.step(action)
            extends = observation["messages"][: len(before)] == before
            if isinstance(action, str):
                # What was said in words has to be there as it was said.
                extends = extends and observation["messages"][len(before)]["content"] == action
            assert info["context_rewritten"] != extends, "context_rewritten is wrong"
            seen.add(extends)
            over = terminated or truncated
    assert seen == {True, False}, "the episodes did not exercise both cases"


def reward_is_the_weighted_sum(make: Make) -> None:
    weights = {"task": 0.5, "context": 0.3, "memory": 0.7}
    for profile in ("paper", "strict"):
        for name in ("expert", "random", "do-nothing"):
            env, dense = make(reward=profile, weights=weights), make(reward=profile, weights=weights, dense=True)
            result = rollout(env, make_policy(name, env), seed=2)
            parts = result.info["reward_components"]
            expected = sum(w * parts[c] for c, w in weights.items() if parts[c] is not None) + parts["penalty"]
            assert abs(result.reward - expected) < 1e-9, f"{result.reward} is not the weighted sum {expected}"
            for component in weights:
                scored = [v for k, v in parts.items() if k.startswith(f"{component}/") and v is not None]
                mean = sum(scored) / len(scored) if scored else None
                assert parts[component] == mean, f"{component} is not the mean of its parts"
            summed = rollout(dense, make_policy(name, dense), seed=2).reward
            assert abs(summed - result.reward) < 1e-9, f"dense rewards sum to {summed}, not {result.reward}"


def the_turn_limit_pays_the_reward(make: Make) -> None:
    env = make(max_rounds=2)
    env.reset(seed=0)
    over, steps_in_stage_3, info, observation = False, 0, {}, {"stage": 1}
    while not over:
        steps_in_stage_3 += observation["stage"] == 3
        observation, reward, terminated, over, info = env.step({"name": "Retrieve_memory", "arguments": {"query": "x"}})
        assert not terminated, "a retrieval ended the episode"
    assert steps_in_stage_3 == 2, f"stage 3 took {steps_in_stage_3} turns, not 2"
    assert info["reward_components"]["penalty/rounds"] == -1.0, "the limit was not charged"
    assert reward < 0 and info["metrics"] is not None, "the limit lost the reward"


def stepping_after_the_end_raises(make: Make) -> None:
    env = plain(make())
    try:
        env.step("too early")
    except ResetNeeded:
        pass
    else:
        raise AssertionError("step before reset did not raise ResetNeeded")
    rollout(env, DoNothing(), seed=0)
    try:
        env.step("too late")
    except ResetNeeded:
        return
    raise AssertionError("step after the end did not raise ResetNeeded")


def snapshots_branch_an_episode(make: Make) -> None:
    env = plain(make())
    env.reset(seed=4)
    actions = mixed_actions(env, 4)
    for _ in range(3):
        env.step(next(actions))
    saved = env.snapshot()
    tail = [next(actions) for _ in range(6)]

    def play() -> list[Any]:
        results: list[Any] = [env.restore(saved)]
        for action in tail:
            results.append(env.step(action))
            if results[-1][2] or results[-1][3]:
                break
        return results

    first = play()
    rollout(env, DoNothing(), seed=9)
    same(first, play(), "two continuations of one snapshot")


def tool_formats_give_the_same_episode(make: Make) -> None:
    results = {}
    for tool_format in ("native", "tags"):
        env = make(tool_format=tool_format)
        results[tool_format] = rollout(env, make_policy("expert", env), seed=6)
    same(results["native"].info, results["tags"].info, "infos in the two tool formats")


def dialects_give_the_same_episode(make: Make) -> None:
    for history in ("canonical", "verbatim"):
        results = {}
        for dialect, speak in DIALECTS.items():
            env = make(history=history)
            info = rollout(env, Speaker(make_policy("expert", env), speak), seed=8).info
            # What was sent may be kept as it was, in other words; what was done is the same.
            told = set(info) - {"context_rewritten"} if history == "canonical" else DONE
            results[dialect] = {key: info[key] for key in sorted(told)}
        for dialect, info in results.items():
            same(info, results["object"], f"infos of the expert speaking {dialect!r} and 'object', {history}")


DONE = {"stage", "source", "task_id", "success", "progress", "tool_calls", "errors", "overflow", "admissible_commands"}


def _hermes(calls: list[ToolCall]) -> str:
    if [c.name for c in calls] == ["answer"]:
        return f"<think>Done.</think>{render_answer(calls[0].arguments['text'])}"
    return "\n".join(f"<tool_call>\n{json.dumps(c.to_dict(), ensure_ascii=False)}\n</tool_call>" for c in calls)


def _openai(calls: list[ToolCall]) -> dict[str, Any]:
    listed = [
        {
            "id": f"x{i}",
            "type": "function",
            "function": {"name": c.name, "arguments": json.dumps(c.arguments)},
        }
        for i, c in enumerate(calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": listed}


DIALECTS: dict[str, Callable[[list[ToolCall]], Any]] = {
    "object": lambda calls: calls,
    "dict": lambda calls: [call.to_dict() for call in calls],
    "paper": lambda calls: f"<think>Let me see.</think>{render_calls(calls)}",
    "hermes": _hermes,
    "openai": _openai,
}


class Speaker(Policy):
    """Lets a policy speak a dialect."""

    def __init__(self, inner: Policy, speak: Callable[[list[ToolCall]], Any]) -> None:
        self.name = inner.name
        self._inner, self._speak = inner, speak

    def reset(self, info: Any) -> None:
        self._inner.reset(info)

    def act(self, observation: Any, info: Any) -> Any:
        action = self._inner.act(observation, info)
        if isinstance(action, str):
            return action
        return self._speak([action] if isinstance(action, ToolCall) else action)


def cheats_are_not_paid(make: Make) -> None:
    tasks = range(20)

    def mean(policy: Policy, env: gym.Env[Any, Any]) -> float:
        return sum(rollout(env, policy, seed=i, task=i).reward for i in tasks) / len(tasks)

    for profile in ("paper", "strict"):
        env = make(reward=profile)
        expert, nothing = mean(make_policy("expert", env), env), mean(DoNothing(), env)
        for cheat in CHEATS:
            paid = mean(cheat(), env)
            assert paid < expert, f"{cheat.name} earns {paid}, the expert {expert} ({profile})"
            if profile == "strict":
                assert paid <= nothing + 1e-9, f"{cheat.name} earns {paid}, doing nothing {nothing}"


def the_expert_solves_every_task(make: Make) -> None:
    env = make()
    for task in range(10):
        result = rollout(env, make_policy("expert", env), seed=task, task=task)
        assert result.info["success"], f"the expert failed task {result.info['task_id']}"
        assert result.info["errors"] == {}, f"the expert made mistakes: {result.info['errors']}"


def facts_are_well_formed(make: Make) -> None:
    tasks = plain(make()).tasks
    for task in tasks[:20]:
        assert task.gold_facts, f"task {task.id} has no gold facts"
        for i, fact in enumerate(task.facts):
            assert fact.supersedes is None or 0 <= fact.supersedes < i, (
                f"fact {i} of {task.id} supersedes no earlier one"
            )
        told = [i for u in task.utterances for i in u.facts] or list(range(len(task.facts)))
        assert sorted(told) == list(range(len(task.facts))), f"task {task.id} does not tell every fact once"
        assert task == tasks.get(task.id), f"task {task.id} is not what its id finds"


def desk_is_recorded_and_branches(make: Make) -> None:
    env, twin = plain(make(tools=(), dense=True)), plain(make(tools=()))
    same(env.reset(seed=5)[0], twin.reset(seed=5)[0], "resets with and without dense reward")
    total, paid, told, saved, over, info = 0.0, 0.0, 0, None, False, {}
    while not over:
        told += tend(env)
        tend(twin)
        desk = env.desk()
        check_form(env, *desk.observation())
        same(desk.observation()[0], twin.desk().observation()[0], "observations after equal work at the desk")
        saved = env.snapshot() if saved is None and env.ledger.of("retrieve") else saved
        _, reward, terminated, truncated, info = env.step(idle(env))
        paid = twin.step(idle(twin))[1]
        total, over = total + reward, terminated or truncated
        try:
            desk.search("too late")
        except DeskError:
            pass
        else:
            raise AssertionError("a desk worked after the step")
    assert abs(total - paid) < 1e-9, f"dense rewards sum to {total}, not {paid}"
    metrics = info["metrics"]
    assert told > 0 and saved is not None, "the episode told nothing"
    assert (metrics["TC"], metrics["MC"], metrics["MT"]) == (0.0, told, 12.0 * told), "the cost of memory is wrong"
    assert metrics["MO"] == 2 * told, "operations of the system are missing"
    env.restore(saved)
    over = False
    while not over:
        _, _, terminated, truncated, branched = env.step(idle(env))
        over = terminated or truncated
        if not over:
            tend(env)
    same(branched, info, "ends of an episode with a memory system and of its branch")


def tend(env: AgeMemEnv) -> int:
    """Do what a memory system does before a turn; return the number of messages stored."""
    desk = env.desk()
    for text in desk.news:
        desk.show(desk.search(text, 2))
        desk.add(text)
        desk.charge(Usage(1, 10, 2), "store")
    return len(desk.news)


def idle(env: AgeMemEnv) -> Any:
    """Return the action of an agent that gives up as soon as it can."""
    return "Noted." if env.desk().stage < 3 else {"name": "answer", "arguments": {"text": "unknown"}}


def vector_environments_agree(make: Make) -> None:
    sync = gym.vector.SyncVectorEnv([make, make])
    parallel = gym.vector.AsyncVectorEnv([make, make], shared_memory=False, context="spawn")
    try:
        same(sync.reset(seed=1), parallel.reset(seed=1), "resets of sync and async")
        for action in (TEXTS[0], "Noted.", '{"name": "Add_memory", "arguments": {"content": "Zürich 東京"}}'):
            same(sync.step((action, action)), parallel.step((action, action)), "steps of sync and async")
    finally:
        sync.close()
        parallel.close()


CONTRACTS: tuple[Callable[[Make], None], ...] = (
    passes_gymnasium_checker,
    same_seed_same_episode,
    a_named_task_gives_the_same_episode,
    different_seeds_different_tasks,
    reset_leaves_nothing_behind,
    observations_and_info_keep_their_form,
    context_rewritten_tells_the_truth,
    reward_is_the_weighted_sum,
    the_turn_limit_pays_the_reward,
    stepping_after_the_end_raises,
    snapshots_branch_an_episode,
    tool_formats_give_the_same_episode,
    dialects_give_the_same_episode,
    cheats_are_not_paid,
    the_expert_solves_every_task,
    facts_are_well_formed,
    desk_is_recorded_and_branches,
    vector_environments_agree,
)
"""Every contract; a benchmark's test module runs them all."""
