"""`inspect eval` against a server on loopback: metrics and rewards are those of our own rollout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError
from benchmarks.speed.fake_server import Fault, OpenAIServer, failure

pytest.importorskip("inspect_ai", reason="the package inspect-ai is not installed")

from inspect_ai import eval as evaluate
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ChatMessageAssistant, ModelOutput
from inspect_ai.tool import ToolCall

from baselines.integrations.inspect_ai import RESULT, agemem, to_action, to_inspect
from tests.baselines.integrations.players import EXAMPLES, ID, OPTIONS, Lost, own_rollout, reader_says

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def ran(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> EvalLog:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    task = agemem(episodes=more.pop("episodes", 1), first_seed=11, options=OPTIONS)
    (log,) = evaluate(
        task, model="openai-api/fake/fake", model_base_url=url, model_args={"api_key": "x"}, log_dir=str(folder),
        display="none", max_retries=0, **more,
    )  # fmt: skip
    return log


def test_the_command_plays_four_episodes_and_the_metrics_are_those_of_our_rows(tmp_path: Path) -> None:
    program = shutil.which("inspect", path=str(Path(sys.executable).parent)) or "inspect"
    with OpenAIServer(reader_says, strict=True) as server:
        command = [
            program, "eval", "agemem_env/agemem", "--model", "openai-api/fake/fake", "--model-base-url", server.url,
            "-M", "api_key=x", "-T", f"env_id={ID}", "-T", "episodes=4", "-T", "first_seed=11",
            "-T", "options={source: generated}", "--log-dir", str(tmp_path / "logs"), "--display", "none",
        ]  # fmt: skip
        # Inspect takes the name of the package from where it is installed, which a checkout on the path would hide.
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "HOME": str(tmp_path), "PYTHONPATH": ""}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (path,) = (tmp_path / "logs").glob("*.eval")
    log = read_eval_log(str(path))
    assert log.status == "success" and log.samples is not None and len(log.samples) == 4
    expected = {seed: own_rollout(seed) for seed in range(11, 15)}
    for sample in log.samples:
        own = expected[sample.metadata["seed"]]
        metrics = own.info["metrics"]
        assert sample.scores is not None
        value: Any = sample.scores["episode_score"].value
        assert value["reward"] == pytest.approx(own.reward, abs=1e-9)
        assert sample.metadata[RESULT]["metrics"] == metrics
        assert sample.metadata[RESULT]["tool_calls"] == own.info["tool_calls"]
        for name, number in metrics.items():
            assert (value[name] != value[name]) if number is None else value[name] == pytest.approx(number), name
    assert log.results is not None
    by_name = {score.name: score for score in log.results.scores}
    for name in ("reward", *expected[11].info["metrics"]):
        numbers = [own.reward if name == "reward" else own.info["metrics"][name] for own in expected.values()]
        known = [n for n in numbers if n is not None]
        assert by_name[name].unscored_samples == 4 - len(known)
        if known:
            assert by_name[name].metrics["mean"].value == pytest.approx(sum(known) / len(known))
    assert sum(own.info["tool_calls"]["Add_memory"] for own in expected.values()) > 4


def test_messages_go_there_and_back() -> None:
    env: Any = gym.make(ID, **OPTIONS)
    observation, _ = env.reset(seed=11)
    for _ in range(30):
        observation, _, terminated, truncated, _ = env.step(
            reader_says(observation["messages"], env.action_space.tools())
        )
        if terminated or truncated:
            break
    calls = 0
    for message in observation["messages"]:
        seen = to_inspect(message)
        assert seen.role == message["role"] and seen.text == (message["content"] or "")
        if message.get("tool_calls"):
            back: Any = to_action(ModelOutput.from_message(seen))  # type: ignore[arg-type]
            pairs = zip(back["tool_calls"], message["tool_calls"], strict=True)
            assert all(
                a["id"] == b["id"] and json.loads(a["function"]["arguments"]) == json.loads(b["function"]["arguments"])
                for a, b in pairs
            )
            calls += 1
    assert calls


def test_arguments_that_cannot_be_read_are_counted_by_the_environment() -> None:
    call = ToolCall(id="a", function="Add_memory", arguments={}, parse_error='Error parsing: {"content": "x')
    message = ChatMessageAssistant(content="", tool_calls=[call])
    env: Any = gym.make(ID, **OPTIONS)
    env.reset(seed=11)
    *_, info = env.step(to_action(ModelOutput.from_message(message)))
    assert info["errors"] == {"malformed_call": 1}


def test_a_refused_prompt_and_a_limit_end_an_episode_which_is_scored_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIServer(lambda messages, tools: "Noted.") as server:
        server.say("Noted.", failure(400, "longer than the context", "context_length_exceeded"))
        log = ran(server.url, tmp_path, monkeypatch)
        refused = log.samples[0]  # type: ignore[index]
        limited = ran(server.url, tmp_path, monkeypatch, token_limit=6_000).samples[0]  # type: ignore[index]
    with OpenAIServer(lambda messages, tools: "Noted.", latency=0.7) as slow:
        late = ran(slow.url, tmp_path, monkeypatch, time_limit=2).samples[0]  # type: ignore[index]
    assert len(server.requests) > 3 and late.limit is not None and late.limit.type == "time"
    for sample in (refused, limited, late):
        assert sample.error is None and sample.metadata[RESULT]["truncated"]
        assert sample.scores["episode_score"].value["reward"] == sample.metadata[RESULT]["reward"] < 0
    assert limited.limit is not None and limited.limit.type == "token"


def test_the_example_compares_models_on_the_same_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    import inspect_eval  # type: ignore[import-not-found]

    with OpenAIServer(reader_says, strict=True) as server:
        found = inspect_eval.main(
            ["openai-api/fake/one", "openai-api/fake/two"], episodes=1, options=OPTIONS, model_base_url=server.url,
            model_args={"api_key": "x"}, log_dir=str(tmp_path), display="none",
        )  # fmt: skip
    assert found["openai-api/fake/one"] == found["openai-api/fake/two"]
    assert found["openai-api/fake/one"]["reward"] == pytest.approx(own_rollout(0).reward)


def test_a_server_that_fails_is_an_error_and_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer() as server:
        server.say("Noted.", Fault(json.dumps({"error": {"message": "no key"}}), 401))
        log = ran(server.url, tmp_path, monkeypatch, fail_on_error=False)
    sample = log.samples[0]  # type: ignore[index]
    assert sample.error is not None and not sample.scores


def test_a_lost_simulator_is_an_error_and_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from baselines.integrations import inspect_ai

    whole = inspect_ai._made
    monkeypatch.setattr(inspect_ai, "_made", lambda *given: Lost(whole(*given)))
    with OpenAIServer(lambda messages, tools: "Noted.") as server:
        sample = ran(server.url, tmp_path, monkeypatch, fail_on_error=False).samples[0]  # type: ignore[index]
    assert "its process ended" in sample.error.message and not sample.scores


def test_wrong_arguments_are_told_before_anything_is_played() -> None:
    with pytest.raises(ConfigurationError, match="unknown argument 'sources'"):
        agemem(options='{"sources": "generated"}')
    with pytest.raises(ConfigurationError, match="episodes=0"):
        agemem(episodes=0)
