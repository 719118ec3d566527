from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agemem_env.data.ownership import Ownership, real_file, refuse_if_owned
from agemem_env.errors import ConfigurationError

HOLD = """
import sys, time
from pathlib import Path
from agemem_env.data.ownership import Ownership
owned = Ownership(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Return a process that owns a file."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_owner_is_told_who_the_first_is_until_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with hold(path) as process:
        try:
            host, started = re.escape(socket.gethostname()), r"\(started 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
            expected = rf"rows.jsonl is in use by process {process.pid} on {host} {started}: wait"
            with pytest.raises(ConfigurationError, match=expected):
                Ownership(path)
            with pytest.raises(ConfigurationError, match=expected):
                refuse_if_owned(path)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert (tmp_path / "rows.jsonl.lock").exists()
    refuse_if_owned(path)
    Ownership(path).release()
    assert list(tmp_path.iterdir()) == []


def test_two_claims_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    with Ownership(tmp_path / "new" / "file"), pytest.raises(ConfigurationError, match=f"process {os.getpid()} on"):
        Ownership(tmp_path / "new" / "file")
    Ownership(tmp_path / "new" / "file").release()


def test_a_claim_through_a_link_is_one_on_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    with Ownership(tmp_path / "link") as owned:
        assert owned.path == (tmp_path / "folder" / "file").resolve()
        with pytest.raises(ConfigurationError, match="in use"):
            Ownership(tmp_path / "folder" / "file")
    assert (tmp_path / "link").is_symlink()


def test_a_forked_process_neither_keeps_nor_ends_a_claim(tmp_path: Path) -> None:
    path, owned = tmp_path / "file", Ownership(tmp_path / "file")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        owned.release()
        os.read(reading, 1)
        os._exit(0)
    try:
        with pytest.raises(ConfigurationError, match="in use"):
            Ownership(path)
        owned.release()
        Ownership(path).release()  # while the child lives
    finally:
        os.write(writing, b"x")
        os.waitpid(child, 0)


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop", "under_a_file"])
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/null")
    elif kind == "loop":
        path.symlink_to(tmp_path / "other")
        (tmp_path / "other").symlink_to(path)
    else:
        path.touch()
        path = path / "file"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigurationError, match=r"name (an ordinary|another) file"):
        Ownership(path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_link_to_nothing_leads_to_the_file_to_be(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    assert real_file(tmp_path / "link") == (tmp_path / "file").resolve()


def test_a_folder_made_for_nothing_is_removed(tmp_path: Path) -> None:
    Ownership(tmp_path / "a" / "b" / "file").release()
    assert list(tmp_path.iterdir()) == []
    with Ownership(tmp_path / "a" / "b" / "file") as owned:
        owned.path.touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["file"]


def test_a_file_with_hard_links_is_refused_under_each_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("row\n")
    (tmp_path / "other").hardlink_to(tmp_path / "file")
    (tmp_path / "link").symlink_to("other")
    for name in ("file", "other", "link"):
        with pytest.raises(ConfigurationError, match=rf"{name} has 2 names \(hard links\)"):
            Ownership(tmp_path / name)
    (tmp_path / "other").unlink()
    Ownership(tmp_path / "file").release()


def test_a_file_that_only_looks_like_a_lock_stays(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    with pytest.raises(ConfigurationError, match=r"uv cannot be written: .* not the lock of a run; name another file"):
        Ownership(tmp_path / "uv")
    assert (tmp_path / "uv.lock").read_text() == "version = 1\n"
    os.mkfifo(tmp_path / "tape.lock")
    refuse_if_owned(tmp_path / "tape")  # returns at once
    with pytest.raises(ConfigurationError, match="not the lock of a run"):
        Ownership(tmp_path / "tape")


def test_a_folder_made_for_a_claim_that_fails_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        Ownership(tmp_path / "a" / "b" / "file")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
