from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.runs import provenance

GIT = shutil.which("git")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@y")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(GIT is None, reason="git is not here")
def test_the_commit_is_that_of_the_files_and_of_no_other_repository(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    assert provenance._git(package) is None
    git(tmp_path, "init", "-q")
    (tmp_path / "other").touch()
    git(tmp_path, "add", "other")
    git(tmp_path, "commit", "-qm", "one")
    assert provenance._git(package) is None, "the files are in no commit"
    git(tmp_path, "add", "package")
    git(tmp_path, "commit", "-qm", "two")
    assert provenance._git(package) == {"commit": git(tmp_path, "rev-parse", "HEAD"), "changed": False}
    (package / "__init__.py").write_text("x = 1")
    found = provenance._git(package)
    assert found is not None
    assert found["changed"]


def test_without_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance._git(tmp_path) is None


def test_checksums_change_with_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = provenance._checksum(tmp_path)
    assert (first["files"], first["bytes"]) == (1, 1)
    (tmp_path / "a").write_text("2")
    second = provenance._checksum(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first["sha256"], second["sha256"], provenance._checksum(tmp_path)["sha256"]}) == 3


def test_official_data_have_their_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from benchmarks.inventory import Holding

    (tmp_path / "problem.pddl").touch()
    held = [Holding("PDDL", "test", "1 of 60", tmp_path), Holding("HotpotQA", "test", "", tmp_path / "none")]
    monkeypatch.setattr(provenance, "inventory", lambda: held)
    official, generated = provenance._data([("PDDL", "official"), ("HotpotQA", "generated"), ("PDDL", "official")])
    assert official["folders"][0]["path"] == str(tmp_path)
    assert official["folders"][0]["files"] == 1
    assert generated == {"benchmark": "HotpotQA", "source": "generated"}
