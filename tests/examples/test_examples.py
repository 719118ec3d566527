"""The examples that need nothing but the package do what their first lines say."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agemem_env.services.chat import ChatRequest
from baselines.grpo.settings import Budget
from baselines.reader import Reader
from benchmarks.speed.fake_server import OpenAIServer
from tests.openai_server import server  # noqa: F401 - a fixture

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    for path in EXAMPLES.glob("*.py"):
        sys.modules.pop(path.stem, None)


def example(name: str) -> Any:
    return importlib.import_module(name)


def test_a_person_plays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    def type_(prompt: str) -> str:
        asked.append(prompt)
        return "answer unknown" if "stage 3" in prompt else "add The owl lives on nuts."

    monkeypatch.setattr("builtins.input", type_)
    example("play_by_hand").main(7)
    told = capsys.readouterr().out
    assert "Grevanca owl" in told and "reward " in told
    assert f"{len(asked) - 1} memories" in asked[-1], "each `add` stores"


def test_a_language_model_plays(server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    def speak(messages: Any, tools: Any) -> Any:
        reply = Reader().chat(ChatRequest(messages=tuple(messages), tools=tuple(tools), purpose="act"))
        calls = {"tool_calls": list(reply.tool_calls)} if reply.tool_calls else {}
        return {"role": "assistant", "content": reply.text or None, **calls}

    server.speak = speak
    metrics = example("language_model").main("fake", 7)
    told = capsys.readouterr().out
    assert "answer" in told.splitlines()[-2] and metrics["J"] >= 0.0
    assert "mistakes 0" in told


def test_the_memory_system_helps(capsys: pytest.CaptureFixture[str]) -> None:
    example("memory_system").main(12)
    scores = {line.split()[0]: float(line.split()[2]) for line in capsys.readouterr().out.splitlines()}
    assert scores["Sentences"] > scores["no-memory"]


def test_the_reward_profile_pays_for_a_frugal_memory_alone(capsys: pytest.CaptureFixture[str]) -> None:
    example("reward_profile").main(4)
    paid = {line.split()[0]: float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()}
    assert paid["expert"] > 0.9 and paid["cheat-store-all"] < 0.2


def test_the_benchmark_needs_memory_and_keeps_the_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    example("own_benchmark").main(6)
    told = capsys.readouterr().out
    assert "expert-no-memory  solved 0.00" in told and "expert            solved 1.00" in told
    kept, of = told.split("contracts kept: ")[1].split(" of ")
    assert int(kept) == int(of), told


def test_many_at_once_is_the_same_in_step_and_one_by_one() -> None:
    many = example("many_at_once")
    assert many.in_step(5) == many.one_by_one(5, width=2)


def test_training_is_called_from_python(capsys: pytest.CaptureFixture[str]) -> None:
    example("train").main(
        Budget(updates=1), tasks=2, processes=1, groups=1, group_size=2, lessons=2, validation_tasks=1
    )
    assert "after 1 updates" in capsys.readouterr().out


def test_the_table_names_every_example() -> None:
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = [path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".sh", ".yaml")]
    linked = {link.partition("/")[0] for link in re.findall(r"\]\((?!\.\.)([^)]+)\)", table)}
    assert {path.relative_to(EXAMPLES).parts[0] for path in files} == linked


def test_every_example_is_run_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES.parent.glob("tests/**/test_*.py"))
    files = [path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".sh", ".yaml")]
    assert [path.name for path in files if not re.search(rf"\b{path.stem}\b", tests)] == []


def test_the_command_of_verifiers_names_options_that_its_test_runs() -> None:
    words = example("verifiers_eval").command("reader", "http://127.0.0.1:1/v1")
    tested = (EXAMPLES.parent / "tests/baselines/integrations/test_verifiers.py").read_text(encoding="utf-8")
    known = {*re.findall(r'"(--?[a-z.-]+)"', tested), "--env.taskset.env-id"}
    assert {word for word in words if word.startswith("-")} <= known
