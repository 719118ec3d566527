"""The commands ``agemem data download``, ``generate`` and ``list``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agemem_env.data.datasets import DATASETS
from agemem_env.data.download import RemoteFile
from agemem_env.engines import ENGINES
from agemem_env.engines.hotpotqa import download as hotpotqa_download
from agemem_env.engines.hotpotqa.download import check_format
from benchmarks.data import GENERATORS, data_app
from tests.file_server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))


def files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_generators_are_those_of_benchmarks() -> None:
    assert set(GENERATORS) <= set(ENGINES)


def test_command_list(tmp_path: Path) -> None:
    assert "not downloaded" in CliRunner().invoke(data_app, ["list"]).output
    (tmp_path / "hotpotqa").mkdir()
    (tmp_path / "hotpotqa" / "a.json").touch()
    output = CliRunner().invoke(data_app, ["list"]).output
    assert "a.json" in output
    assert "always available" in output
    assert all(name in output for name in DATASETS)


def test_command_download_shows_errors_in_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotpotqa_download, "_SITE", server.url)
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


@pytest.mark.parametrize("name", ["hotpotqa", "HotpotQA"])
def test_command_download(name: str, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = RemoteFile(server.url, "hotpot_dev_distractor_v1.json", 1, check_format)
    monkeypatch.setattr(hotpotqa_download, "hotpotqa_files", lambda site: {"dev": file})
    result = CliRunner().invoke(data_app, ["download", name, "--split", "dev"])
    assert result.exit_code == 0
    assert str(tmp_path / "hotpotqa" / file.name) in result.output.replace("\n", "")


@pytest.mark.parametrize("name", ["alfworld", "ALFWorld"])
def test_generated_games_are_written_by_command(tmp_path: Path, name: str) -> None:
    pytest.importorskip("textworld", reason="the extra alfworld is not installed")
    arguments = ["generate", name, "2", "--split", "valid", "--seed", "7", "--folder", str(tmp_path)]
    result = CliRunner().invoke(data_app, arguments)
    assert result.exit_code == 0, result.output
    assert [Path(line).name for line in result.output.split()] == ["game.tw-pddl"] * 2
    places = {tuple(path.split("/")[1:4:2]) for path in files(tmp_path)}
    assert places == {("valid_seen", "trial_G000007"), ("valid_seen", "trial_G000008")}
    assert len(files(tmp_path)) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alfword", "1"], "unknown generator 'alfword'; did you mean 'ALFWorld'?"),
        (["alfworld", "1", "--split", "dev"], "unknown split 'dev'"),
    ],
)
def test_mistakes_of_generate_are_one_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(data_app, ["generate", *arguments])
    assert result.exit_code == 1
    assert result.output.startswith(f"error: {message}")
    assert result.output.count("\n") == 1
