"""What can be added inside can be added from outside: a package that no file of the project names adds one of each."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import baselines
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from agemem_env.tools.long_term import AddMemory
from baselines import MemoryPolicy, make, with_memory
from baselines.conformance import check
from baselines.memory import memory_system
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.choose import choose
from benchmarks.run.play import play
from benchmarks.run.players import players
from tests.garden import GARDEN

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


@pytest.fixture
def garden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "garden"
    folder.mkdir()
    for name, source in GARDEN.items():
        (folder / name).write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for module in [name for name in sys.modules if name.partition(".")[0] == "garden"]:
        del sys.modules[module]


def test_the_benchmark_keeps_every_contract(garden: Path) -> None:
    results = check("garden.engine:Garden")
    assert [(r.contract, r.message) for r in results if not r.passed] == []


def block(start: str) -> str:
    """Return the Python block of the page that begins with a text."""
    (found,) = re.findall(rf"```python\n({re.escape(start)}.*?)```", PAGE, flags=re.S)
    return str(found)


def test_it_can_have_an_id(garden: Path) -> None:
    exec(block("import gymnasium as gym"), {})
    try:
        env = gym.make("AgeMem-Garden-v0", stages=(3,))
        assert env.reset(seed=0)[1]["task_id"].startswith("garden-")
        assert check("Garden", only=["facts_are_well_formed"])[0].passed
        env.close()
    finally:
        del gym.registry["AgeMem-Garden-v0"]


def test_the_contracts_run_in_a_test_suite(garden: Path) -> None:
    (garden / "test_garden.py").write_text(block("import pytest"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(garden)]), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "facts or describes", "test_garden.py"],
        cwd=garden, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_training_loop_with_all_five(garden: Path) -> None:
    gardener, policy, info, means = importlib.import_module("garden.train").train()
    values = gardener.player.values
    assert values["read"] > 1.9, "the memory system showed what the policy needs"
    assert values["give up"] < 1.1
    assert means[-1] > 1.0
    assert policy.name == "Gardener + Diary"
    assert (info["tool_calls"]["Count_memories"], info["tool_calls"]["answer"]) == (1, 1)
    assert info["errors"] == {}
    assert set(info["reward_components"]) == {
        "task", "task/answer", "context", "memory", "memory/counted", "penalty",
    }  # fmt: skip
    assert info["metrics"]["MO"] > 0


def run(garden: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line from the folder of the package, which is on no path."""
    script = garden / "bin" / "agemem"
    script.parent.mkdir(exist_ok=True)
    script.write_text("from benchmarks.cli import app\n\nif __name__ == '__main__':\n    app()\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=garden, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_line_finds_it_in_the_present_folder(garden: Path) -> None:
    done = run(garden, "check", "garden.engine:Garden", "--contract", "facts_are_well_formed")
    assert (done.returncode, done.stderr) == (0, "")
    assert "garden.engine:Garden: 1 contracts kept" in done.stdout


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_with_benchmark_tool_profile_and_policy(garden: Path, workers: str) -> None:
    folder = garden / "x"
    done = run(
        garden, "bench", "-b", "garden.engine:Garden", "-n", "3", "--output", str(folder), "--workers", workers,
        "--policy", "garden.policy:Gardener", "--reward", "garden.rewards:COUNTING",
        "--env", 'tools=["Add_memory", "garden.tools:CountMemories"]',
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["policy"] for row in rows(folder / "episodes.jsonl")] == ["garden.policy:Gardener"] * 3
    assert [row["reward_components"]["memory/counted"] for row in rows(folder / "episodes.jsonl")] == [1.0] * 3
    assert "J (lexical) 0.00" in done.stdout, "the engine is ranked by J"


def test_a_run_with_benchmark_tool_profile_and_memory_system(garden: Path) -> None:
    folder = garden / "x"
    done = run(
        garden, "bench", "-b", "garden.engine:Garden", "-n", "3", "--output", str(folder), "--policy", "reader",
        "--memory", "garden.memory:Diary:entries=4", "--reward", "garden.rewards:COUNTING",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["metrics"]["MO"] > 0 for row in rows(folder / "episodes.jsonl")] == [True] * 3
    assert [row["reward_components"]["memory/counted"] for row in rows(folder / "episodes.jsonl")] == [0.0] * 3


class ByClass(MemoryPolicy):
    """Needs an environment with a tool that has no name in rows."""

    env_kwargs = {"tools": (AddMemory,)}  # noqa: RUF012


def test_what_a_policy_needs_may_be_classes(garden: Path) -> None:
    who = players(["reader"], [f"{__name__}:ByClass"])
    (spec,) = choose(["garden.engine:Garden"], who, [0], {"source": "generated"}, print)
    (row,) = play([spec], 1, PlayOptions())
    assert row.error is None


class TestPolicies:
    def test_are_made_with_their_options_and_the_seed(self, garden: Path) -> None:
        env = AgeMemEnv("garden.engine:Garden")
        policy: Any = make("garden.policy:Gardener", env, seed=7, rate=0.25)
        assert policy.name == "Gardener"
        assert policy.player.rate == 0.25
        assert policy.player.rng.integers(1000) == make("garden.policy:Gardener", seed=7).player.rng.integers(1000)  # type: ignore[attr-defined]
        assert baselines.is_policy("garden.policy:Gardener")

    def test_may_be_sub_classes_and_functions(self) -> None:
        assert make("baselines.cheats:DoNothing").name == "do-nothing"
        assert make("baselines.expert:ExpertPolicy", memory=False).name == "expert-no-memory"
        assert make("tests.test_outside:attached", seed=3).name == "Attached"

    def test_take_an_environment_a_name_and_costs_if_they_have_them(self) -> None:
        env = AgeMemEnv("tests.toy:ToyEngine")
        policy: Any = make("tests.test_outside:Attached", env)
        assert policy.player.env is env
        assert policy.env_kwargs == {"tool_format": "tags"}
        assert policy.usage.calls == 0

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("garden.policy:Gardener", {"rat": 1}, r"cannot be made with options \['rat'\]: got an unexpected keyword"),
            ("garden.policy:Gardener", {"llm": "reader"}, "takes no llm"),
            ("garden.policy:Gardner", {}, "the module 'garden.policy' has no 'Gardner'"),
            (
                "garden.nowhere:Gardener",
                {},
                r"'garden.nowhere' cannot be imported \(No module named 'garden.nowhere'\)",
            ),
            ("garden.engine:SIZE", {}, "30 is no class with the methods `reset` and `act`"),
            ("garden.engine:make_task", {"index": 1}, r"Task has no method reset\(info\)"),
            ("no_garden:Gardener", {}, "unknown policy 'no_garden:Gardener'; .*'module:Class'"),
            ("baselines.base:Policy", {}, "is no class with the methods `reset` and `act`"),
        ],
    )
    def test_mistakes_are_one_line(self, garden: Path, name: str, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message) as raised:
            make(name, **options)
        assert "\n" not in str(raised.value)


class Attached:
    env_kwargs = {"tool_format": "tags"}  # noqa: RUF012
    env: Any = None

    def attach(self, env: Any) -> None:
        self.env = env

    def reset(self, info: Any) -> None:
        pass

    def act(self, observation: Any, info: Any) -> Any:
        return "Noted."


def attached(seed: int) -> Attached:
    return Attached()


class TestMemorySystems:
    def test_are_made_around_models_by_name(self, garden: Path) -> None:
        policy = make("garden.memory:Diary", llm="reader", entries=2)
        assert policy.name == "reader + Diary"
        assert policy.env_kwargs["tools"] == ("garden.tools:CountMemories",)
        assert memory_system("garden.memory:Diary").options == ("entries",)

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            (
                "garden.memory:Diary",
                {"entry": 2},
                "unknown option of garden.memory:Diary 'entry'; did you mean 'entries'",
            ),
            ("garden.policy:Gardener", {}, "it is no complete sub-class of MemoryPolicy"),
            ("garden.memory:Dairy", {}, "the module 'garden.memory' has no 'Dairy'"),
            ("dairy", {}, "unknown memory system 'dairy'"),
        ],
    )
    def test_mistakes_are_one_line(self, garden: Path, name: str, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            with_memory(name, make("do-nothing"), **options)

    def test_a_memory_system_without_a_model_says_what_to_add(self, garden: Path) -> None:
        with pytest.raises(ConfigurationError, match="needs a model: add llm='openai:<model>'"):
            make("garden.memory:Diary")
