"""Official games: where they are found, and an index that is right whatever happens to the files."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.alfworld import official
from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE, Game, save_game
from agemem_env.engines.alfworld.official import RELEASE, SPLITS, OfficialSplit, official_split
from agemem_env.errors import ConfigurationError, DataError

PROBLEM = (
    "(define (problem p) (:init (receptacleType Shelf_1 ShelfType) (receptacleAtLocation Shelf_1 loc_1) "
    "(objectType Mug_1 MugType) (inReceptacle Mug_1 Shelf_1) (atLocation agent1 loc_2)) "
    "(:goal (and (objectType ?o MugType) (receptacleType ?r ShelfType) (inReceptacle ?o ?r))))"
)
GRAMMAR = """
intro :: "Your task is to: put a mug in shelf.";
action PutObject { template :: "move {o} to {r}"; }
"""
GAME = Game("(define (domain d))", PROBLEM, GRAMMAR, 1)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of ALFWorld's data; the cache and the default data folder are empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AGEMEM_DATA", raising=False)
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def add(root: Path, name: str, split: str = "valid_seen", game: Game = GAME) -> Path:
    return save_game(game, root / RELEASE / split / name)


def ids(split: OfficialSplit) -> list[str]:
    return [game.id for game in split.games]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The games that are read to index them."""
    seen: list[str] = []
    entry = official._entry

    def noted(place: Path, relative: str) -> dict[str, Any]:
        seen.append(relative)
        return entry(place, relative)

    monkeypatch.setattr(official, "_entry", noted)
    return seen


def test_games_come_in_the_order_of_their_paths_and_are_read_once(root: Path, reads: list[str]) -> None:
    for name in ("b-2/trial_1", "a/trial_2", "b/trial_1", "a/trial_1"):
        add(root, name)
    split = official_split("valid_seen")
    assert ids(split) == ["a/trial_1", "a/trial_2", "b-2/trial_1", "b/trial_1"]
    assert [game.path for game in split.games] == [
        Path(path) for path in sorted(map(str, (root / RELEASE).rglob(GAME_FILE)))
    ]
    assert {game.task_type for game in split.games} == {"pick_and_place_simple"}
    assert len({game.digest for game in split.games}) == 1
    assert len(reads) == 4
    assert official_split("valid_seen") == split
    assert len(reads) == 4


def change_in_place(path: Path) -> None:
    path.write_text(path.read_text().replace('"solvable": true', '"solvable": false'))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda root: add(root, "c/trial_1"), ["a/trial_1", "b/trial_1", "c/trial_1"]),
        (lambda root: add(root, "a/trial_2"), ["a/trial_1", "a/trial_2", "b/trial_1"]),
        (lambda root: (root / RELEASE / "valid_seen/a/trial_1" / GAME_FILE).unlink(), ["b/trial_1"]),
        (lambda root: (root / RELEASE / "valid_seen/a/trial_1" / TRAJECTORY_FILE).unlink(), ["b/trial_1"]),
        (lambda root: (root / RELEASE / "valid_seen/b").rename(root / "away"), ["a/trial_1"]),
        (lambda root: change_in_place(root / RELEASE / "valid_seen/b/trial_1" / GAME_FILE), ["a/trial_1"]),
        (lambda root: (root / RELEASE / ".agemem-index-valid_seen.json").write_text("{"), ["a/trial_1", "b/trial_1"]),
        (lambda root: (root / RELEASE / ".agemem-index-valid_seen.json").write_text("[]"), ["a/trial_1", "b/trial_1"]),
    ],
    ids=["task", "trial", "no game", "no trajectory", "moved", "changed", "damaged index", "wrong index"],
)
def test_a_stale_index_is_noticed(
    root: Path, reads: list[str], change: Callable[[Path], object], expected: list[str]
) -> None:
    add(root, "a/trial_1")
    add(root, "b/trial_1")
    assert ids(official_split("valid_seen")) == ["a/trial_1", "b/trial_1"]
    reads.clear()
    change(root)
    assert ids(official_split("valid_seen")) == expected
    assert reads
    reads.clear()
    assert ids(official_split("valid_seen")) == expected
    assert not reads


def test_a_game_of_the_same_size_and_a_new_time_is_read_again(root: Path, reads: list[str]) -> None:
    path = add(root, "a/trial_1")
    digest = official_split("valid_seen").games[0].digest
    reads.clear()
    path.write_text(path.read_text().replace("Mug", "Mop"))
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert official_split("valid_seen").games[0].digest != digest
    assert reads == ["a/trial_1"]


def test_only_games_that_alfworld_plays_are_in_the_split(root: Path) -> None:
    add(root, "good/trial_1")
    add(root, "pick_and_place_with_movable_recep/trial_1")
    add(root, "pick-AppleSliced/trial_1")
    other = add(root, "other/trial_1").with_name(TRAJECTORY_FILE)
    other.write_text(other.read_text().replace("pick_and_place_simple", "pick_and_place_with_slice"))
    add(root, "hard/trial_1", game=Game("(define)", PROBLEM, "g", solvable=False))
    unknown = add(root, "unknown/trial_1")
    unknown.write_text(unknown.read_text().replace('"solvable"', '"soluble"'))
    assert ids(official_split("valid_seen")) == ["good/trial_1"]
    assert official_split("valid_seen").corrupt == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, content) for name in (GAME_FILE, TRAJECTORY_FILE) for content in ("{", "[1]", '"text"')),
        (TRAJECTORY_FILE, '{"task_type": 5}'),
    ],
)
def test_corrupt_files_are_named_and_left_out(root: Path, name: str, content: str) -> None:
    add(root, "good/trial_1")
    (add(root, "bad/trial_1").parent / name).write_text(content)
    split = official_split("valid_seen")
    assert ids(split) == ["good/trial_1"]
    assert list(split.corrupt) == [f"bad/trial_1/{GAME_FILE}"]
    assert split.summary.endswith(f"; 1 corrupt: bad/trial_1/{GAME_FILE}")


def test_a_subset_is_allowed_and_called_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(root, "a/trial_1")
    add(root, "a/trial_2")
    for expected, complete, words in ((140, False, "a subset"), (2, True, "the official split"), (1, False, "altered")):
        monkeypatch.setattr(official, "SPLITS", {**SPLITS, "valid_seen": expected})
        split = official_split("valid_seen")
        assert split.complete is complete
        assert str(split) == f"2 of {expected} solvable games of valid_seen ({words}) in {split.folder}"


def test_the_official_counts() -> None:
    assert SPLITS == {"train": 3553, "valid_seen": 140, "valid_unseen": 134}


def test_folders_are_searched_in_turn(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path / "agemem"))
    cache, agemem = tmp_path / "cache" / "agemem_env" / "alfworld", tmp_path / "agemem" / "alfworld"
    for place in (cache, agemem, root):
        add(place, "a/trial_1")
        assert official_split("valid_seen").folder == place / RELEASE / "valid_seen"
    add(cache, "b/trial_1", "train")
    assert official_split("train").folder == cache / RELEASE / "train"


def test_nothing_there(root: Path) -> None:
    with pytest.raises(
        DataError, match=rf"no games of train in {root}/json_2\.1\.1/train, .*agemem data download alfworld"
    ):
        official_split("train")
    with pytest.raises(ConfigurationError, match=r"unknown official split of ALFWorld 'test'.*'valid_unseen'"):
        official_split("test")


def test_an_index_is_kept_in_the_cache_if_the_data_cannot_be_written(
    root: Path, reads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(root, "a/trial_1")
    kept = official._write
    monkeypatch.setattr(official, "_write", lambda file, index: root not in file.parents and kept(file, index))
    official_split("valid_seen")
    assert len(list((tmp_path / "cache" / "agemem_env" / "alfworld-index").iterdir())) == 1
    assert not list((root / RELEASE).glob(".*"))
    official_split("valid_seen")
    assert reads == ["a/trial_1"]


def test_without_any_place_for_an_index_it_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(root, "a/trial_1")
    (root / RELEASE / ".agemem-index-valid_seen.json").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(add(root, "a/trial_2")))
    with pytest.warns(RuntimeWarning, match=r"cannot keep an index of .*valid_seen: each start reads all its games"):
        assert len(official_split("valid_seen").games) == 2


def test_an_index_can_be_moved_with_its_data(root: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    add(root, "a/trial_1")
    official_split("valid_seen")
    root.rename(root.parent / "moved")
    monkeypatch.setenv("ALFWORLD_DATA", str(root.parent / "moved"))
    assert official_split("valid_seen").games[0].path.exists()
    assert reads == ["a/trial_1"]


@pytest.mark.exhaustive
def test_thousands_of_games_start_without_being_read(root: Path, reads: list[str], capsys: Any) -> None:
    original = add(root, "task_0/trial_0", "train")
    for number in range(1, SPLITS["train"]):
        folder = root / RELEASE / "train" / f"task_{number // 2}" / f"trial_{number}"
        folder.mkdir(parents=True)
        for name in (GAME_FILE, TRAJECTORY_FILE):
            os.link(original.with_name(name), folder / name)
    durations = []
    for _ in range(3):
        start = time.process_time()
        split = official_split("train")
        durations.append(round(1000 * (time.process_time() - start)))
        assert split.complete
    assert len(reads) == SPLITS["train"]
    with capsys.disabled():
        print(f"\nofficial_split('train'), {len(split.games)} games: {durations} ms of processor time")


def test_the_sample_of_official_games_is_a_subset_if_it_is_here() -> None:
    try:
        split = official_split("valid_seen")
    except DataError:
        pytest.skip("no official games are here")
    assert len(split.games) <= SPLITS["valid_seen"]
    assert split.complete == (len(split.games) == 140)
    for game in split.games:
        content = json.loads(game.path.read_text())
        assert content["solvable"]
        assert game.id.startswith(game.task_type)
