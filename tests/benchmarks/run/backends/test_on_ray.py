"""Episodes on a local Ray: as without it, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import MissingExtraError
from baselines.base import Info, Observation, Policy
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.backends.on_ray import DEATHS, on_ray
from benchmarks.run.play import play
from benchmarks.runs.rescore import differing
from benchmarks.specs import RunSpec
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.runs.test_streams import chain

HERE = "tests.benchmarks.run.backends.test_on_ray"
ROOT = str(Path(__file__).parents[3])


class Dying(Policy):
    """Ends its process in the second turn of the episodes whose seed is divisible by 4, as often as a folder says."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        folder = Path(os.environ["TEST_DEATHS"])
        if self._seed % 4 == 0 and observation["round"] == 2:
            died = len(list(folder.glob(f"{self._seed}-*")))
            if died < int((folder / "times").read_text()):
                (folder / f"{self._seed}-{died}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Ray of this machine; returns a folder that its processes know as ``TEST_DEATHS``."""
    ray = pytest.importorskip("ray")
    folder = tmp_path_factory.mktemp("deaths")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))  # Ray keeps a token there
        patch.setenv("PYTHONPATH", ROOT)
        patch.setenv("TEST_DEATHS", str(folder))
        ray.init(num_cpus=2, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
        yield folder
        ray.shutdown()


def specs(policy: str, count: int) -> list[RunSpec]:
    return [RunSpec("AgeMem-HotpotQA-v0", {"source": "generated"}, policy, seed) for seed in range(count)]


def outcome(rows: list[EpisodeRow]) -> dict[str, Any]:
    return {row.config_hash: (row.reward, row.steps, row.entries, row.metrics, row.error) for row in rows}


pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]


def test_rows_and_trajectories_are_those_of_this_process(cluster: Path, tmp_path: Path) -> None:
    chosen = [*specs("expert", 4), *specs("random", 4)]
    rows = list(on_ray(chosen, PlayOptions(concurrency=2, trajectories=tmp_path), 2))
    assert outcome(rows) == outcome(list(play(chosen)))
    assert len(list(tmp_path.iterdir())) == 8


def test_memory_goes_on_from_one_actor_to_another(cluster: Path, tmp_path: Path) -> None:
    chosen = chain([0, 1], length=4)
    rows = list(on_ray(chosen, PlayOptions(trajectories=tmp_path), 2))
    assert outcome(rows) == outcome(list(play(chosen)))


def test_what_an_actor_was_playing_when_it_died_is_played_again_and_counted_once(cluster: Path, tmp_path: Path) -> None:
    (cluster / "times").write_text("1")
    chosen = specs(f"{HERE}:Dying", 12)
    rows = list(on_ray(chosen, PlayOptions(concurrency=2, trajectories=tmp_path), 2))
    assert len(list(cluster.glob("*-0"))) == 3, "nobody died"
    assert Counter(row.seed for row in rows) == Counter(range(12))
    assert all(row.error is None for row in rows)
    for file in cluster.glob("*-*"):
        file.unlink()


def test_an_episode_that_kills_every_actor_is_a_row_that_says_so(cluster: Path) -> None:
    (cluster / "times").write_text("99")
    rows = list(on_ray(specs(f"{HERE}:Dying", 4), PlayOptions(), 2))
    kinds = {row.seed: row.error and row.error["type"] for row in rows}
    assert kinds == {0: "ProcessDied", 1: None, 2: None, 3: None}
    assert len(list(cluster.glob("0-*"))) == DEATHS + 1


def test_the_command_with_one_of_two_workers_killed(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    (tmp_path / "times").write_text("1")
    run = tmp_path / "run"
    options = ("-b", "HotpotQA", "--source", "generated", "-n", "12", "-p", f"{HERE}:Dying", "-q")
    command = [sys.executable, "-c", "from benchmarks.cli import app; app()", "bench", *options]
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": ROOT, "TEST_DEATHS": str(tmp_path)}
    done = subprocess.run(
        [*command, "--backend", "ray", "--workers", "2", "--output", str(run)],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(list(tmp_path.glob("*-0"))) == 3
    assert [row.seed for row in rows_of(run)] == list(range(12))
    assert differing(run, print) == (12, 0)
    assert agemem("bench", *options, "--output", run, "--resume").exit_code == 0


def test_an_interrupt_is_one_line_and_the_run_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    run = tmp_path / "run"
    options = ("-b", "HotpotQA", "--source", "generated", "-n", "600", "-p", "expert")
    command = [sys.executable, "-c", "from benchmarks.cli import app; app()", "bench", *options, "--output", str(run)]
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": ROOT}
    process = subprocess.Popen(
        [*command, "--backend", "ray", "--workers", "2"],
        env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    rows = run / "episodes.jsonl"
    deadline = time.monotonic() + 120
    while not (rows.exists() and rows.read_bytes().count(b"\n") > 3) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert f"--resume --output {run}` goes on" in said
    assert "Traceback" not in said
    assert 3 < len(rows_of(run)) < 600


def test_ray_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match="the backend ray needs the package 'ray'"):
        list(on_ray(specs("expert", 1), PlayOptions(), 1))
