from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.data.files import whole_file


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with whole_file(path) as file:
        file.write(b"a")
        assert not path.exists()
    assert path.read_bytes() == b"a"
    with whole_file(path) as file:
        file.write(b"b")
        assert path.read_bytes() == b"a"
    assert [(entry.name, entry.read_bytes()) for entry in path.parent.iterdir()] == [("file", b"b")]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a")
    with pytest.raises(ValueError, match="broken off"), whole_file(path) as file:
        file.write(b"b")
        raise ValueError("broken off")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"a")]
