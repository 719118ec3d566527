"""Download of ALFWorld's archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agemem_env.engines.alfworld.download import check_archive, download_alfworld, fetch_games, unpack
from agemem_env.errors import ConfigurationError, DataError
from tests.file_server import Server, serving

GAME, TRAJECTORY = "game.tw-pddl", "traj_data.json"
ROOT = "json_2.1.1"


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as content:
        for name in names:
            content.writestr(name, f"content of {name}")
    return file.getvalue()


@pytest.fixture
def server() -> Iterator[Server]:
    games = archive(
        *(f"{ROOT}/{split}/task/trial/{GAME}" for split in ("train", "valid_seen", "valid_train")), "readme.txt"
    )
    trajectories = archive(
        *(f"{ROOT}/{split}/task/trial/{TRAJECTORY}" for split in ("train", "valid_seen")),
        f"{ROOT}/train/task/no_game/{TRAJECTORY}",
    )
    files = {"0.4.0/json_2.1.2_tw-pddl.zip": games, "0.2.2/json_2.1.1_json.zip": trajectories}
    with serving() as running:
        running.files = files
        yield running


def there(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def silent(*args: object) -> None:
    del args


def test_games_are_fetched_with_their_trajectories(server: Server, tmp_path: Path) -> None:
    folders = fetch_games(server.url, tmp_path, ("train", "valid_seen"), silent)
    assert folders == [tmp_path / ROOT / "train", tmp_path / ROOT / "valid_seen"]
    assert there(tmp_path) == [
        f"{ROOT}/{split}/task/trial/{name}" for split in ("train", "valid_seen") for name in (GAME, TRAJECTORY)
    ]
    path = folders[0] / "task" / "trial" / GAME
    assert path.read_text() == f"content of {ROOT}/train/task/trial/{GAME}"


def test_one_split_can_be_fetched(server: Server, tmp_path: Path) -> None:
    fetch_games(server.url, tmp_path, ("valid_seen",), silent)
    assert there(tmp_path) == [f"{ROOT}/valid_seen/task/trial/{name}" for name in (GAME, TRAJECTORY)]


def test_unknown_splits() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown split 'valid'; did you mean 'valid_seen'\?"):
        download_alfworld("valid", silent)


@pytest.mark.parametrize(
    "name",
    [
        f"../{ROOT}/train/a/b/{GAME}",
        f"{ROOT}/train/../../{GAME}",
        f"/{ROOT}/train/a/b/{GAME}",
        f"{ROOT}\\train\\..\\..\\{GAME}",
        f"c:/{ROOT}/train/a/b/{GAME}",
    ],
)
def test_archives_that_would_leave_the_folder_are_refused(server: Server, tmp_path: Path, name: str) -> None:
    server.files["0.4.0/json_2.1.2_tw-pddl.zip"] = archive(f"{ROOT}/train/a/b/{GAME}", name)
    with pytest.raises(DataError, match=r"which would leave the folder: nothing was unpacked"):
        fetch_games(server.url, tmp_path, ("train",), silent)
    assert there(tmp_path) == []


def test_unpacking_never_leaves_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "archive.zip"
    file.write_bytes(archive(f"{ROOT}/train/../../{GAME}", f"../{ROOT}/train/a/b/{GAME}", f"{ROOT}/train/../x/{GAME}"))
    unpack(file, tmp_path / "folder", lambda path, name: True)
    assert there(tmp_path) == ["archive.zip"]


def test_what_is_no_archive_of_games(tmp_path: Path) -> None:
    file = tmp_path / "archive.zip"
    file.write_bytes(b"<html>")
    with pytest.raises(DataError, match=r"archive\.zip is not a zip archive"):
        check_archive(file)
    file.write_bytes(archive("readme.txt"))
    with pytest.raises(DataError, match=r"has no games of ALFWorld in it"):
        check_archive(file)


def test_a_damaged_archive(tmp_path: Path) -> None:
    file, content = tmp_path / "archive.zip", archive(f"{ROOT}/train/a/b/{GAME}")
    file.write_bytes(content.replace(content[80:90], b"0123456789", 1))
    with pytest.raises(DataError, match=r"cannot unpack .*archive\.zip .*delete it and run the command again"):
        unpack(file, tmp_path, lambda path, name: True)
    assert not (tmp_path / ROOT / "train" / "a" / "b" / GAME).exists()


def test_members_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agemem_env.engines.alfworld.download._LARGEST", 5)
    file = tmp_path / "archive.zip"
    file.write_bytes(archive(f"{ROOT}/train/a/b/{GAME}"))
    with pytest.raises(DataError, match=r"this is not ALFWorld's release"):
        unpack(file, tmp_path, lambda path, name: True)
