"""The official files and the check of what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agemem_env.engines.hotpotqa import download
from agemem_env.engines.hotpotqa.download import check_format, download_hotpotqa, hotpotqa_files
from agemem_env.errors import ConfigurationError, DataError
from tests.file_server import CONTENT, Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with serving() as running:
        yield running


def test_hotpotqa(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_SITE", server.url)
    with pytest.raises(DataError, match="at least 400000000"):
        download_hotpotqa("all", lambda *_: None)
    with pytest.raises(ConfigurationError, match="Allowed: 'train', 'dev', 'all'"):
        download_hotpotqa("test", lambda *_: None)
    assert {file.name for file in hotpotqa_files("x/").values()} == {
        "hotpot_train_v1.1.json",
        "hotpot_dev_distractor_v1.json",
    }


@pytest.mark.parametrize("content", [b"<html>Please log in.</html>", b"[]", CONTENT[:-3], b'{"_id": 1}'])
def test_something_else(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "f.json"
    file.write_bytes(CONTENT)
    check_format(file)
    file.write_bytes(content)
    with pytest.raises(DataError, match="not a JSON list of questions"):
        check_format(file)
