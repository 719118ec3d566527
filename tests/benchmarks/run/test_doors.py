"""`agemem bench` with a benchmark, a policy and a memory system of a package that knows nothing of the suite's tables."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.speed import growth
from benchmarks.speed.fake_server import OpenAIServer
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.run.test_models import read
from tests.openai_server import server

__all__ = ["server"]

VAULT, CAREFUL, DIARY = "elsewhere.vault:VaultEngine", "elsewhere.careful:Careful", "elsewhere.diary:Diary"

PACKAGE = {
    "vault": """
        from tests.toy import ToyEngine

        class VaultEngine(ToyEngine):
            name = "Vault"

        class NoEngine:
            pass
    """,
    "careful": """
        class Careful:
            def reset(self, info):
                self.turns = 0

            def act(self, observation, info):
                self.turns += 1
                if observation["stage"] < 3:
                    return "Noted."
                commands = info.get("admissible_commands")
                if not commands:
                    return "<answer>unknown</answer>"
                return {"name": "act", "arguments": {"command": commands[self.turns % len(commands)]}}

        class NoPolicy:
            pass
    """,
    "diary": """
        from baselines.memory.base import MemoryPolicy

        class Diary(MemoryPolicy):
            system = "diary"
            options = ("every",)

            def __init__(self, inner, model=None, *, every=1):
                super().__init__(inner, model)
                self._every, self._seen = every, 0

            def observe(self, desk, message):
                self._seen += 1
                if self._seen % self._every == 0:
                    desk.add("Dear diary: " + message)
    """,
}


@pytest.fixture(autouse=True)
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "path" / "elsewhere"
    folder.mkdir(parents=True)
    for name, text in {"__init__": "", **PACKAGE}.items():
        (folder / f"{name}.py").write_text("\n".join(line[8:] for line in text.split("\n")))
    monkeypatch.syspath_prepend(folder.parent)


@pytest.mark.parametrize("how", [(), ("--workers", "2"), ("--concurrency", "2")], ids=["alone", "workers", "in flight"])
def test_they_are_mixed_with_names_and_rows_name_them(tmp_path: Path, how: tuple[str, ...]) -> None:
    path = tmp_path / "run"
    players = ("-p", CAREFUL, "-p", "expert", "-p", "reader", "-m", "rag", "-m", f"{DIARY}:every=2")
    environment = ("-b", VAULT, "-b", "HotpotQA", "--source", "generated", "-n", "2")
    result = agemem("bench", *environment, *players, *how, "--output", path, "--format", "json")
    assert result.exit_code == 0, result.output
    names = [(s["benchmark"], s["policy"]) for s in json.loads(result.stdout)]
    policies = [CAREFUL, "expert", "rag (reader)", f"{DIARY}:every=2 (reader)"]
    assert names == [(benchmark, policy) for benchmark in (VAULT, "HotpotQA") for policy in policies]
    rows = rows_of(path)
    assert [row.error for row in rows] == [None] * 16
    assert {(row.env_id, row.benchmark) for row in rows} == {(VAULT, VAULT), ("AgeMem-HotpotQA-v0", "HotpotQA")}
    assert {row.memory for row in rows} == {None, "rag", f"{DIARY}:every=2"}
    stored = {row.memory: (row.metrics or {})["MO"] for row in rows if row.policy == "reader" and row.seed == 0}
    assert 0 < (stored[f"{DIARY}:every=2"] or 0) < (stored["rag"] or 0)
    solved = [row.success for row in rows if (row.benchmark, row.policy) == (VAULT, "expert")]
    assert solved == [True, True]


def test_a_run_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "run"
    command = ("bench", "-b", VAULT, "-p", CAREFUL, "-p", "reader", "-m", DIARY, "-q", "--output", path)
    assert agemem(*command, "-n", "1").exit_code == 0
    first = rows_of(path)
    result = agemem(*command, "-n", "2", "--resume")
    assert result.exit_code == 0, result.output
    rows = rows_of(path)
    assert rows[:2] == first
    assert [(row.policy, row.seed) for row in rows[2:]] == [(CAREFUL, 1), ("reader", 1)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "no_such_module:Engine"], "'no_such_module'"),
        (["-b", "elsewhere.vault:Missing"], "'Missing'"),
        (["-b", "elsewhere.vault:NoEngine"], "TaskEngine"),
        (["-b", CAREFUL], "TaskEngine"),
        (["-b", VAULT, "-p", "no_such_module:Policy"], "no_such_module"),
        (["-b", VAULT, "-p", "elsewhere.careful:Missing"], "Missing"),
        (["-b", VAULT, "-p", "elsewhere.careful:NoPolicy"], "elsewhere.careful:NoPolicy"),
        (["-b", VAULT, "-p", VAULT], VAULT),
        (["-b", VAULT, "-p", DIARY], DIARY),
        (["-b", VAULT, "-p", "reader", "-m", "no_such_module:Memory"], "no_such_module"),
        (["-b", VAULT, "-p", "reader", "-m", "elsewhere.diary:Missing"], "Missing"),
        (["-b", VAULT, "-p", "reader", "-m", CAREFUL], CAREFUL),
        (["-b", VAULT, "-p", "reader", "-m", f"{DIARY}:everyy=2"], "did you mean 'every'?"),
        (["-b", VAULT, "-p", "reader", "-m", f"{DIARY}:every"], "use key=value"),
        (["-b", VAULT, "-p", CAREFUL, "-m", DIARY], "--memory is for models"),
        (["-b", VAULT, "-p", CAREFUL, "--env", "boxxes=3"], "boxxes"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = agemem("bench", "-n", "1", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert message in result.stderr
    assert not (tmp_path / "runs").exists()


def test_a_module_of_the_current_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "here.py").write_text("from tests.toy import ToyEngine\n\nclass Here(ToyEngine):\n    pass\n")
    # As the installed command is started: the folder of the script is on the path, the current one is not.
    program = f"import sys; sys.path[:] = [{str(Path.cwd())!r}, *(p for p in sys.path if p)]; "
    program += "from benchmarks.cli import app; app()"
    options = ["bench", "-b", "here:Here", "-p", "expert", "-n", "2", "--workers", "2"]
    command = [sys.executable, "-c", program, *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "here:Here" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("throughput", "-b", VAULT, "--seconds", "0", "--policy", CAREFUL),
        ("necessity", "-b", VAULT, "--tasks", "3"),
        ("fingerprint", "-b", VAULT, "-n", "1"),
    ],
    ids=lambda command: command[0],
)
def test_measures_take_them(monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    for name, value in {"LONG_EPISODES": 1, "CONTEXT": 6000, "ENTRIES": (2, 50), "SEARCHES": 3}.items():
        monkeypatch.setattr(growth, name, value)
    result = agemem(*command)
    assert result.exit_code == 0, result.output
    assert VAULT in result.stdout
    unknown = agemem(command[0], "-b", "elsewhere.vault:Missing")
    assert (unknown.exit_code, len(unknown.stderr.splitlines())) == (2, 1)


def test_one_plays_them_by_hand() -> None:
    command = ("chat", "-b", VAULT, "--seed", "1", "--stages", "3")
    result = CliRunner().invoke(app, [*command], input="open red box\n/leave\n")
    assert result.exit_code == 0, result.output
    assert "red box is empty" in result.stdout or "You found the key" in result.stdout
    unknown = agemem("chat", "-b", "elsewhere.vault:Missing")
    assert (unknown.exit_code, len(unknown.stderr.splitlines())) == (2, 1)


def test_a_recording_is_replayed_without_the_server(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.speak = read
    command = ("bench", "-b", VAULT, "-n", "2", "-p", "openai:fake", "-m", DIARY, "-q", "--concurrency", "2")
    tape = tmp_path / "tape.jsonl"
    assert agemem(*command, "--record", tape, "--output", tmp_path / "one").exit_code == 0
    asked = len(server.requests)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    again = agemem(*command, "--replay", tape, "--output", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert len(server.requests) == asked > 0
    one, two = (rows_of(tmp_path / name) for name in ("one", "two"))
    assert [(r.config_hash, r.reward, r.metrics) for r in one] == [(r.config_hash, r.reward, r.metrics) for r in two]
