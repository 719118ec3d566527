from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agemem_env.data.download import RemoteFile, download
from agemem_env.errors import DataError
from tests.file_server import CONTENT, Server, serving


def check_format(path: Path) -> None:
    """Check that a file is a JSON list."""
    if not path.read_bytes().startswith(b"["):
        raise DataError("not a JSON list")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "set"


def fetch(server: Server, folder: Path, minimum_bytes: int = 100) -> list[tuple[str, int, int | None]]:
    seen: list[tuple[str, int, int | None]] = []
    file = RemoteFile(server.url + "f.json", "f.json", minimum_bytes, check_format)
    path = download(file, folder, lambda *state: seen.append(state))
    assert path == folder / "f.json"
    assert path.read_bytes() == CONTENT
    assert not (folder / "f.json.part").exists()
    return seen


def test_download(server: Server, folder: Path) -> None:
    seen = fetch(server, folder)
    assert seen[-1] == ("f.json", len(CONTENT), len(CONTENT))
    assert [n for _, n, _ in seen] == sorted(n for _, n, _ in seen)
    assert server.ranges == [None]


def test_what_is_there_is_not_fetched_again(server: Server, folder: Path) -> None:
    fetch(server, folder)
    assert fetch(server, folder) == []
    assert len(server.ranges) == 1


def test_a_broken_connection_is_resumed(server: Server, folder: Path) -> None:
    server.cuts = 2
    fetch(server, folder)
    assert server.ranges[0] is None
    assert server.ranges[1] == f"bytes={len(CONTENT) // 2}-"
    assert len(server.ranges) == 3


def test_a_download_of_an_earlier_run_is_resumed(server: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / "f.json.part").write_bytes(CONTENT[:1000])
    seen = fetch(server, folder)
    assert server.ranges == ["bytes=1000-"]
    assert seen[-1][2] == len(CONTENT)


def test_a_complete_part_needs_only_its_name(server: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / "f.json.part").write_bytes(CONTENT)
    assert fetch(server, folder) == []


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / "f.json.part").write_bytes(CONTENT + b"more")
    fetch(server, folder)
    assert server.ranges == [f"bytes={len(CONTENT) + 4}-", None]


def test_a_connection_that_breaks_every_time_leaves_the_part(server: Server, folder: Path) -> None:
    server.cuts = 99
    with pytest.raises(DataError, match="by hand and save it as"):
        fetch(server, folder)
    assert not (folder / "f.json").exists()
    assert CONTENT.startswith((folder / "f.json.part").read_bytes())


def test_too_small(server: Server, folder: Path) -> None:
    with pytest.raises(DataError, match=f"gave {len(CONTENT)} bytes, at least 999999 were expected"):
        fetch(server, folder, minimum_bytes=999_999)
    assert list(folder.iterdir()) == []


def test_something_else(server: Server, folder: Path) -> None:
    server.content = b"<html>" + b"Please log in. " * 100
    with pytest.raises(DataError, match="not a JSON list"):
        fetch(server, folder)
    assert list(folder.iterdir()) == []


def test_not_found(server: Server, folder: Path) -> None:
    server.status = 404
    with pytest.raises(DataError, match="HTTP status 404"):
        fetch(server, folder)
    assert len(server.ranges) == 1


def test_no_network(folder: Path) -> None:
    with Server() as server:
        unused = server.url
    file = RemoteFile(unused + "f.json", "f.json", 1, check_format)
    with pytest.raises(DataError, match="cannot download") as caught:
        download(file, folder, lambda *_: None)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert file.url in str(caught.value)
    assert str(folder / "f.json") in str(caught.value)


def test_folder_that_cannot_be_written(server: Server, folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(DataError, match="set AGEMEM_DATA"):
        fetch(server, folder)
