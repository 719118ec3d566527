"""The workflow with a stub model, Trinity's own advantages, model wrapper and runner, and the configurations."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError
from baselines.grpo.math import group_advantages
from benchmarks.speed import fake_server
from benchmarks.speed.fake_server import Fault, OpenAIServer

pytest.importorskip("trinity", reason="the package trinity-rft is not installed")
from tests.baselines.integrations.players import EXAMPLES, ID, OPTIONS, own_rollout, reader_says

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # what its packages warn of each other
]

SEED = 11
CONFIGURATIONS = EXAMPLES / "trinity"
FAILURE = fake_server.failure(500, "out of memory")
TOO_LONG = fake_server.failure(400, "This model's maximum context length is 4096 tokens", "context_length_exceeded")


def task_of(seed: int | None = SEED, **arguments: Any) -> Any:
    from trinity.common.config import GenerationConfig
    from trinity.common.workflows.workflow import Task

    from baselines.integrations.trinity import AgeMemWorkflow

    given = {"env_id": ID, "options": OPTIONS, **arguments}
    row = {} if seed is None else {"seed": seed}
    sampling = GenerationConfig(temperature=0.5, max_tokens=77)
    return Task(workflow=AgeMemWorkflow, raw_task=row, workflow_args=given, rollout_args=sampling)


class StubModel:
    """Has what the workflow uses of Trinity's wrapper: a client, and a history of experiences."""

    enable_history = True

    def __init__(self, spoil: Callable[[int], None] = lambda number: None) -> None:
        self.history: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        self.spoil = spoil

    def get_openai_async_client(self) -> Any:
        completions = SimpleNamespace(create=self.create)
        return SimpleNamespace(chat=SimpleNamespace(completions=completions), model_path="stub")

    async def create(self, **asked: Any) -> Any:
        from openai.types.chat import ChatCompletion
        from trinity.common.experience import Experience

        await asyncio.sleep(0)
        number = len(self.asked)
        self.asked.append(json.loads(json.dumps(asked)))
        self.spoil(number)
        said = reader_says(asked["messages"], asked["tools"])
        self.history.append(Experience(tokens=[1, 2, number], prompt_length=2, logprobs=[-0.5]))
        return ChatCompletion.model_validate(fake_server.chat_completion(said, asked))

    def extract_experience_from_history(self) -> list[Any]:
        found, self.history = self.history, []
        return found


def played(model: Any, task: Any) -> list[Any]:
    found: list[Any] = asyncio.run(task.to_workflow(model).run_async())
    return found


def test_each_turn_is_an_experience_with_the_reward_of_the_episode() -> None:
    model = StubModel()
    model.history.append("what another episode has left")
    workflow = task_of().to_workflow(model)
    workflow.run_id_base = 5
    found = asyncio.run(workflow.run_async())
    own = own_rollout(SEED)
    reward, turns = own.reward, own.turns
    assert [int(experience.tokens[-1]) for experience in found] == list(range(turns))
    assert [(experience.eid.run, experience.eid.step) for experience in found] == [(5, turn) for turn in range(turns)]
    assert [experience.reward for experience in found] == pytest.approx([reward] * turns, abs=1e-9)
    assert [bool(experience.metrics) for experience in found] == [False] * (turns - 1) + [True]
    metrics = found[-1].metrics
    assert (metrics["reward"], metrics["turns"], metrics["failed"]) == (pytest.approx(reward), turns, 0.0)
    assert {"success", "progress", "mistakes", "reward/task", "EM"} < set(metrics)
    assert all(type(value) is float for value in metrics.values())
    (asked,) = {(a["model"], a["temperature"], a["max_tokens"]) for a in model.asked}
    assert asked == ("stub", 0.5, 77)


def test_another_task_is_another_episode_and_equal_seeds_are_equal_ones() -> None:
    model = StubModel()
    workflow = task_of().to_workflow(model)
    asyncio.run(workflow.run_async())
    first = list(model.asked)
    workflow.reset(task_of(12))
    asyncio.run(workflow.run_async())
    assert model.asked[len(first)]["messages"] != first[0]["messages"]
    again = StubModel()
    assert len(played(again, task_of())) == len(first) and again.asked == first


def test_runs_at_once_do_not_mix() -> None:
    models = [StubModel() for _ in range(3)]

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(task_of(SEED + i).to_workflow(m).run_async() for i, m in enumerate(models)))

    for number, found in enumerate(asyncio.run(all_of_them())):
        assert found[0].reward == pytest.approx(own_rollout(SEED + number).reward, abs=1e-9)


def fails(at: int, error: Exception) -> Callable[[int], None]:
    def spoil(number: int) -> None:
        if number == at:
            raise error

    return spoil


def test_a_call_that_fails_costs_the_turn_and_not_the_episode() -> None:
    found = played(StubModel(fails(4, RuntimeError("gone"))), task_of())
    assert len(found) == 4 and len({experience.reward for experience in found}) == 1
    assert (found[-1].metrics["failed"], found[-1].metrics["turns"], found[-1].metrics["success"]) == (1.0, 4.0, 0.0)
    with pytest.raises(RuntimeError, match="gone"):
        played(StubModel(fails(0, RuntimeError("gone"))), task_of())


def test_a_cancelled_run_closes_its_environment_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from agemem_env.env import AgeMemEnv

    closed: list[int] = []
    plain = AgeMemEnv.close
    monkeypatch.setattr(AgeMemEnv, "close", lambda self: (closed.append(1), plain(self))[1])
    model = StubModel()

    async def hang(**asked: Any) -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(model, "create", hang)

    async def run() -> None:
        running = asyncio.ensure_future(task_of().to_workflow(model).run_async())
        await asyncio.sleep(1.0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(run())
    assert closed


def test_turns_can_be_limited_and_the_episode_is_scored_as_it_stands() -> None:
    found = played(StubModel(), task_of(max_turns=3))
    assert len(found) == 3 and found[-1].metrics["turns"] == 3.0 and found[-1].metrics["failed"] == 0.0


def test_mistakes_of_the_configuration_are_said() -> None:
    with pytest.raises(ConfigurationError, match="a task has no seed"):
        played(StubModel(), task_of(None))
    model = StubModel()
    model.enable_history = False
    with pytest.raises(ConfigurationError, match="enable_history"):
        played(model, task_of())


def advantages(groups: Sequence[Sequence[float]], lengths: Sequence[Sequence[int]], **options: Any) -> dict[Any, float]:
    """What Trinity's function gives each episode; those that it leaves out are missing."""
    from trinity.algorithm.advantage_fn.multi_step_grpo_advantage import StepWiseGRPOAdvantageFn
    from trinity.common.experience import EID, Experience

    experiences = [
        Experience(
            tokens=[1] * (2 + size), prompt_length=2, action_mask=[step % 2 == 0] + [True] * (size - 1), reward=reward,
            eid=EID(batch=0, task=group, run=run, step=step),
        )
        for group, rewards in enumerate(groups)
        for run, reward in enumerate(rewards)
        for step, size in enumerate(np.random.default_rng(run).integers(2, 5, lengths[group][run]).tolist())
    ]  # fmt: skip
    found, _ = StepWiseGRPOAdvantageFn(**options)(experiences)
    values: dict[Any, set[float]] = defaultdict(set)
    for experience in found:
        masked = experience.advantages[~experience.action_mask]
        assert masked.abs().sum() == 0, "tokens that were not sampled"
        values[experience.eid.task, experience.eid.run] |= {
            float(a) for a in experience.advantages[experience.action_mask]
        }
    assert all(len(of_episode) == 1 for of_episode in values.values()), "one advantage for an episode"
    return {episode: next(iter(value)) for episode, value in values.items()}


@pytest.mark.parametrize("seed", range(20))
def test_its_advantages_are_ours(seed: int) -> None:
    """Random groups: unequal numbers of turns, groups of one, groups without a difference."""
    rng = np.random.default_rng(seed)
    groups = [
        [0.25] * size if rng.random() < 0.3 else rng.normal(size=size).tolist()
        for size in rng.integers(1, 9, 6).tolist()
    ]
    lengths = [rng.integers(1, 20, len(rewards)).tolist() for rewards in groups]
    flat = [reward for rewards in groups for reward in rewards]
    names = [group for group, rewards in enumerate(groups) for _ in rewards]
    mine = group_advantages(flat, names).values
    episodes = [(group, run) for group, rewards in enumerate(groups) for run in range(len(rewards))]
    configured = configuration("train_hotpotqa").algorithm.advantage_fn_args
    theirs = advantages(groups, lengths, **configured)
    assert [theirs.get(episode, 0.0) for episode in episodes] == pytest.approx(mine, abs=2e-5)
    plain = advantages(groups, lengths)
    alone = {group for group, rewards in enumerate(groups) if len(rewards) == 1}
    for episode, value in zip(episodes, mine, strict=True):
        expected = groups[episode[0]][0] if episode[0] in alone else value
        assert plain[episode] == pytest.approx(expected, abs=2e-5), "by default a run alone has its reward"


def configuration(name: str) -> Any:
    from trinity.common.config import load_config

    return load_config(str(CONFIGURATIONS / f"{name}.yaml"))


@pytest.mark.parametrize("name", ["train_hotpotqa", "evaluate"])
def test_the_configurations_are_valid(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trinity.common.workflows import WORKFLOWS

    from baselines.integrations.trinity import AgeMemWorkflow

    monkeypatch.chdir(tmp_path)
    config = configuration(name).check_and_update()
    inputs = config.buffer.explorer_input
    assert {taskset.workflow_args["env_id"] for taskset in inputs.eval_tasksets} == {
        f"AgeMem-{benchmark}-v0" for benchmark in ("ALFWorld", "SciWorld", "PDDL", "BabyAI", "HotpotQA")
    }
    assert {taskset.workflow_args["options"]["split"] for taskset in inputs.eval_tasksets} == {"test"}
    assert [taskset.workflow_args["options"]["split"] for taskset in inputs.tasksets] == (
        ["train"] if name == "train_hotpotqa" else []
    )
    for taskset in (*inputs.tasksets, *inputs.eval_tasksets):
        assert WORKFLOWS.get(taskset.default_workflow_type) is AgeMemWorkflow
    rollout = config.explorer.rollout_model
    assert rollout.enable_history and rollout.enable_openai_api and rollout.max_response_tokens == 2048
    if name == "train_hotpotqa":
        algorithm = config.algorithm
        assert (algorithm.algorithm_type, algorithm.repeat_times, algorithm.advantage_fn) == (
            "multi_step_grpo", 8, "step_wise_grpo",
        )  # fmt: skip
        assert algorithm.kl_loss_fn_args["kl_coef"] == 0.1 and config.buffer.total_steps == 100


def test_tasks_are_read_by_trinity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import load_dataset

    from baselines.integrations.trinity import write_tasks

    write_tasks(tmp_path / "tasks", 3, 2)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    for split, count in (("train", 3), ("test", 2)):
        rows = load_dataset(str(tmp_path / "tasks"), split=split, cache_dir=str(tmp_path / "cache"))
        assert [row["seed"] for row in rows] == list(range(count))


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Trinity's runner and model wrapper, against a server on loopback; vLLM, which both import, is not used."""
    from contextlib import contextmanager

    vllm = ("vllm", "vllm.config", "vllm.entrypoints", "vllm.entrypoints.chat_utils", "vllm.inputs")
    for name in vllm:
        if name not in sys.modules:
            monkeypatch.setitem(sys.modules, name, MagicMock())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    plain = fake_server.chat_completion
    tokens: list[int] = []

    def with_tokens(said: Any, body: Any) -> dict[str, Any]:
        reply = plain(said, body)
        tokens.append(len(tokens))
        reply["choices"][0] |= {"token_ids": [7, 8], "logprobs": {"content": [logprob("a"), logprob("b")]}}
        assert body["return_token_ids"] is True
        return {**reply, "prompt_token_ids": [1, 2, tokens[-1]]}

    monkeypatch.setattr(fake_server, "chat_completion", with_tokens)

    @contextmanager
    def run(script: Sequence[Any] = ()) -> Any:
        from trinity.common.config import InferenceModelConfig
        from trinity.common.models.model import ModelWrapper
        from trinity.explorer.workflow_runner import WorkflowRunner

        config = InferenceModelConfig(
            model_path="m", engine_type="external", enable_history=True, enable_openai_api=True
        )
        with OpenAIServer(reader_says, strict=True) as server:
            address = server.url.removesuffix("/v1")
            made = WorkflowRunner.__new__(WorkflowRunner)
            made.model_wrapper, made.auxiliary_model_wrappers = ModelWrapper(config=config, api_address=address), []
            made.workflow_instance, made.runner_state = None, {}
            made.config = SimpleNamespace(explorer=SimpleNamespace(rollout_model=config))
            made.logger = MagicMock()
            made.concurrent_run_fn = made._asynchronous_run
            yield made, server

    yield run
    gc.collect()  # of its clients, which nobody closes


def logprob(token: str) -> dict[str, Any]:
    return {"token": token, "logprob": -0.25, "bytes": None, "top_logprobs": []}


def test_its_runner_gets_experiences_from_a_server(runner: Any) -> None:
    with runner() as (made, server):
        result = asyncio.run(made._run_task(task_of(), 2, 4))
    own = own_rollout(SEED)
    reward, turns = own.reward, own.turns
    assert result.status.ok, result.status.message
    assert [(e.eid.run, e.eid.step) for e in result.experiences] == [(run, t) for run in (4, 5) for t in range(turns)]
    assert [e.reward for e in result.experiences] == pytest.approx([reward] * 2 * turns, abs=1e-9)
    assert all(e.logprobs.tolist() == [-0.25, -0.25] and e.action_mask.sum() == 2 for e in result.experiences)
    assert [metric["reward"] for metric in result.status.metrics] == pytest.approx([reward] * 2)
    assert len(server.requests) == 2 * turns


@pytest.mark.parametrize(
    ("fault", "failed"), [(TOO_LONG, 0.0), (FAILURE, 1.0), (Fault("no json at all"), 1.0)], ids=["long", "500", "torn"]
)
def test_a_server_that_refuses_or_fails_leaves_the_experiences_that_there_are(
    fault: Fault, failed: float, runner: Any
) -> None:
    with runner() as (made, server):
        plain, count = server.speak, [0]

        def turning(messages: Any, tools: Any) -> Any:
            count[0] += 1
            if count[0] == 3:
                server.script += [fault] * 3  # the client tries again twice
            return plain(messages, tools)

        server.speak = turning
        result = asyncio.run(made._run_task(task_of(), 1, 0))
    assert result.status.ok and len(result.experiences) == 3
    (metrics,) = result.status.metrics
    assert (metrics["failed"], metrics["turns"]) == (failed, 3.0)


def test_a_first_prompt_that_is_too_long_is_said(runner: Any) -> None:
    with runner() as (made, server):
        server.script.append(TOO_LONG)
        result = asyncio.run(made._run_task(task_of(), 1, 0))
    assert not result.status.ok and not result.experiences
    assert "the server refuses the first prompt" in (result.status.message or "")


def test_a_reply_that_is_cut_is_played_as_far_as_it_goes(runner: Any) -> None:
    cut = {"role": "assistant", "content": '<tool_call>{"name": "Add_mem', "finish_reason": "length"}
    with runner() as (made, server):
        server.script += [cut, cut]
        result = asyncio.run(made._run_task(task_of(), 1, 0))
    (metrics,) = result.status.metrics
    assert metrics["failed"] == 0.0 and metrics["mistakes"] >= 2.0
