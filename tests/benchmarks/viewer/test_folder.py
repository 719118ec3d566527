"""`agemem view` on real trajectories."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agemem_env.errors import ConfigurationError, DataError
from benchmarks.cli import app
from benchmarks.viewer.folder import Episodes
from tests.benchmarks.trajectories.playing import record, spec_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three episodes, the last of which was killed."""
    folder = tmp_path_factory.mktemp("runs") / "x"
    (folder / "trajectories").mkdir(parents=True)
    played = [record(spec_of("HotpotQA", "expert", seed), folder / "trajectories") for seed in (3, 4, 5)]
    (folder / "episodes.jsonl").write_text("".join(p.row.to_json() + "\n" for p in played[:2]), "utf-8")
    return folder


def test_the_list_has_finished_episodes_first_and_then_those_without_a_row(run: Path) -> None:
    listed = Episodes(run).summaries()
    assert [(s["seed"], s["benchmark"], s["policy"]) for s in listed[:2]] == [
        (3, "HotpotQA", "expert"),
        (4, "HotpotQA", "expert"),
    ]
    assert [s["outcome"] for s in listed[:2]] == ["success", "success"]
    assert len(listed) == 3


def test_a_trajectory_that_holds_nothing_is_one_line(run: Path, tmp_path: Path) -> None:
    whole = next(iter((run / "trajectories").iterdir()))
    torn = tmp_path / "torn.jsonl.zst"
    torn.write_bytes(whole.read_bytes()[:200])
    result = CliRunner().invoke(app, ["view", str(torn), "--html", str(tmp_path / "x.html")])
    assert result.exit_code == 1 and len(result.output.strip().splitlines()) == 1
    assert "holds nothing of an episode" in result.output


def test_turns_tell_who_stored_what(run: Path) -> None:
    episodes = Episodes(run)
    value = episodes.episode(episodes.summaries()[0]["key"])
    stored = {fact for entry in value["entries"] for fact in entry["states"]}
    gold = {
        i for i, fact in enumerate(value["task"]["facts"]) if fact["worth"] == "gold" and fact["superseded_by"] is None
    }
    assert gold <= stored
    assert value["turns"][0]["action"] is None and value["turns"][-1]["number"] == value["row"]["steps"]
    json.dumps(value, allow_nan=False)


def test_one_file_holds_the_episodes_that_were_asked_for(run: Path, tmp_path: Path) -> None:
    keys = [summary["key"] for summary in Episodes(run).summaries()]
    target = tmp_path / "view.html"
    arguments = ["view", str(run), "--html", str(target), "--episode", keys[1]]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    text = target.read_text("utf-8")
    assert f'"key": "{keys[1]}"' in text and f'"key": "{keys[0]}"' not in text
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 2 and "--overwrite replaces it" in again.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "no run folder and no trajectory"),
        ([".", "--html", "x.html"], "holds no trajectories"),
        (["RUN", "--episode", "nobody"], "no episode 'nobody'"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    arguments: list[str], message: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["view", *(str(run) if a == "RUN" else a for a in arguments)])
    assert result.exit_code == 2 and message in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_an_episode_that_cannot_be_read_is_listed_as_such_beside_the_others(run: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(run, damaged)
    torn = damaged / "trajectories" / f"{Episodes(run).summaries()[0]['key']}.jsonl.zst"
    torn.write_bytes(torn.read_bytes()[:200])
    result = CliRunner().invoke(app, ["view", str(damaged), "--html", str(tmp_path / "x.html")])
    assert result.exit_code == 0, result.output
    assert result.stderr == f"listed as unreadable: {torn} holds nothing of an episode\n"
    said: list[str] = []
    episodes = Episodes(damaged)
    listed, found = episodes.whole(episodes.summaries(), said.append)
    assert [s["outcome"] for s in listed[:2]] == ["unreadable", "success"]
    assert found[listed[0]["key"]] == {"unreadable": f"{torn} holds nothing of an episode"}
    assert found[listed[1]["key"]]["turns"]


def test_what_an_entry_was_worth_is_shown_with_it(run: Path) -> None:
    key = Episodes(run).summaries()[0]["key"]
    assert Episodes(run).episode(key)["credit"] is None
    file = run / "trajectories" / f"{key}.jsonl.zst"
    result = CliRunner().invoke(app, ["credit", str(file), "--save"])
    assert result.exit_code == 0, result.output
    value = Episodes(run).episode(key)
    gold = {
        i for i, fact in enumerate(value["task"]["facts"]) if fact["worth"] == "gold" and fact["superseded_by"] is None
    }
    stated = {entry["id"]: set(entry["states"]) for entry in value["entries"]}
    assert value["credit"]
    assert all((without["worth"] > 0) == bool(stated[name] & gold) for name, without in value["credit"].items())
    (run / "credit" / f"{key}.json").write_text("{}")
    with pytest.raises(DataError, match="no credit that can be read"):
        Episodes(run).episode(key)


def test_an_unknown_episode_is_refused_by_name(run: Path) -> None:
    with pytest.raises(ConfigurationError, match="no episode 'nobody'"):
        Episodes(run).episode("nobody")


def test_a_file_of_another_name_is_viewed_by_it(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl.zst"
    other.write_bytes(next(iter(sorted((run / "trajectories").iterdir()))).read_bytes())
    result = CliRunner().invoke(app, ["view", str(other), "--html", str(tmp_path / "x.html")])
    assert result.exit_code == 0, result.output
    assert Episodes(other).episode("other")["summary"]["key"] == "other"
