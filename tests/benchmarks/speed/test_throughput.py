from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.specs import PlayerSpec, episodes
from benchmarks.speed import growth, overhead, throughput
from benchmarks.speed.pages import sheets, write
from benchmarks.speed.probe import probe
from benchmarks.speed.stopwatch import make


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure small episodes, contexts and memories."""
    for name, value in {"LONG_EPISODES": 1, "CONTEXT": 6000, "ENTRIES": (2, 50), "SEARCHES": 3}.items():
        monkeypatch.setattr(growth, name, value)


@pytest.mark.usefixtures("quick")
def test_the_figures_are_printed_and_written(tmp_path: Path) -> None:
    command = ["throughput", "-b", "HotpotQA", "--seconds", "0", "--source", "generated", "--output", "figures"]
    command[-1] = str(tmp_path / "figures")
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "HotpotQA, policy expert, generated tasks, encoder hashing, token counter estimate" in result.stdout
    assert re.search(r"HotpotQA( +[\d,.]+){9}", result.stdout)
    assert re.search(r"HotpotQA +microseconds of an idle step +[\d.]+ +≤ 60 +(yes|no)", result.stdout)
    content = json.loads((tmp_path / "figures.json").read_text())
    (found,) = content["reports"]
    assert found["speed"]["episodes"] == 1
    assert found["beside"] is None
    assert [search["entries"] for search in content["searches"]] == [2, 50]
    assert {bound["benchmark"] for bound in content["bounds"]} == {"HotpotQA"}
    page = (tmp_path / "figures.md").read_text()
    assert all(f"## {title}" in page for title in ("Resets", "Steps", "Searches", "Bounds"))
    assert "## Layers" not in page
    assert (tmp_path / "figures.svg").read_text().rstrip().endswith("</svg>")


@pytest.mark.usefixtures("quick")
def test_others_are_measured_beside_if_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(throughput, "EPISODES", 1)
    monkeypatch.setattr(throughput, "SIDE_BY_SIDE", (2,))
    monkeypatch.setattr(throughput, "TOGETHER", 2)
    monkeypatch.setattr(overhead, "REPEATS", 1)
    monkeypatch.setitem(sys.modules, "pddlgym.core", None)
    (spec,) = episodes([("AgeMem-PDDL-v0", {"source": "generated"})], [PlayerSpec("expert")], [0])
    found = throughput.report(spec, 0.0, full=True)
    assert found.beside is not None
    assert found.beside.costs is not None
    assert found.beside.stock is None
    assert found.beside.env is not None
    assert found.beside.env.first_s > 0
    assert [vectors.count for vectors in found.beside.vectors] == [2]
    written = write([found], [], tmp_path / "figures")
    assert [path.suffix for path in written] == [".json", ".svg", ".md"]
    assert {"Layers", "Side by side"} <= set(sheets([found], []))


def test_a_program_that_fails_is_no_figure() -> None:
    assert probe("print('first'); raise SystemExit(1)", 1) is None


def test_a_program_is_watched_and_ends() -> None:
    found = probe("import sys\nprint('first')\nprint('noise')\nprint('all', flush=True)\nsys.stdin.read()", 2)
    assert found is not None
    assert found.count == 2
    assert 0 < found.first_s < 60


@pytest.mark.usefixtures("quick")
def test_long_episodes_are_as_long_as_said_and_fill_the_context() -> None:
    env = make("AgeMem-HotpotQA-v0", growth.long_episode({"source": "generated"}))
    assert growth.flatness(env).full is not None
    assert len(env.steps) == growth.LONG_EPISODE


@pytest.mark.usefixtures("quick")
def test_a_context_that_never_fills_is_no_figure() -> None:
    env = make("AgeMem-HotpotQA-v0", growth.long_episode({"source": "generated", "max_tokens": 10**6}))
    assert growth.flatness(env).full is None


def test_the_profile_names_functions() -> None:
    env = make("AgeMem-HotpotQA-v0", {"source": "generated"})
    table = throughput.profile(env, "do-nothing", 0.0, top=200)
    assert "tottime" in table
    assert "env.py" in table


def test_unknown_policies_are_named() -> None:
    result = CliRunner().invoke(app, ["throughput", "--policy", "expret"])
    assert result.exit_code == 2
    assert "did you mean 'expert'?" in result.stderr
