"""`vf-eval` against a server on loopback: rewards are those of our own rollout, traces fork only at real rewrites."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import agemem_env  # noqa: F401 - registers the environments
from benchmarks.speed.fake_server import OpenAIServer

pytest.importorskip("verifiers", reason="the package verifiers is not installed")
from tests.baselines.integrations.players import own_rollout, reader_says

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SEEDS = (11, 12)


def speak(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The reader, in a spelling of its own: a history that is written anew would fork every trace."""
    message = reader_says(messages, tools)
    for call in message.get("tool_calls", ()):
        function = call["function"]
        call["function"] = {**function, "arguments": json.dumps(json.loads(function["arguments"]), indent=1)}
    return {**message, "content": message["content"] or None}


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("vf")
    program = shutil.which("vf-eval", path=str(Path(sys.executable).parent)) or "vf-eval"
    with OpenAIServer(speak, strict=True) as server:
        command = [
            program, "agemem", "-n", str(len(SEEDS)), "-r", "2", "-m", "reader",
            "--client.base-url", server.url, "--client.api-key-var", "KEY", "--env.agent.runtime.type", "subprocess",
            "--env.taskset.options", '{"source": "generated"}', "--env.taskset.first-seed", str(SEEDS[0]),
            "--no-push", "--no-rich", "-o", str(folder),
        ]  # fmt: skip
        environment = {**os.environ, "KEY": "x", "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", "HOME": str(folder)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    files = list(folder.rglob("traces.jsonl"))
    assert len(files) == 1
    written = [json.loads(line) for line in files[0].read_text("utf-8").split("\n") if line]
    return sorted(written, key=lambda trace: trace["task"]["data"]["seed"])  # they are written as they end


def test_rewards_and_branches_are_those_of_our_own_rollout(traces: list[dict[str, Any]]) -> None:
    assert [(trace["task"]["data"]["seed"], trace["ok"]) for trace in traces] == [
        (seed, True) for seed in sorted(SEEDS * 2)
    ]
    for trace in traces:
        (played,) = trace["traces"]
        own = own_rollout(trace["task"]["data"]["seed"], speak)
        reward, rewrites = own.reward, own.rewrites
        assert played["rewards"]["reward"]["score"] == pytest.approx(reward, abs=1e-9)
        assert played["metrics"]["task"] is not None
        assert "mistakes" in played["metrics"]
        parents = {node.get("parent") for node in played["nodes"]}
        leaves = [number for number in range(len(played["nodes"])) if number not in parents]
        assert len(leaves) == 1 + rewrites >= 2
