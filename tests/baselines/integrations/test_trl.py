"""TRL: two real optimisation steps on scripted turns, and the rows of its asynchronous trainer."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.types import ToolCall
from benchmarks.speed.fake_server import Fault, OpenAIServer, failure

pytest.importorskip("trl", reason="the package trl is not installed")
from baselines.integrations.rows import Generation
from baselines.integrations.trl import (
    LONG_TERM_TOOLS,
    OVER,
    EpisodeWorker,
    PromptRefusedError,
    StageThree,
    VLLMSampler,
    samples,
)
from tests.baselines.integrations.players import EXAMPLES, ID, OPTIONS, Lost, expert_turns, in_tags
from tests.baselines.integrations.tokens import make_tokenizer, texts_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # TRL's own, and those of what it imports
]


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from accelerate import PartialState

    PartialState()  # without it TRL's logging raises, once something takes more than a second


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """What trainers leave is collected here: in the midst of a parse it makes CPython 3.11 fail."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    import trl

    template = Path(trl.__file__).parent / "chat_templates" / "qwen3_instruct_2507.jinja"
    return make_tokenizer(texts_of(gym.make(ID, **OPTIONS), range(3)), template.read_text(encoding="utf-8"))


def called(name: str, **arguments: Any) -> str:
    return in_tags(ToolCall(name, arguments))


# -- environment_factory


def test_schemas_are_those_of_the_environment() -> None:
    from transformers.utils import get_json_schema

    made = StageThree(ID, OPTIONS)()
    env = gym.make(ID, **OPTIONS, tools=LONG_TERM_TOOLS, stages=(3,))
    for schema in env.action_space.tools():  # type: ignore[attr-defined]
        ours = schema["function"]
        theirs = get_json_schema(getattr(made, ours["name"]))["function"]
        assert theirs["description"] == ours["description"]
        assert theirs["parameters"]["required"] == ours["parameters"]["required"]
        for name, spec in ours["parameters"]["properties"].items():
            seen = theirs["parameters"]["properties"].pop(name)
            assert seen["type"] == spec["type"] and seen["description"].startswith(spec["description"])
        assert theirs["parameters"]["properties"] == {}
    assert (
        "at most 20"
        in get_json_schema(made.Retrieve_memory)["function"]["parameters"]["properties"]["top_k"]["description"]
    )  # type: ignore[attr-defined]


def test_the_memory_holds_what_stage_one_tells_and_the_prompt_does_not() -> None:
    made: Any = StageThree(ID, OPTIONS)()
    query = made.reset(seed=7, prompt=[], another_column=1)
    core = made._core
    task, stale = core.task, core.task.superseded
    assert query.startswith(task.query)
    true = {fact.text for i, fact in enumerate(task.facts) if i not in stale}
    assert {entry.content for entry in core.memory} == true and len(true) > 20
    (row,) = StageThree(ID, OPTIONS).rows([7])
    assert row["prompt"][0]["content"] == core.desk().observation()[0]["messages"][0]["content"] and row["seed"] == 7
    assert not any(fact.text in str(core.context.messages()) for fact in task.gold_facts)
    assert task.id == gym_task(7)


def gym_task(seed: int) -> str:
    env: Any = gym.make(ID, **OPTIONS)
    env.reset(seed=seed)
    return str(env.unwrapped.task.id)


@pytest.mark.parametrize("stages", [(1, 2, 3), (1, 3), (2, 3)])
def test_stages_that_a_growing_row_would_keep_in_view_are_refused(stages: tuple[int, ...]) -> None:
    with pytest.raises(ConfigurationError, match="one row that only grows, so what stage 1 tells would stay in view"):
        StageThree(ID, {**OPTIONS, "stages": stages})
    assert StageThree(ID, {**OPTIONS, "stages": (3,)})().reset(seed=1)


def test_tools_that_would_take_nothing_out_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="Summary_context are not allowed"):
        StageThree(ID, {**OPTIONS, "tools": ("Add_memory", "Summary_context")})
    with pytest.raises(ConfigurationError, match="'lifetime' is not allowed"):
        StageThree(ID, {**OPTIONS, "memory": "lifetime"})


def test_an_instance_plays_another_seed_as_a_new_one_does_whatever_was_left_of_the_last() -> None:
    factory = StageThree(ID, OPTIONS)
    used, fresh, side = factory(), factory(), pickle.loads(pickle.dumps(factory))()
    used.reset(seed=1)
    used.Add_memory(content="left over")  # type: ignore[attr-defined]
    side.reset(seed=3)
    used.reset(seed=2)
    used.reset(seed=2)  # twice, without an end
    assert used.reset(seed=2) == fresh.reset(seed=2) != side.reset(seed=3)
    texts = [(one.Retrieve_memory(query="lighthouse"), one.answer(text="Paris")) for one in (used, fresh)]  # type: ignore[attr-defined]
    assert texts[0] == texts[1] and texts[0][1].endswith(OVER)
    assert used.get_reward() == fresh.get_reward() == used.get_reward()
    assert type(used) is type(fresh)


def test_mistakes_are_answered_by_the_environment_and_counted() -> None:
    made: Any = StageThree(ID, OPTIONS)()
    made.reset(seed=7)
    assert "must be a JSON integer" in made.Retrieve_memory(query="x", top_k=["many"])
    assert "needs query" in made.Retrieve_memory()
    assert "ignored 'self'" in made.Add_memory(content="x", self=3)
    assert "there is no memory" in made.Delete_memory("mem_00000000", True)
    assert sum(made._core.ledger.errors.values()) == 4
    assert made.get_reward() < 0


def test_a_rollout_that_stops_early_is_scored_once_as_it_stands() -> None:
    made: Any = StageThree(ID, OPTIONS)()
    made.reset(seed=7)
    made.Retrieve_memory(query="lighthouse")
    first = made.get_reward()
    assert made._core.over and made.answer(text="x") == OVER and made.get_reward() == first


def test_a_lost_simulator_is_not_scored(tokenizer: Any) -> None:
    made: Any = StageThree(ID, OPTIONS)()
    made.reset(seed=7)
    made._env = Lost(made._env)
    assert OVER not in made.Retrieve_memory(query="x")
    assert made.Retrieve_memory(query="x").endswith(OVER) and made.get_reward() is None
    made._env = made._env.env
    made.reset(seed=7)
    assert made.get_reward() < 0

    model = ScriptedModel(tokenizer, [])

    async def generate(messages: Any, tools: Any) -> Generation:
        return model.say(messages, "Noted.")

    worker = EpisodeWorker(ID, generate, OPTIONS, seeds=[], num_generations=3, max_turns=3)
    whole = worker._make
    made_here: list[int] = []

    def make_one() -> Any:
        made_here.append(1)
        return Lost(whole()) if len(made_here) == 2 else whole()

    worker._make = make_one  # type: ignore[method-assign]
    rows = asyncio.run(worker.play_group(7))
    assert len(made_here) == 3 and len({row.metrics["reward"] for row in rows}) == 1 and len(rows) == 2


def test_a_service_that_fails_is_not_a_reward() -> None:
    class Broken:
        name, dim, default_threshold, price = "hashing", 8, 0.0, None

        def encode(self, texts: Sequence[str]) -> Any:
            raise ServiceError("the encoder is gone")

    made: Any = StageThree(ID, {**OPTIONS, "encoder": Broken()})()
    made.reset(seed=7)
    with pytest.raises(ServiceError):
        made.Retrieve_memory(query="x")  # TRL makes a tool result of it
    with pytest.raises(ServiceError, match="the encoder is gone"):
        made.get_reward()


def tiny_model(tokenizer: Any) -> Any:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=8192, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )  # fmt: skip
    return Qwen2ForCausalLM(config)


def scripted_trainer(tokenizer: Any, folder: Path, length: int = 1024) -> Any:
    """A trainer whose turns are scripted: every other rollout looks up and answers right, the others answer wrong."""
    import trl_grpo  # type: ignore[import-not-found]
    from trl import GRPOConfig, GRPOTrainer

    class Scripted(GRPOTrainer):  # type: ignore[misc]
        def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
            answers = {env._core.task.query: env._core.task.answer for env in self.environments}
            said = []
            for number, ids in enumerate(prompt_ids):
                text = tokenizer.decode(ids)
                turns = text.count("<|im_start|>assistant\n") - 1
                right = number % 2 == 0 if turns == 0 else "the right one" in text
                answer = next(a for query, a in answers.items() if query in text)
                script = [
                    called("Retrieve_memory", query="the right one" if right else "a wrong one", top_k=2),
                    called("answer", text=answer if right else "nowhere"),
                    "Done.",
                ]
                said.append(tokenizer.encode(script[turns] + "<|im_end|>", add_special_tokens=False))
            self.scripted = getattr(self, "scripted", 0) + sum(map(len, said))
            return said, None

        def _generate_and_score_completions(self, inputs: Any) -> Any:
            self.scripted = 0
            found = super()._generate_and_score_completions(inputs)
            trained = found["completion_mask"] * found["tool_mask"]
            self.sums = [*getattr(self, "sums", []), (int(trained.sum()), self.scripted)]
            return found

    config = GRPOConfig(
        output_dir=str(folder), use_cpu=True, bf16=False, per_device_train_batch_size=4, num_generations=4, max_steps=2, learning_rate=1e-2,
        max_completion_length=length, logging_steps=1, report_to=[], save_strategy="no", beta=0.0, seed=3, gradient_checkpointing=False,
        disable_tqdm=True,
    )  # fmt: skip
    model = tiny_model(tokenizer)
    return trl_grpo.trainer(model, config, options=OPTIONS, seeds=range(2), kind=Scripted, processing_class=tokenizer)


def test_two_optimisation_steps_on_scripted_turns_move_the_weights(tokenizer: Any, tmp_path: Path) -> None:
    trainer = scripted_trainer(tokenizer, tmp_path)
    before = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
    trainer.train()
    steps = [log for log in trainer.state.log_history if "grad_norm" in log]
    assert len(steps) == 2
    for log in steps:
        assert log["tools/call_frequency"] == 2 and log["tools/failure_frequency"] == 0
        assert log["reward_std"] > 0.1 and log["grad_norm"] > 1e-3
        assert log["rewards/AgeMemHotpotQAv0/mean"] == log["reward"]
    assert (
        max(float((value - before[name]).detach().abs().max()) for name, value in trainer.model.named_parameters())
        > 1e-4
    )
    assert len(trainer.sums) == 2 and all(trained == scripted > 100 for trained, scripted in trainer.sums)


def test_results_that_do_not_fit_end_a_rollout_which_is_scored_as_it_stands(tokenizer: Any, tmp_path: Path) -> None:
    trainer = scripted_trainer(tokenizer, tmp_path, length=100)
    trainer.train()
    for log, (trained, scripted) in zip(trainer.state.log_history, trainer.sums, strict=False):
        assert log["tools/call_frequency"] == 1 and log["reward"] < -1 and log["reward_std"] < 0.05
        assert trained == scripted < 400
    assert all(env._core.over and env._core.ledger.of("retrieve", stage=3) for env in trainer.environments)


# -- AsyncGRPO


class ScriptedModel:
    """Plays the expert's episode of a seed in the tag format, in spellings of its own, token ids in and out."""

    def __init__(self, tokenizer: Any, seeds: Sequence[int]) -> None:
        self.tokenizer = tokenizer
        self.turns: list[Generation] = []
        self.script = {seed: list(self._expert(seed)) for seed in seeds}

    def _expert(self, seed: int) -> Any:
        yield "<think>nothing yet</think>" + called("Summary_context", span="all", summary="Nothing.")
        for turn in expert_turns(seed)[1:]:
            yield "<think>hm</think>" + (turn if isinstance(turn, str) else "".join(map(in_tags, turn)))

    def say(self, messages: Any, text: str) -> Generation:
        prompt = self.tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, return_dict=False)
        ids = self.tokenizer.encode(text + "<|im_end|>", add_special_tokens=False)
        self.turns.append(Generation(text, tuple(prompt), tuple(ids), tuple(-0.5 for _ in ids)))
        return self.turns[-1]


def played(worker: EpisodeWorker, seed: int, run: int = 0) -> Any:
    return asyncio.run(worker.play(seed, run))


def test_masks_are_the_scripted_tokens_also_in_the_row_builder_of_trl(tokenizer: Any) -> None:
    from trl.experimental.async_grpo.async_rollout_worker import TurnRecord, _chain_to_sequences

    model = ScriptedModel(tokenizer, [7])
    script = iter(model.script[7])

    async def generate(messages: Any, tools: Any) -> Generation:
        assert not tools  # the system message has them
        return model.say(messages, next(script))

    worker = EpisodeWorker(ID, generate, OPTIONS, seeds=[])
    episode = played(worker, 7)
    assert episode.reward > 0.3 and episode.info["tool_calls"]["Summary_context"] == 1
    scripted = sum(len(turn.response_ids) for turn in model.turns)
    ours = samples([episode, episode])[: len(episode.rows)]
    assert sum(int(sample.completion_mask.sum()) for sample in ours) == scripted
    turns = [TurnRecord(list(t.prompt_ids), list(t.response_ids), list(t.logprobs or ())) for t in model.turns]
    theirs, tally = _chain_to_sequences(turns, "one", 1024)
    assert tally["realign"] == 0 and sum(sum(sequence.completion_mask) for sequence in theirs) == scripted
    assert [sequence.input_ids for sequence in theirs] == [sample.input_ids.tolist() for sample in ours]
    assert [sequence.completion_mask for sequence in theirs] == [sample.completion_mask.tolist() for sample in ours]
    assert [sequence.old_log_probs for sequence in theirs] == [sample.old_log_probs.tolist() for sample in ours]
    assert trained_tokens(ours) == scripted
    # Summary, the end of stage 1, and the filter of stage 3: the context was rewritten, and only there rows begin.
    assert len(ours) < len(turns) / 2


def trained_tokens(rows: Sequence[Any]) -> int:
    """How many tokens TRL's trainer takes its loss over, through its own queue, batches and packing."""
    from trl.experimental.async_grpo import async_grpo_trainer as theirs

    waiting: queue.Queue[Any] = queue.Queue()
    for row in rows:
        waiting.put(row)
    dataset = theirs.RolloutQueueDataset(waiting, lambda: 0, lambda seconds: None, 60, defaultdict(list))
    micro_batch = next(iter(theirs.FixedCountBatcher(dataset, 1, len(rows))))
    batch = theirs.DataCollatorForRollout(pad_token_id=0)([micro_batch])
    return int(batch["global_n_tokens"].sum())


def drained(worker: EpisodeWorker, number: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < number:
        worker.check_health(60)
        try:
            found.append(worker.rollout_buffer.get(timeout=0.2))
        except queue.Empty:
            continue
    return found


def test_the_worker_fills_the_queue_as_the_trainer_expects(tokenizer: Any) -> None:
    from trl.experimental.async_grpo import async_grpo_trainer as theirs

    model = ScriptedModel(tokenizer, [])
    counted = iter(range(1_000))

    async def generate(messages: Any, tools: Any) -> Generation:
        await asyncio.sleep(0.001)
        return model.say(messages, "<answer>nowhere</answer>" if next(counted) % 3 else "Noted.")

    worker = EpisodeWorker(
        ID, generate, OPTIONS, seeds=range(2), num_generations=2, groups=2, queue_maxsize=3, max_turns=12
    )
    worker.update_model_version(5)
    needed = [name for name in vars(theirs.RolloutWorkerProtocol) if not name.startswith("_")]
    assert {"start", "stop", "check_health"} <= set(needed) and all(callable(getattr(worker, name)) for name in needed)
    worker.start()
    dataset = theirs.RolloutQueueDataset(worker.rollout_buffer, lambda: 5, worker.check_health, 60, defaultdict(list))
    first = next(iter(dataset))
    found = drained(worker, 3)
    with pytest.raises(ConfigurationError, match="used up its seeds"):
        drained(worker, 1_000)
    worker.stop()
    assert first["input_ids"].shape == first["completion_mask"].shape == first["old_log_probs"].shape
    assert {sample.model_version for sample in found} == {5}
    assert all(sample.metrics["reward"] is not None and sample.enqueued_at <= time.time() for sample in found)
    assert set(worker.metrics_queue.get(timeout=5)) >= {"rollout/samples_per_rollout"}


def test_a_worker_that_is_stopped_in_the_middle_goes_on_with_the_next_group(tokenizer: Any) -> None:
    model, asked = ScriptedModel(tokenizer, []), threading.Event()

    async def generate(messages: Any, tools: Any) -> Generation:
        asked.set()
        await asyncio.sleep(30 if len(model.turns) == 3 else 0)
        return model.say(messages, "Noted.")

    worker = EpisodeWorker(ID, generate, OPTIONS, seeds=range(2), num_generations=2, groups=1, max_turns=2)
    worker.start()
    worker.start()  # twice is once
    assert asked.wait(20)
    while len(model.turns) < 3:
        time.sleep(0.02)
    worker.stop()
    assert worker.rollout_buffer.empty() and not [t for t in threading.enumerate() if t.name == "agemem-episodes"]
    model.turns.append(model.turns[0])
    worker.start()
    assert {sample.group_id for sample in drained(worker, 2)} == {1}
    worker.stop()


def test_rows_of_an_episode_have_its_advantage_in_its_group(tokenizer: Any) -> None:
    model = ScriptedModel(tokenizer, [])

    def playing(text: str) -> Any:
        async def generate(messages: Any, tools: Any) -> Generation:
            return model.say(messages, text)

        return played(EpisodeWorker(ID, generate, OPTIONS, seeds=[], max_turns=40), 7)

    long, short = playing("Noted."), playing(called("Add_memory", content="a fact"))
    rows = samples([long, short, long], group_id=4)
    assert long.reward != short.reward and {row.group_id for row in rows} == {4}
    by_episode = [{row.advantage for row in rows if row.metrics["reward"] == one.reward} for one in (long, short)]
    assert [len(values) for values in by_episode] == [1, 1]
    (a,), (b,) = by_episode
    assert 2 * a + b == pytest.approx(0, abs=1e-9) and abs(b) == pytest.approx(2 / 3**0.5, rel=1e-3)


def test_a_refused_prompt_ends_an_episode_scored_and_a_failure_ends_the_worker(tokenizer: Any) -> None:
    model, refused_at = ScriptedModel(tokenizer, []), 2

    async def refusing(messages: Any, tools: Any) -> Generation:
        if len(model.turns) == refused_at:
            raise PromptRefusedError("too long")
        return model.say(messages, "Noted.")

    episode = played(EpisodeWorker(ID, refusing, OPTIONS, seeds=[]), 7)
    assert episode.stopped and "metrics" in episode.info and sum(len(row.starts) for row in episode.rows) == 2

    refused_at = len(model.turns)
    with pytest.raises(PromptRefusedError):  # not even the first prompt fits
        played(EpisodeWorker(ID, refusing, OPTIONS, seeds=[]), 7)

    async def failing(messages: Any, tools: Any) -> Generation:
        raise RuntimeError("no model")

    worker = EpisodeWorker(ID, failing, OPTIONS, seeds=range(5), num_generations=2)
    worker.start()
    with pytest.raises(ServiceError, match="the rollout worker failed: no model"):
        drained(worker, 1)
    worker.stop()
    with pytest.raises(ConfigurationError, match="num_generations=1"):
        EpisodeWorker(ID, failing, OPTIONS, seeds=[], num_generations=1)


def test_the_sampler_speaks_to_a_server_of_token_ids(tokenizer: Any) -> None:
    ids = tokenizer.encode("<answer>Paris</answer><|im_end|>", add_special_tokens=False)
    choice = {"token_ids": ids, "logprobs": {"token_logprobs": [-0.1] * len(ids)}}
    with OpenAIServer() as server:
        sampler = VLLMSampler(tokenizer, "policy", server.url.removesuffix("/v1"), attempts=2, max_tokens=9)
        ask = lambda: asyncio.run(sampler([{"role": "user", "content": "Where?"}], ()))  # noqa: E731
        server.say(failure(503, "weights change"), Fault(json.dumps({"choices": [choice]})))
        generation = ask()
        assert (generation.reply, list(generation.response_ids)) == ("<answer>Paris</answer>", ids)
        sent = server.requests[-1]
        assert sent["prompt"] == list(generation.prompt_ids) and sent["return_token_ids"] and sent["max_tokens"] == 9
        server.say(failure(400, "longer than the context"))
        with pytest.raises(PromptRefusedError, match="longer than the context"):
            ask()
        server.say(failure(404, "there is no model 'policy'"))
        with pytest.raises(ServiceError, match=r"refused a request: 404 .*no model") as caught:
            ask()
        assert not isinstance(caught.value, PromptRefusedError)
        server.say(failure(500, "gone"), failure(500, "gone for good"))
        with pytest.raises(ServiceError, match=r"did not answer 2 times, at last: 500 .*gone for good"):
            ask()
