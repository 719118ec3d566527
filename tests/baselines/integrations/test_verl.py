"""The agent loop against a stub server: what it returns is what verl's trainer takes."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agemem_env.errors import ConfigurationError, ServiceError
from baselines.grpo.math import group_advantages

pytest.importorskip("verl", reason="the package verl is not installed")
from tests.baselines.integrations.players import EXAMPLES, ID, OPTIONS, as_texts, expert_turns

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # what its packages warn of each other
]

SEED = 7
TEMPLATE = (
    "{% if tools %}<|im_start|>tools\n{{ tools | tojson }}<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer() -> Any:
    """Bytes, and a chat template in Qwen's manner."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|pad|>")
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    made.chat_template = TEMPLATE
    return made


def replies(seed: int = SEED) -> list[str]:
    """What the expert does, in tags, in a spelling of its own."""
    return as_texts(expert_turns(seed), lambda call: f"<tool_call>{json.dumps(call.to_dict(), indent=1)}</tool_call>")


class Server:
    """Says one text after the other, and keeps what it was given."""

    def __init__(self, tokens: Any, said: Sequence[str], spoil: Callable[[int, Any], Any] | None = None) -> None:
        self._tokens, self._said, self._spoil = tokens, said, spoil
        self.prompts: list[list[int]] = []
        self.sampled: list[int] = []
        self.limits: list[int] = []
        self.requests: set[str] = set()

    async def generate(self, request_id: str, *, prompt_ids: list[int], sampling_params: dict[str, Any]) -> Any:
        from verl.workers.rollout.replica import TokenOutput

        await asyncio.sleep(0)
        number = len(self.prompts)
        self.requests.add(request_id)
        self.limits.append(sampling_params["max_tokens"])
        ids = [*self._tokens.encode(self._said[number % len(self._said)]), self._tokens.eos_token_id]
        ids = ids[: sampling_params["max_tokens"]]
        versions = {"min_global_steps": 3 + number, "max_global_steps": 4 + number}
        output = TokenOutput(token_ids=ids, log_probs=[-0.5] * len(ids), stop_reason="completed", extra_fields=versions)
        if self._spoil is not None:
            output = self._spoil(number, output)
        self.prompts.append(list(prompt_ids))
        self.sampled += output.token_ids
        return output


def loop(server: Any, tokens: Any, *, longest: int | None = None, row: int = 60_000, **kwargs: Any) -> Any:
    from omegaconf import OmegaConf
    from verl.experimental.agent_loop.agent_loop import DictConfigWrap
    from verl.utils.dataset.rl_dataset import RLHFDataset

    from baselines.integrations.verl import AgeMemAgentLoop

    rollout = {"prompt_length": row // 2, "response_length": row // 2, "max_model_len": longest}
    config = OmegaConf.create({"actor_rollout_ref": {"rollout": rollout}, "data": {"apply_chat_template_kwargs": {}}})
    return AgeMemAgentLoop(
        DictConfigWrap(config), server, tokens, None, RLHFDataset, DictConfigWrap(config.data), **kwargs
    )  # fmt: skip


def play(said: Sequence[str], spoil: Any = None, *, seed: int = SEED, **settings: Any) -> tuple[list[Any], Server]:
    tokens = tokenizer()
    server = Server(tokens, said, spoil)

    async def run() -> list[Any]:
        made = loop(server, tokens, options=OPTIONS, **settings)
        info = {"seed": np.int64(seed), "index": 0, "options": "{}"}
        found: list[Any] = await made.run({"temperature": 1.0}, raw_prompt=[], extra_info=info, global_steps=5)
        return found

    return asyncio.run(run()), server


def prompts(outputs: Sequence[Any]) -> list[list[int]]:
    """Every prompt that can be put together from the rows: what stands before each stretch of sampled tokens."""
    found = []
    for output in outputs:
        mask = [0, *output.response_mask]
        starts = [i for i in range(len(output.response_mask)) if mask[i + 1] and not mask[i]]
        found += [output.prompt_ids + output.response_ids[:start] for start in starts]
    return found


@pytest.fixture(scope="module")
def whole() -> tuple[list[Any], Server]:
    return play(replies())


def test_rows_put_together_give_every_prompt_and_end_with_the_score(whole: tuple[list[Any], Server]) -> None:
    outputs, server = whole
    assert prompts(outputs) == server.prompts
    assert [t for o in outputs for t, m in zip(o.response_ids, o.response_mask, strict=True) if m] == server.sampled
    assert 2 <= len(outputs) < len(server.prompts), "a row for each stretch without a rewritten context, not each turn"
    for output in outputs:
        fields = output.as_dict()
        assert fields["rm_scores"][-1] == pytest.approx(outputs[0].reward_score) and fields["response_mask"][-1] == 1
        assert fields["rm_scores"][:-1].abs().sum() == 0
        assert len(fields["rollout_log_probs"]) == len(fields["responses"])
        assert [p != 0 for p in fields["rollout_log_probs"].tolist()] == [bool(m) for m in output.response_mask]
    assert outputs[0].reward_score > 0.5 and len(server.requests) == 1


def test_what_the_trainer_reads_beside_the_rows(whole: tuple[list[Any], Server]) -> None:
    outputs, server = whole
    (told,) = {json.dumps(output.extra_fields["reward_extra_info"]) for output in outputs}
    info = json.loads(told)
    assert (info["acc"], info["stopped"], info["failed"], info["turns"]) == (1.0, 0.0, 0.0, len(server.prompts))
    assert {"task", "context", "memory", "penalty", "progress", "mistakes"} < set(info)
    assert all(isinstance(value, float) for value in info.values())
    first, last = outputs[0].extra_fields, outputs[-1].extra_fields
    assert first["min_global_steps"] == 3 and last["max_global_steps"] == 3 + len(server.prompts)
    assert first["max_global_steps"] == outputs[1].extra_fields["min_global_steps"]


def test_verl_puts_each_row_into_its_queue_with_the_score(
    whole: tuple[list[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trainer's own code for lists, without Ray."""
    tq = pytest.importorskip("verl.trainer.ppo.v1.agent_loop_tq", reason="TransferQueue is not installed")
    from verl.experimental.agent_loop.agent_loop import AgentLoopWorker

    put: dict[str, Any] = {}

    async def kept(**given: Any) -> None:
        put.update(given)

    monkeypatch.setattr(tq.tq, "async_kv_batch_put", kept)
    worker = SimpleNamespace(reward_loop_worker_handles=None, distillation_enabled=False, processor=None)
    for name in ("_compute_score", "_compute_teacher_logprobs", "_compute_multi_modal_inputs", "_compute_position_ids"):
        method = getattr(AgentLoopWorker, name)
        setattr(worker, name, lambda *args, _method=method, **kwargs: _method(worker, *args, **kwargs))
    process = tq.AgentLoopWorkerTQ.__ray_metadata__.modified_class._agent_loop_postprocess
    outputs, _ = whole
    asyncio.run(process(worker, list(outputs), False, uid="u", session_id=2, global_steps=5))
    assert put["keys"] == [f"u_2_{i}" for i in range(len(outputs))]
    assert [tag["min_global_steps"] for tag in put["tags"]] == [o.extra_fields["min_global_steps"] for o in outputs]
    scores = [float(row.sum()) for row in put["fields"]["rm_scores"].unbind()]
    assert scores == pytest.approx([outputs[0].reward_score] * len(outputs))


def test_verl_compares_episodes_and_not_rows() -> None:
    """Its advantages on random groups, with episodes of one to four rows, are ours of the episodes."""
    utils = pytest.importorskip("verl.trainer.ppo.v1.utils", reason="TransferQueue is not installed")
    import torch
    from verl.protocol import DataProto
    from verl.trainer.ppo.core_algos import AdvantageEstimator

    rng = np.random.default_rng(0)
    for groups in range(1, 6):
        keys, uids, rewards, members, per_row = [], [], [], [], []
        for group in range(groups):
            equal = rng.random() < 0.3
            for session in range(int(rng.integers(2, 6))):
                reward = 0.5 if equal else float(rng.normal())
                rows = int(rng.integers(1, 5))
                keys += [f"g{group}_{session}_{i}" for i in range(rows)]
                uids += [f"g{group}"] * rows
                rewards.append(reward)
                members.append(group)
                per_row += [len(rewards) - 1] * rows
        size = 6
        mask, scores = torch.zeros(len(keys), size), torch.zeros(len(keys), size)
        for row, episode in enumerate(per_row):
            length = int(rng.integers(1, size + 1))
            mask[row, :length] = 1
            scores[row, length - 1] = rewards[episode]
        data = DataProto.from_dict(
            tensors={"response_mask": mask, "token_level_rewards": scores}, non_tensors={"uid": np.array(uids, object)}
        )
        found = utils.compute_advantage_for_multi_trajectories(data, keys, AdvantageEstimator.GRPO).batch["advantages"]
        ours = group_advantages(rewards, members).values[per_row]
        assert found.numpy() == pytest.approx(ours[:, None] * mask.numpy(), abs=2e-5)


def test_two_episodes_at_once_are_two(whole: tuple[list[Any], Server]) -> None:
    tokens = tokenizer()
    said = {seed: replies(seed) for seed in (SEED, 3)}
    servers = {seed: Server(tokens, texts) for seed, texts in said.items()}

    async def both() -> list[Any]:
        runs = [
            loop(server, tokens, options=OPTIONS).run({}, extra_info={"seed": seed}) for seed, server in servers.items()
        ]
        return await asyncio.gather(*runs)

    for outputs, server in zip(asyncio.run(both()), servers.values(), strict=True):
        assert prompts(outputs) == server.prompts
    assert not servers[SEED].requests & servers[3].requests
    assert servers[SEED].prompts == whole[1].prompts


def fails(at: int) -> Callable[[int, Any], Any]:
    def spoil(number: int, output: Any) -> Any:
        if number == at:
            raise RuntimeError("the server is gone")
        return output

    return spoil


def cancelled(at: int) -> Callable[[int, Any], Any]:
    return lambda number, output: output.model_copy(update={"stop_reason": "aborted"}) if number == at else output


@pytest.mark.parametrize("spoil", [fails(4), cancelled(4)])
def test_a_server_that_fails_or_cancels_costs_the_turn_and_not_the_episode(spoil: Any) -> None:
    outputs, server = play(replies(), spoil)
    assert prompts(outputs) == server.prompts[:4]
    info = outputs[-1].extra_fields["reward_extra_info"]
    assert (info["failed"], info["stopped"], info["turns"], info["acc"]) == (1.0, 1.0, 4.0, 0.0)


def test_a_server_that_fails_at_once_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="the server is gone"):
        play(replies(), fails(0))


def test_a_cancelled_rollout_is_no_row_and_closes_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    tokens = tokenizer()
    server = Server(tokens, replies())

    async def hang(*args: Any, **kwargs: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(server, "generate", hang)
    from agemem_env.env import AgeMemEnv

    plain = AgeMemEnv.close
    monkeypatch.setattr(AgeMemEnv, "close", lambda self: (closed.append(1), plain(self))[1])

    async def run() -> None:
        task = asyncio.ensure_future(loop(server, tokens, options=OPTIONS).run({}, extra_info={"seed": 1}))
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert closed


def test_a_context_that_is_full_stops_the_episode_which_is_scored_as_it_stands() -> None:
    _, server = play(replies())
    longest = len(server.prompts[3]) + 2
    outputs, stopped = play(replies(), longest=longest)
    assert stopped.prompts == server.prompts[: len(stopped.prompts)] and len(stopped.prompts) <= 4
    assert all(len(p) + limit <= longest for p, limit in zip(stopped.prompts, stopped.limits, strict=True))
    info = outputs[-1].extra_fields["reward_extra_info"]
    assert (info["stopped"], info["failed"]) == (1.0, 0.0)
    assert all(len(o.prompt_ids) + len(o.response_ids) <= longest for o in outputs)


def test_a_first_prompt_that_does_not_fit_is_the_users_mistake() -> None:
    with pytest.raises(ConfigurationError, match=r"the first prompt has .* leaves no room in a context of 100"):
        play(replies(), longest=100)


def test_a_row_of_the_data_set_without_a_seed_is_the_users_mistake() -> None:
    tokens = tokenizer()
    with pytest.raises(ConfigurationError, match=r"extra_info\.seed"):
        asyncio.run(loop(Server(tokens, ["Noted."]), tokens).run({}, extra_info={"index": 3}))


def test_a_reply_that_is_cut_is_played_as_far_as_it_goes() -> None:
    outputs, server = play(replies(), reply_tokens=5, max_turns=40)
    assert set(server.limits) == {5} and prompts(outputs) == server.prompts
    info = outputs[-1].extra_fields["reward_extra_info"]
    assert info["mistakes"] > 0 and info["failed"] == 0.0


def test_replies_without_a_token_are_no_rows() -> None:
    def mute(number: int, output: Any) -> Any:
        return output.model_copy(update={"token_ids": [], "log_probs": []}) if number != 2 else output

    outputs, server = play(["Noted."], mute, max_turns=6)
    (output,) = outputs
    assert output.response_mask[-1] == 1 and sum(output.response_mask) == len(server.sampled) > 0
    with pytest.raises(ServiceError, match="sampled no token"):
        play(
            ["Noted."], lambda number, output: output.model_copy(update={"token_ids": [], "log_probs": []}), max_turns=4
        )


def test_the_installed_package_has_what_the_loop_uses() -> None:
    from verl.experimental.agent_loop import agent_loop as module
    from verl.workers.rollout.llm_server import LLMServerClient
    from verl.workers.rollout.replica import TokenOutput

    import baselines.integrations.verl as ours

    names = list(inspect.signature(module.AgentLoopBase.__init__).parameters)
    assert names[1:] == [
        "trainer_config", "server_manager", "tokenizer", "processor", "dataset_cls", "data_config", "hf_model_type",
        "kwargs",
    ]  # fmt: skip
    assert list(inspect.signature(module.AgentLoopBase.run).parameters) == ["self", "sampling_params", "kwargs"]
    assert list(inspect.signature(LLMServerClient.generate).parameters)[:4] == [
        "self", "request_id", "prompt_ids", "sampling_params",
    ]  # fmt: skip
    assert {"token_ids", "log_probs", "stop_reason", "extra_fields"} <= set(TokenOutput.model_fields)
    assert {"reward_score", "response_logprobs", "num_turns", "metrics"} <= set(module.AgentLoopOutput.model_fields)
    assert module._agent_loop_registry["agemem"]["_target_"] == f"{ours.__name__}.AgeMemAgentLoop"


def test_lists_in_a_configuration_are_plain_values_to_the_environment() -> None:
    from omegaconf import OmegaConf

    options = OmegaConf.create({**OPTIONS, "stages": [3], "tools": []})
    tokens = tokenizer()
    server = Server(tokens, ["<answer>x</answer>"])
    outputs = asyncio.run(loop(server, tokens, options=options).run({}, extra_info={"seed": 1}))
    assert len(outputs) == len(server.prompts) == 1
    schemas = tokens.decode(server.prompts[0]).split("<|im_end|>")[0]
    assert "Add_memory" not in schemas and '"answer"' in schemas


def test_the_example_configuration_makes_a_loop_and_the_data_set_names_its_episodes(tmp_path: Path) -> None:
    import hydra
    import pandas
    from omegaconf import OmegaConf
    from verl.experimental.agent_loop.agent_loop import DictConfigWrap

    from baselines.integrations import verl as ours

    (entry,) = OmegaConf.load(EXAMPLES / "verl" / "agent_loop.yaml")
    assert entry.name == "agemem"
    rollout = {"prompt_length": 8, "response_length": 8}
    config = OmegaConf.create({"actor_rollout_ref": {"rollout": rollout}, "data": {}})
    made = hydra.utils.instantiate(
        config=entry, trainer_config=DictConfigWrap(config), server_manager=None, tokenizer=tokenizer(), processor=None,
        hf_model_type=None, dataset_cls=None, data_config=DictConfigWrap(config.data), tools=None,
    )  # fmt: skip
    assert isinstance(made, ours.AgeMemAgentLoop) and made.context_tokens == 16

    path = tmp_path / "sets" / "train.parquet"
    ours.write_dataset(path, ID, {"split": "train"}, range(3, 5))
    rows = pandas.read_parquet(path).to_dict("records")
    assert [row["extra_info"]["seed"] for row in rows] == [3, 4]
    assert json.loads(rows[0]["extra_info"]["options"]) == {"split": "train"} and rows[0]["agent_name"] == "agemem"


def test_the_example_is_a_configuration_of_the_trainer() -> None:
    import re

    from hydra import compose, initialize_config_module
    from omegaconf import OmegaConf

    text = (EXAMPLES / "verl" / "train.sh").read_text("utf-8")
    overrides = re.findall(r"^    ([\w.]+=\S+) \\$", text, flags=re.M)
    assert len(overrides) > 10
    with initialize_config_module("verl.trainer.config", version_base=None):
        config = compose("ppo_trainer", [o for o in overrides if "MODEL" not in o])
    assert config.trainer.use_v1 and config.algorithm.adv_estimator == "grpo"
    rollout = config.actor_rollout_ref.rollout
    assert (rollout.n, rollout.agent.default_agent_loop) == (8, "agemem")
    assert (EXAMPLES.parent / rollout.agent.agent_loop_config_path).exists()
    settings: dict[str, Any] = {"row": 0}
    made = loop(None, tokenizer(), **settings)
    made.rollout_config = OmegaConf.create(OmegaConf.to_container(rollout, resolve=False))
    made.rollout_config.prompt_length, made.rollout_config.response_length = 10240, 2048
    assert made.context_tokens == 12288


def test_conversations_that_were_exported_are_read_by_its_data_set(tmp_path: Path) -> None:
    """`agemem export --format sft`, as verl's fine-tuning reads it: loss on what the assistant says."""
    from omegaconf import OmegaConf
    from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

    from tests.benchmarks.command import agemem

    run, path = tmp_path / "run", tmp_path / "sft.parquet"
    bench = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "1", "-q", "-p", "expert")
    assert agemem(*bench, "--output", run, "--env", "tool_format=tags").exit_code == 0
    assert agemem("export", run, "--format", "sft", "--output", path).exit_code == 0
    tokens = tokenizer()
    config = OmegaConf.create(
        {"max_length": 60_000, "truncation": "error", "pad_mode": "no_padding", "tools_key": "no"}
    )
    item = MultiTurnSFTDataset([str(path)], tokens, config)[0]
    learnt = tokens.decode([int(i) for i, m in zip(item["input_ids"], item["loss_mask"], strict=True) if m])
    assert learnt.count("Noted.") >= 5 and "You are" not in learnt
