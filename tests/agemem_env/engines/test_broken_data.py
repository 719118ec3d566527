"""Official files that are missing mean generated tasks under `auto`; files that are broken are an error of one line."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import DataError, MissingDataError, MissingExtraError

FILES: Mapping[str, str] = {
    "HotpotQA": "hotpotqa/hotpot_dev_distractor_v1.json",
    "PDDL": "pddl/index.json",
    "BabyAI": "agentboard_labels/babyai.jsonl",
    "ALFWorld": "alfworld/json_2.1.1/valid_unseen/pick-1/trial_1/game.tw-pddl",
}
BROKEN = ("empty", "blank", "torn", "garbage", "null", "directory", "dangling", "loop")


def break_file(path: Path, how: str) -> None:
    path.parent.mkdir(parents=True)
    match how:
        case "directory":
            path.mkdir()
        case "dangling":
            path.symlink_to(path.with_name("nothing"))
        case "loop":
            path.symlink_to(path)
        case _:
            content = {
                "empty": b"",
                "blank": b" \n",
                "torn": b'[{"_id": "5a',
                "null": b"null",
                "garbage": b"\xff\x00" * 9,
            }
            path.write_bytes(content[how])


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    return tmp_path / "data"


def play(benchmark: str, source: str) -> str:
    try:
        env = gym.make(f"AgeMem-{benchmark}-v0", source=source)
    except MissingExtraError as error:
        pytest.skip(str(error))
    return str(env.reset(seed=0)[1]["source"])


@pytest.mark.parametrize("benchmark", FILES)
@pytest.mark.parametrize("how", BROKEN)
def test_broken_files_are_an_error(benchmark: str, how: str, data: Path) -> None:
    path = data / FILES[benchmark]
    break_file(path, how)
    if benchmark == "ALFWorld":
        path.with_name("traj_data.json").write_text('{"task_type": "pick_and_place_simple"}')
    for source in ("auto", "official"):
        with pytest.raises(DataError, match=path.name) as caught:
            play(benchmark, source)
        assert not isinstance(caught.value, MissingDataError)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("benchmark", FILES)
def test_missing_files_mean_generated_tasks(benchmark: str, data: Path) -> None:
    assert play(benchmark, "auto") == "generated"
    (data / FILES[benchmark]).parent.mkdir(parents=True)
    assert play(benchmark, "auto") == "generated"
    with pytest.raises(DataError):
        play(benchmark, "official")


def test_folders_without_problems_are_missing_data(data: Path) -> None:
    (data / "pddl" / "gripper" / "problems").mkdir(parents=True)
    assert play("PDDL", "auto") == "generated"
    with pytest.raises(DataError, match="no official PDDL problems"):
        play("PDDL", "official")


def test_broken_labels_of_a_protocol_are_an_error(data: Path) -> None:
    pytest.importorskip("scienceworld")
    for how in BROKEN:
        break_file(data / "agentboard_labels" / "scienceworld.jsonl", how)
        with pytest.raises(DataError, match="scienceworld"):
            gym.make("AgeMem-SciWorld-v0", protocol="agentboard")
        shutil.rmtree(data)
