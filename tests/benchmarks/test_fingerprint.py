from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import fingerprint
from benchmarks.fingerprint import Fingerprint, differences, fingerprints, read, write
from tests.benchmarks.command import agemem

TOY = ("fingerprint", "-b", "tests.toy:ToyEngine", "-n", "2", "--source", "generated")


def test_equal_episodes_have_equal_digests_and_others_do_not() -> None:
    first, again = (list(fingerprints(["tests.toy:ToyEngine"], 2, "generated")) for _ in range(2))
    assert first == again
    digests = [digest for found in first for digest in found.digests]
    assert len(set(digests)) == len(digests), "each seed, policy and variant has an episode of its own"
    assert {(found.variant, found.policy) for found in first} >= {("native", "expert"), ("tags", "random")}


@pytest.mark.parametrize("what", ["reward", "info", "observation"])
def test_nothing_of_a_step_is_left_out(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    env = fingerprint.make_env("tests.toy:ToyEngine", {"source": "generated"})

    def played(changed: str) -> str:
        def rollout(env: Any, policy: Any, *, seed: int, spectator: Any) -> None:
            values = {"observation": "a", "reward": 0.0, "info": "a", changed: 1.0}
            spectator(None, {"messages": (), "x": values["observation"]}, values["reward"], {"x": values["info"]})

        monkeypatch.setattr(fingerprint.baselines, "rollout", rollout)
        return fingerprint._digest(env, fingerprint.baselines.make("random"), 0)

    assert played(what) != played("nothing")


def test_the_file_holds_the_digests(tmp_path: Path) -> None:
    found = [Fingerprint("A", "native", "expert", ("00", "11")), Fingerprint("B", "tags", "random", ("22",))]
    write(tmp_path / "digests.jsonl", found)
    assert read(tmp_path / "digests.jsonl") == found


def test_differences_name_the_seeds_and_leave_out_what_one_side_lacks() -> None:
    before = [Fingerprint("A", "native", "expert", ("00", "11", "22")), Fingerprint("C", "native", "expert", ("00",))]
    found = [Fingerprint("A", "native", "expert", ("00", "10", "20", "33")), Fingerprint("A", "tags", "expert", ("9",))]
    assert differences(before, found) == ["A, native, expert: seeds 1, 2 differ"]


def test_the_command_compares_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "digests.jsonl"
    first = agemem(*TOY, "--output", path)
    assert first.exit_code == 0, first.output
    again = agemem(*TOY, "--against", path)
    assert (again.exit_code, again.stdout, again.stderr) == (0, first.stdout, "")
    lines = path.read_text().splitlines()
    name, variant, policy, digests = json.loads(lines[0])
    lines[0] = json.dumps([name, variant, policy, [digests[0], "0" * 16]])
    path.write_text("\n".join(lines))
    changed = agemem(*TOY, "--against", path)
    assert changed.exit_code == 1
    assert changed.stderr == f"{name}, {variant}, {policy}: seeds 1 differ\n"


@pytest.mark.parametrize("text", [None, "{", "[1]", '["a", "b", "c", 3]', '["a", "b", "c", [3]]', "7", "\udcff"])
def test_an_unreadable_file_is_one_line_before_anything_is_played(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "digests.jsonl"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = agemem(*TOY, "--against", path)
    assert (result.exit_code, len(result.stderr.splitlines()), result.stdout) == (1, 1, "")
    assert f"cannot read fingerprints from {path}" in result.stderr


@pytest.mark.parametrize("name", [".", "/dev/full"])
def test_where_nothing_can_be_written_is_one_line_before_anything_is_played(tmp_path: Path, name: str) -> None:
    result = agemem(*TOY, "--output", tmp_path / name)
    assert (result.exit_code, len(result.stderr.splitlines()), result.stdout) == (2, 1, "")


def test_the_file_may_be_in_a_new_folder(tmp_path: Path) -> None:
    write(tmp_path / "new" / "digests.jsonl", [])
    assert (tmp_path / "new" / "digests.jsonl").exists()
