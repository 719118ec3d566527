"""A file of options stands for what the command line does not say, and is kept beside the rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.benchmarks.command import agemem, rows_of

FILE = """
benchmark = "HotpotQA"
policy = ["do-nothing", "reader"]
memory = "rag"
episodes = 2
source = "generated"
stages = [1, 3]
base-url = "http://me:secret@localhost/v1"

[env]
facts_per_turn = 4
tools = ["Add_memory"]

[model-option]
tool_format = "tags"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_options_come_from_the_file_and_the_command_line_wins(here: Path) -> None:
    (here / "run.toml").write_text(FILE)
    result = agemem("bench", "--config", "run.toml", "-n", "1", "-p", "do-nothing", "-p", "reader", "--output", "a/x")
    assert result.exit_code == 2, "the memory system brings its own tools"
    assert "tools=['Add_memory'] is not allowed" in result.stderr
    (here / "run.toml").write_text(FILE.replace('tools = ["Add_memory"]', ""))
    result = agemem("bench", "--config", "run.toml", "-n", "1", "--output", "a/x")
    assert result.exit_code == 0, result.output
    rows = rows_of(here / "a" / "x")
    assert [(row.policy, row.memory, row.seed) for row in rows] == [("do-nothing", None, 0), ("reader", "rag", 0)]
    assert rows[1].model == {"tool_format": "tags"}
    assert (rows[0].env_kwargs["facts_per_turn"], rows[0].env_kwargs["stages"]) == (4, [1, 3])
    kept = json.loads((here / "a" / "x" / "options.json").read_text())
    assert (kept["episodes"], kept["env"]) == (2, {"facts_per_turn": 4})
    assert "secret" not in json.dumps(kept)


def test_a_run_without_a_file_keeps_none(here: Path) -> None:
    agemem("bench", "-b", "HotpotQA", "--source", "generated", "-n", "1", "-p", "do-nothing", "--output", "x")
    assert sorted(path.name for path in (here / "x").iterdir()) == [
        "episodes.jsonl",
        "report.html",
        "run.json",
        "trajectories",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sedes = 3", "unknown option in run.toml 'sedes'; did you mean 'seeds'?"),
        ("seeds =", "cannot read the options in run.toml"),
        ("seeds = 1\nepisodes = 2", "gives episodes twice"),
        ("[seeds]\na = 1", "seeds in run.toml is not allowed as a table"),
        ("env = 5", "use key=value"),
        ('config = "run.toml"', "unknown option in run.toml 'config'"),
        ("seeds = 'x'", "invalid value for '--seeds'"),
        ("seeds = 0", "invalid value for '--seeds'"),
        ("\udcff", "cannot read the options in run.toml"),
    ],
)
def test_wrong_files_are_refused(here: Path, text: str, message: str) -> None:
    (here / "run.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = agemem("bench", "--config", "run.toml", "--dry-run", "-b", "HotpotQA", "--source", "generated")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["absent.toml", ".", "pipe", "/dev/zero"])
def test_what_is_no_file_is_refused(here: Path, name: str) -> None:
    os.mkfifo(here / "pipe")
    result = agemem("bench", "--config", name)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
