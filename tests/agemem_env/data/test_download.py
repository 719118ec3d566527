from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

import agemem_env.engines.hotpotqa.download as hotpotqa_data
from agemem_env.data import data_root
from agemem_env.data.datasets import DATASETS
from agemem_env.data.download import RemoteFile, download
from agemem_env.engines.hotpotqa.download import check_format, download_hotpotqa, hotpotqa_files
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.data import data_app

CONTENT = b'[{"_id": "' + bytes(range(97, 123)) * 12_000 + b'"}]\n'


class Server(ThreadingHTTPServer):
    """Serves `content` at every path; `cuts` is how many answers break off half way."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.cuts = 0
        self.status = 200
        self.ranges: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = int(re.findall(r"\d+", wanted)[0]) if wanted else 0
        size = len(self.server.content)
        if self.server.status != 200:
            return self.send_error(self.server.status)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        body = self.server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
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
    with pytest.raises(DataError, match="not a JSON list of questions"):
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


def test_hotpotqa(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotpotqa_data, "_SITE", server.url)
    with pytest.raises(DataError, match="at least 400000000"):
        download_hotpotqa("all", lambda *_: None)
    with pytest.raises(ConfigurationError, match="Allowed: 'train', 'dev', 'all'"):
        download_hotpotqa("test", lambda *_: None)
    assert {file.name for file in hotpotqa_files("x/").values()} == {
        "hotpot_train_v1.1.json",
        "hotpot_dev_distractor_v1.json",
    }


def test_where_data_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert data_root() == tmp_path
    monkeypatch.delenv("AGEMEM_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_root() == tmp_path / "cache" / "agemem_env"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_root() == Path.home() / ".cache" / "agemem_env"


def test_command_list(tmp_path: Path) -> None:
    assert "not downloaded" in CliRunner().invoke(data_app, ["list"]).output
    (tmp_path / "hotpotqa").mkdir()
    (tmp_path / "hotpotqa" / "a.json").touch()
    output = CliRunner().invoke(data_app, ["list"]).output
    assert "a.json" in output
    assert "always available" in output
    assert all(name in output for name in DATASETS)


def test_command_download_shows_errors_in_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotpotqa_data, "_SITE", server.url)
    result = CliRunner().invoke(data_app, ["download", "hotpotqa", "--split", "dev"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "at least 30000000 were expected" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["hotpot"], ["hotpotqa", "--split", "test"]])
def test_command_download_with_wrong_names(arguments: list[str]) -> None:
    result = CliRunner().invoke(data_app, ["download", *arguments])
    assert result.exit_code == 1
    assert "unknown" in result.output


def test_command_download(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = RemoteFile(server.url, "hotpot_dev_distractor_v1.json", 1, check_format)
    monkeypatch.setattr(hotpotqa_data, "hotpotqa_files", lambda site: {"dev": file})
    result = CliRunner().invoke(data_app, ["download", "hotpotqa", "--split", "dev"])
    assert result.exit_code == 0
    assert str(tmp_path / "hotpotqa" / file.name) in result.output.replace("\n", "")
