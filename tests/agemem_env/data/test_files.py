from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agemem_env.data.files import append_line, drop_torn_line, read_text, remove_parts, whole_file
from tests.full_disk import room_for


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


def test_a_link_stays_and_permissions_too(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"a")
    real.chmod(0o640)
    link.symlink_to("real")
    with whole_file(link) as file:
        file.write(b"b")
    assert (link.is_symlink(), real.read_bytes(), real.stat().st_mode & 0o777) == (True, b"b", 0o640)


def test_a_line_that_does_not_fit_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_line(path, "first")
    with room_for(8), pytest.raises(OSError, match="File too large"):
        append_line(path, "second")
    assert path.read_bytes() == b"first\n"
    append_line(path, "second")
    assert path.read_bytes() == b"first\nsecond\n"


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, content[:3]))
    append_line(tmp_path / "lines", "a long line")
    assert (tmp_path / "lines").read_bytes() == b"a long line\n"


@pytest.mark.parametrize("torn", [b"to", b"t" * 200_000, b"\0" * 10])
def test_a_torn_line_is_dropped(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"first\n" + torn)
    assert drop_torn_line(path)
    assert not drop_torn_line(path)
    path.write_bytes(b"first\n" + torn)
    append_line(path, "second")
    assert path.read_bytes() == b"first\nsecond\n"


def test_parts_of_killed_writers_are_removed(tmp_path: Path) -> None:
    for name in ("file", "file.7-1.part", "file.part", "other.7-1.part"):
        (tmp_path / name).touch()
    remove_parts(tmp_path / "file")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "other.7-1.part"]


KILLED = """
import os, signal, sys
from pathlib import Path
from agemem_env.data.files import append_line
write = os.write
def die(handle, content):
    write(handle, content[:4])
    os.kill(os.getpid(), signal.SIGKILL)
append_line(Path(sys.argv[1]), "first")
os.write = die
append_line(Path(sys.argv[1]), "second")
"""


def test_a_writer_that_is_killed_in_the_middle_costs_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)]).returncode == -9
    assert path.read_bytes() == b"first\nseco"
    append_line(path, "third")
    assert path.read_bytes() == b"first\nthird\n"


def test_reading_waits_for_a_writer_and_for_nobody_else(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="a pipe that nobody writes to"):
        read_text(pipe)
    writer = 'exec 3> "$1"; sleep 0.2; printf "a\\r\\nb" >&3; sleep 0.2; printf "c" >&3'
    with subprocess.Popen(["sh", "-c", writer, "sh", str(pipe)]):
        keep = os.open(pipe, os.O_RDONLY)  # returns when the writer is there
        try:
            assert read_text(pipe) == "a\nbc"
        finally:
            os.close(keep)


@pytest.mark.parametrize(
    ("path", "words"), [("/dev/zero", "a device"), ("/dev", "a folder"), ("/nope", "No such file")]
)
def test_what_has_no_text_is_not_read(path: str, words: str) -> None:
    with pytest.raises(OSError, match=words):
        read_text(Path(path))


def test_line_ends_and_a_mark_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("\ufeffa\r\nb\rc\u2028d\n".encode())
    assert read_text(tmp_path / "file") == "a\nb\nc\u2028d\n"
