"""What a run writes down of where it was played."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import agemem_env
from benchmarks.runs.provenance import provenance


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose index git would like to write anew, and in which the package seems to lie."""

    def git(*arguments: str) -> None:
        named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path))
        subprocess.run(["git", *named, *arguments], check=True, capture_output=True)

    (tmp_path / "__init__.py").touch()
    git("init")
    git("add", ".")
    git("commit", "-m", "a")
    os.utime(tmp_path / "__init__.py", (1, 1))
    monkeypatch.setattr(agemem_env, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


def test_looking_at_a_repository_writes_nothing_there(checkout: Path) -> None:
    before = (checkout / ".git" / "index").read_bytes()
    about = provenance([])["git"]
    assert (len(about["commit"]), about["changed"]) == (40, False)
    assert (checkout / ".git" / "index").read_bytes() == before
