"""No process outlives its parent, however that ends."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from agemem_env.vector import PoolVectorEnv
from agemem_env.vector.processes import LINGER_S, _interrupts_held_back
from tests.agemem_env.vector import trouble

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

MARK = "AGEMEM_TEST_MARK"

SCRIPT = """
import os, sys, time
import gymnasium as gym
import agemem_env
from agemem_env.vector import PoolVectorEnv
from tests.agemem_env.vector import trouble

if __name__ == "__main__":
    {make}
    envs.reset(seed=0)
    {then}
    print("ready", flush=True)
    {wait}
"""
TROUBLE = "envs = PoolVectorEnv([trouble.make] * 4, workers=2, autoreset_mode='Disabled')"
JAVA = (
    "envs = gym.make_vec('AgeMem-SciWorld-v0', num_envs=4, workers=2, stages=(3,), autoreset_mode='Disabled',"
    " source='generated', tasks=['find-living-thing'])"
)


def marked(mark: str) -> list[int]:
    """Return the processes that were started with a mark in their variables."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def left(mark: str, seconds: float = 5.0) -> list[int]:
    """Return which processes are there after some seconds, or earlier if there are none."""
    end = time.monotonic() + seconds
    while (found := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@contextmanager
def running(
    make: str, then: str = "pass", wait: str = "time.sleep(600)"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a script in a session of its own until it is ready; end what is left of it."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(make=make, then=then, wait=wait)],
        env={**os.environ, MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process, mark
    finally:
        for pid in marked(mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.kill()
        process.communicate()


BUSY = "envs.send(0, 'sleep 600')"


@pytest.mark.parametrize("then", ["pass", BUSY], ids=["idle", "busy"])
def test_killing_the_parent_leaves_no_process(then: str) -> None:
    with running(TROUBLE, then) as (process, mark):
        assert len(marked(mark)) >= 3
        process.kill()
        process.wait()
        assert left(mark) == []


def test_killing_the_parent_leaves_no_worker_while_a_forked_child_lives() -> None:
    with running(TROUBLE, f"{BUSY}; os.fork() or (time.sleep(600), os._exit(0))") as (process, mark):
        time.sleep(0.2)
        process.kill()
        process.wait()
        end = time.monotonic() + 5.0
        while len(marked(mark)) > 3 and time.monotonic() < end:  # the child; fork server and tracker live with it
            time.sleep(0.05)
        assert len(marked(mark)) <= 3


@pytest.mark.parametrize("then", ["pass", BUSY], ids=["idle", "busy"])
def test_an_interrupt_leaves_no_process_and_no_word_of_the_workers(then: str) -> None:
    with running(TROUBLE, then) as (process, mark):
        os.killpg(process.pid, signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
        assert errors.count("Traceback") == 1
        assert "KeyboardInterrupt" in errors
        assert left(mark) == []


def test_the_end_of_the_program_leaves_no_process() -> None:
    with running(TROUBLE, wait="pass") as (process, mark):
        assert process.communicate(timeout=20)[1] == ""
        assert left(mark) == []


def test_a_busy_worker_takes_what_is_sent() -> None:
    envs = PoolVectorEnv([trouble.make] * 2, workers=1, autoreset_mode="Disabled")
    with closing(envs):
        envs.reset(seed=0)
        envs.send(0, "sleep 5")
        start = time.monotonic()
        envs.send(1, "x" * 4_000_000)  # more than the pipe holds
        assert time.monotonic() - start < 4.0
        assert {envs.recv().env, envs.recv().env} == {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["parent", "worker"])
def test_java_ends_with_its_worker(how: str) -> None:
    pytest.importorskip("scienceworld")
    with running(JAVA, "envs.step(('look around',) * 4)") as (process, mark):
        machines = [pid for pid in marked(mark) if b"java" in Path(f"/proc/{pid}/cmdline").read_bytes()[:200]]
        assert len(machines) == 2
        workers = [int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in machines]
        if how == "parent":
            process.kill()
            process.wait()
            assert left(mark) == []
        else:
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            end = time.monotonic() + 5.0
            while set(machines) & set(marked(mark)) and time.monotonic() < end:
                time.sleep(0.05)
            assert not set(machines) & set(marked(mark))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("busy", [False, True])
def test_closing_ends_the_processes(busy: bool) -> None:
    envs = PoolVectorEnv([trouble.make] * 2, workers=2, autoreset_mode="Disabled")
    envs.reset(seed=0)
    pids = envs.pids
    if busy:
        envs.send(0, "sleep 600")
    start = time.monotonic()
    envs.close()
    envs.close()
    assert not any(map(alive, pids))
    assert time.monotonic() - start < (LINGER_S + 2 if busy else 2)


def test_what_nobody_holds_is_closed() -> None:
    envs = PoolVectorEnv([trouble.make] * 2, workers=2)
    envs.reset(seed=0)
    pids, ghost = envs.pids, weakref.ref(envs)
    del envs
    gc.collect()
    assert ghost() is None
    assert not any(map(alive, pids))


def test_workers_see_the_variables_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    PoolVectorEnv([trouble.make]).close()  # the fork server runs from here on
    monkeypatch.setenv("AGEMEM_TEST_NOW", "yes")
    envs = PoolVectorEnv([trouble.make])
    assert envs.call("variable", "AGEMEM_TEST_NOW") == ("yes",)
    envs.close()


def test_an_interrupt_that_another_thread_takes_waits_until_a_process_is_started() -> None:
    over, started = threading.Event(), False
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt), _interrupts_held_back():
            signal.pthread_kill(other.ident or 0, signal.SIGINT)
            time.sleep(0.05)
            started = True
    finally:
        over.set()
        other.join()
    assert started


def test_a_script_may_come_from_a_pipe() -> None:
    script = (
        "import gymnasium, agemem_env\n"
        "envs = gymnasium.make_vec('AgeMem-HotpotQA-v0', num_envs=2, source='generated')\n"
        "print(envs.reset(seed=0)[0]['stage'].tolist(), __file__)\n"
        "envs.close()\n"
    )
    done = subprocess.run([sys.executable], input=script, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[1, 1] <stdin>\n", "")


def test_a_script_that_makes_a_pool_when_it_is_imported_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import gymnasium, agemem_env\ngymnasium.make_vec('AgeMem-HotpotQA-v0', source='generated')\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.stderr.count("Traceback") == 1
    assert "worker processes import the main script" in done.stderr.splitlines()[-1]
