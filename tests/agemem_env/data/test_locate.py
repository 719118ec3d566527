from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.data import data_folder, data_root


def test_where_data_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert data_folder("HotpotQA") == tmp_path / "hotpotqa"
    monkeypatch.delenv("AGEMEM_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_root() == tmp_path / "cache" / "agemem_env"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_root() == Path.home() / ".cache" / "agemem_env"
