"""The trainer: equal curves, resuming, divergence, weights that fit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gymnasium as gym
import numpy as np
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.types import Fact
from agemem_env.wrappers.menu.kinds import INDEX, WIDTH
from baselines import is_policy, make, rollout
from baselines.grpo import scorer as scoring
from baselines.grpo import workers as workers_module
from baselines.grpo.adam import Adam
from baselines.grpo.cloning import SETTING, fitted, lessons
from baselines.grpo.curriculum import CURRICULA, STORE, Phase
from baselines.grpo.folder import RunFolder
from baselines.grpo.groups import Learning, learn, means
from baselines.grpo.math import log_softmax
from baselines.grpo.playing import EpisodePlayer, Trajectory
from baselines.grpo.policy import PREFIX, SHARED, LinearPolicy, linear_names
from baselines.grpo.scorer import WEIGHTS, Batch, Scorer
from baselines.grpo.settings import TASKS, Budget, Settings
from baselines.grpo.train import TrainResult, clone, train, trial
from baselines.grpo.watch import Watch
from baselines.grpo.workers import GroupJob, World, revised_task

SMALL: dict[str, Any] = {
    "groups": 2, "group_size": 3, "lessons": 6, "tasks": 50, "validation_every": 2, "validation_tasks": 2
}  # fmt: skip


def _world(benchmark: str = "HotpotQA", **options: Any) -> World:
    return World(benchmark, {"split": "train", "source": "generated", "reward": "strict", **options})


def _group(seed: int = 0, size: int = 4) -> tuple[Scorer, list[Trajectory]]:
    scorer = Scorer(np.random.default_rng(seed).normal(size=WEIGHTS) * 0.1)
    rngs = [np.random.default_rng([seed, k]) for k in range(size)]
    return scorer, EpisodePlayer(_world().make()).play_group(scorer, rngs, task=5, seed=5)


def _train(folder: Path, updates: int, **options: Any) -> tuple[TrainResult, list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    settings = Settings.of("HotpotQA", Budget(updates=updates), **SMALL)
    result = train(settings, folder, tell=lambda row: rows.append(dict(row)), **options)
    return result, [{k: v for k, v in row.items() if "seconds" not in k and k != "validation"} for row in rows]


class TestScorer:
    def test_steps_and_batches_are_scored_alike(self) -> None:
        scorer, played = _group()
        batch = Batch.of([step for t in played for step in t.steps])
        logs = log_softmax(scorer.batch_scores(batch), batch.starts)
        assert logs == pytest.approx(np.concatenate([log for t in played for log in t.log_probs]), abs=1e-12)

    def test_the_gradient_by_the_weights_is_that_of_finite_differences(self) -> None:
        scorer, played = _group(size=2)
        batch = Batch.of(played[0].steps)
        push = np.random.default_rng(1).normal(size=len(batch.kinds))
        gradient = Scorer.gradient(batch, push)
        places = np.random.default_rng(2).choice(np.flatnonzero(gradient), 40, replace=False)
        for place in places:
            d = np.zeros(WEIGHTS)
            d[place] = 0.5
            # Scores are linear in the weights: any step is exact.
            up, down = (Scorer(scorer.weights + s * d).batch_scores(batch) @ push for s in (1, -1))
            assert up - down == pytest.approx(gradient[place], rel=1e-8, abs=1e-10)

    @pytest.mark.parametrize("names", ["KINDS", "CROSSED"])
    def test_weights_are_kept_with_the_names_of_what_they_weigh(
        self, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scorer, _ = _group(size=2)
        file = tmp_path / "weights.npz"
        scorer.save(file, updates=3)
        weights, about = scoring.read(file)
        assert weights == pytest.approx(scorer.weights, abs=1e-6) and about == {"updates": 3}
        monkeypatch.setattr(scoring, names, getattr(scoring, names)[::-1])
        with pytest.raises(DataError, match="other kinds or features"):
            Scorer.load(file)

    def test_a_file_that_has_no_weights_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.npz").write_text("nothing", encoding="utf-8")
        for name in ("x.npz", "missing.npz"):
            with pytest.raises(DataError, match="no file of weights"):
                Scorer.load(tmp_path / name)


class TestGroups:
    def test_rollouts_share_a_start_and_no_more(self) -> None:
        _, played = _group(size=6)
        assert len({t.states[0] for t in played}) == 1
        assert len({tuple(t.states) for t in played}) > 1
        again = _group(size=6)[1]
        assert [t.states for t in again] == [t.states for t in played]

    def test_a_rollout_of_a_group_is_the_episode_that_is_played_alone(self) -> None:
        scorer, played = _group(size=2)
        alone = EpisodePlayer(_world().make()).play(scorer, np.random.default_rng([0, 1]), task=5, seed=5)
        assert alone.states == played[1].states and alone.reward == played[1].reward

    def test_a_step_up_the_gradient_makes_what_paid_more_likely(self) -> None:
        scorer, played = _group()
        rewarded = [replace(t, reward=float(k == 0)) for k, t in enumerate(played)]
        result = learn(rewarded, scorer, scorer, Learning(beta=0.0), "J")
        better = Scorer(scorer.weights + 0.5 * result.gradient / result.weight)

        def likelihood(by: Scorer, t: Trajectory) -> float:
            return sum(float(by.log_probs(step)[i]) for step, i in zip(t.steps, t.chosen, strict=True))

        assert likelihood(better, rewarded[0]) > likelihood(scorer, rewarded[0])

    def test_equal_rewards_leave_only_the_pull_to_the_reference(self) -> None:
        scorer, played = _group()
        equal = [replace(t, reward=0.25) for t in played]
        result = learn(equal, scorer, scorer, Learning(), "J")
        assert result.counts["silent"] == 1 and np.abs(result.gradient).max() < 1e-12
        pulled = learn(equal, scorer, Scorer(), Learning(), "J")
        assert np.abs(pulled.gradient).max() > 1e-6

    @pytest.mark.parametrize("algorithm", ["per-trajectory", "gigpo"])
    def test_variants_differ(self, algorithm: str) -> None:
        scorer, played = _group()
        plain = learn(played, scorer, Scorer(), Learning(), "J")
        other = learn(played, scorer, Scorer(), Learning.named(algorithm, "all"), "J")
        assert not np.allclose(plain.gradient / plain.weight, other.gradient / other.weight)
        with pytest.raises(ConfigurationError, match="step-wise"):
            Learning.named("ppo", "all")

    def test_answer_only_leaves_out_what_memory_earned(self) -> None:
        scorer, played = _group()
        worthless = [replace(t, reward=float(k)) for k, t in enumerate(played)]
        for t in worthless:
            t.info["reward_components"]["task"] = 0.0
        assert learn(worthless, scorer, scorer, Learning(returns="answer"), "J").counts["silent"] == 1


class TestCloning:
    def test_commands_are_cloned_and_the_use_of_memory_is_not(self) -> None:
        env = _world("PDDL").make(**SETTING)
        taught = [lesson for found in lessons(env, range(12)) for lesson in found]
        cloned, right = fitted(taught, rounds=60)
        assert len(taught) > 40 and right > 0.6
        chance = np.mean([1 / max(1, step.names.count("command")) for step, _ in taught])
        assert right > chance + 0.2
        first = taught[0][0]
        by_kind = np.bincount(first.kinds, np.exp(cloned.log_probs(first)))
        assert by_kind[first.kinds[0]] > 0

    def test_answers_are_cloned_from_what_was_looked_up(self) -> None:
        env = _world("HotpotQA").make(**SETTING)
        taught = [lesson for found in lessons(env, range(20)) for lesson in found]
        assert len(taught) >= 14
        assert fitted(taught, rounds=60)[1] > 0.8


def _silent_after(watch: Watch, updates: int) -> None:
    watch.largest_kl, watch.patience, watch._silent = 20.0, updates, deque()


class TestRuns:
    def test_an_interrupted_run_continues_its_curve(self, tmp_path: Path) -> None:
        whole, rows = _train(tmp_path / "whole", 4)
        folder = tmp_path / "parts"
        settings = Settings.of("HotpotQA", Budget(updates=4), **SMALL)
        stop = RuntimeError("killed")

        def killed(row: Any) -> None:
            if row["update"] == 3:
                raise stop

        # The checkpoint of the second update is there; the third update is lost.
        with pytest.raises(RuntimeError, match="killed"):
            train(settings, folder, tell=killed, save_every_s=0.0)
        assert RunFolder(folder).load(settings.rate).updates == 2  # type: ignore[union-attr]
        continued, last = _train(folder, 4)
        assert last == rows[2:] and (continued.weights == whole.weights).all()
        assert [int(row["update"]) for row in RunFolder(folder).rows()] == [1, 2, 3, 4]

    @pytest.mark.parametrize("damaged", [False, True])
    def test_a_run_interrupted_before_its_first_checkpoint_is_not_cloned_anew(
        self, damaged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole, rows = _train(tmp_path / "whole", 2)
        made = []

        def counted(*args: Any) -> Any:
            made.append(args)
            return clone(*args)

        def killed(row: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("baselines.grpo.train.clone", counted)
        folder, settings = tmp_path / "parts", Settings.of("HotpotQA", Budget(updates=2), **SMALL)
        with pytest.raises(KeyboardInterrupt):
            train(settings, folder, tell=killed)
        assert not (folder / "checkpoint.npz").exists() and len(made) == 1
        if damaged:
            (folder / "start.npz").write_bytes(b"half of")
        continued, again = _train(folder, 2)
        assert len(made) == 1 + damaged and again == rows and (continued.weights == whole.weights).all()

    def test_an_early_phase_may_say_nothing_more_and_the_last_may_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Watch, "__init__", lambda self: _silent_after(self, 2))
        monkeypatch.setitem(CURRICULA, "progressive", (replace(STORE, share=0.5), Phase("all", 0.5)))
        monkeypatch.setattr("baselines.grpo.train.means", lambda counts: {**means(counts), "silent": 1.0})
        result, _ = _train(tmp_path, 8)
        assert "earned the same" in (result.problem or "") and result.updates == 6

    def test_silence_before_an_interruption_counts_after_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Watch, "__init__", lambda self: _silent_after(self, 3))
        monkeypatch.setattr("baselines.grpo.train.means", lambda counts: {**means(counts), "silent": 1.0})
        settings = Settings.of("HotpotQA", Budget(updates=6), **SMALL, curriculum="all")

        def killed(row: Any) -> None:
            if row["update"] == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(settings, tmp_path, tell=killed, save_every_s=0.0)
        result = train(settings, tmp_path)
        assert "earned the same" in (result.problem or "") and result.updates == 3

    @pytest.mark.parametrize(("updates", "times"), [(1, 1), (2, 1), (3, 2)])
    def test_weights_are_validated_once(
        self, updates: int, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        played = []

        def counted(*args: Any, **options: Any) -> Any:
            played.append(args)
            return trial(*args, **options)

        monkeypatch.setattr("baselines.grpo.train.trial", counted)
        _train(tmp_path, updates)
        assert len(played) == times

    def test_other_settings_are_refused(self, tmp_path: Path) -> None:
        _train(tmp_path, 1)
        with pytest.raises(ConfigurationError, match="holds a run with seed=0, not 1"):
            train(Settings.of("HotpotQA", Budget(updates=1), **{**SMALL, "seed": 1}), tmp_path)

    @pytest.mark.slow
    def test_the_number_of_processes_does_not_change_the_curve(self, tmp_path: Path) -> None:
        found = [_train(tmp_path / str(n), 3, processes=n) for n in (1, 2, 4)]
        assert found[0][1] == found[1][1] == found[2][1]
        assert (found[0][0].weights == found[1][0].weights).all()

    @pytest.mark.slow
    @pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
    def test_a_killed_run_leaves_a_checkpoint_and_no_process(self, tmp_path: Path) -> None:
        out = tmp_path / "run"
        command = [sys.executable, "-c", "from benchmarks.cli import app; app()", "train", "-b", "HotpotQA"]
        options = ["--updates", "60", "--processes", "2", "--out", str(out), "--test-tasks", "1"]
        process = subprocess.Popen([*command, *options])
        while not (out / "checkpoint.npz").exists() and process.poll() is None:
            time.sleep(0.2)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        assert len(children) >= 2
        process.send_signal(signal.SIGKILL)
        process.wait()
        ends = time.monotonic() + 10
        while any(Path("/proc", child).exists() for child in children) and time.monotonic() < ends:
            time.sleep(0.1)
        assert not any(Path("/proc", child).exists() for child in children)
        assert RunFolder(out).load(0.03) is not None
        assert json.loads((out / "settings.json").read_text(encoding="utf-8"))["benchmark"] == "HotpotQA"

    @pytest.mark.slow
    @pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
    def test_a_killed_run_continues_its_curve(self, tmp_path: Path) -> None:
        whole, rows = _train(tmp_path / "whole", 8)
        folder = tmp_path / "killed"
        program = (
            "import pathlib; from baselines.grpo.settings import Budget, Settings; from baselines.grpo.train import train; "
            f"train(Settings.of('HotpotQA', Budget(updates=8), **{SMALL!r}), pathlib.Path({str(folder)!r}), "
            "tell=lambda row: print(row['update'], flush=True), save_every_s=0.0)"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) == 4:
                    process.send_signal(signal.SIGKILL)
                    break
        saved = RunFolder(folder).load(0.03)
        assert saved is not None and 1 <= saved.updates < 8
        continued, last = _train(folder, 8)
        assert last == rows[saved.updates :] and (continued.weights == whole.weights).all()

    def test_budgets(self) -> None:
        assert Budget(updates=10).used(5, 0, 0) == 0.5 and Budget(minutes=2).used(0, 0, 30) == 0.25
        infinite = float("inf")
        for wrong in ({}, {"updates": 1, "minutes": 1.0}, {"updates": 0}, {"minutes": infinite}):
            with pytest.raises(ConfigurationError, match="one of updates"):
                Budget(**wrong)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="group_size=1"):
            Settings.of("HotpotQA", Budget(updates=1), group_size=1)
        for beta in (-1.0, infinite, float("nan")):
            with pytest.raises(ConfigurationError, match="beta="):
                Learning(beta=beta)


class TestCurriculum:
    def test_stage_1_by_itself_is_paid_by_what_memory_holds(self) -> None:
        player = EpisodePlayer(_world(**STORE.arguments).make())
        scorer = Scorer()
        everything = INDEX["add sentences"] * WIDTH + 1, INDEX["add"] * WIDTH
        scorer.weights[list(everything)] = 9.0
        stored = player.play(scorer, None, task=5, seed=5, taught=STORE.taught)
        nothing = player.play(Scorer(-scorer.weights), None, task=5, seed=5, taught=STORE.taught)
        assert {float(step.state[2]) for step in stored.steps} == {0.0} and stored.turns == len(stored.steps) + 1
        parts = stored.info["reward_components"]
        assert stored.reward - nothing.reward == pytest.approx(parts["memory"]) and parts["memory/storage"] > 0.3

    @pytest.mark.parametrize("changes", [{"arguments": {"tools": ()}}, {"learning": Learning(returns="answer")}])
    def test_stage_1_by_itself_is_left_out_where_it_could_teach_nothing(self, changes: Any) -> None:
        assert [p.name for p in Settings.of("PDDL", Budget(updates=1)).phases] == ["store", "all"]
        assert [(p.name, p.share) for p in Settings.of("PDDL", Budget(updates=1), **changes).phases] == [("all", 1.0)]

    def test_the_reference_pulls_harder_and_small_differences_count_while_stage_1_is_learned(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        used: list[Learning] = []
        monkeypatch.setattr("baselines.grpo.workers.learn", lambda *given: used.append(given[3]) or learn(*given))
        monkeypatch.setitem(CURRICULA, "progressive", (replace(STORE, share=0.5, pull=5.0), Phase("all", 0.5)))
        settings = {**SMALL, "lessons": 0, "groups": 1, "learning": Learning(beta=0.02, floor=0.3)}
        train(Settings.of("HotpotQA", Budget(updates=2), **settings), tmp_path)
        assert [how.beta for how in used] == pytest.approx([0.1, 0.02])
        assert [how.floor for how in used] == [STORE.floor, 0.3]

    def test_every_other_group_plays_a_revision_while_stage_1_is_learned(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("minigrid")
        played: list[bool] = []

        def look(trajectories: Any, *others: Any) -> Any:
            facts = player().env.task.facts
            played.append(any(fact.supersedes is not None for fact in facts))
            return learn(trajectories, *others)

        def player() -> EpisodePlayer:
            return next(iter(workers_module._players.values()))

        monkeypatch.setattr(workers_module, "_players", {})
        monkeypatch.setattr("baselines.grpo.workers.learn", look)
        monkeypatch.setitem(CURRICULA, "progressive", (replace(STORE, share=1.0),))
        settings = {**SMALL, "lessons": 0, "groups": 8, "tasks": 400, "validation_every": 100}
        train(Settings.of("BabyAI", Budget(updates=2), **settings), tmp_path)
        assert all(played[::2]) and not all(played[1::2])

    def test_a_task_without_a_revision_near_is_played_as_it_is(self) -> None:
        plain = SimpleNamespace(facts=[Fact("a")])
        revised = SimpleNamespace(facts=[Fact("a"), Fact("b", supersedes=0)])
        assert revised_task(cast(Any, [plain] * 20), 5) == 5
        assert revised_task(cast(Any, [plain, revised, *[plain] * 6]), 7) == 1

    def test_a_teacher_may_play_stage_1(self) -> None:
        phase = CURRICULA["taught"][0]
        player = EpisodePlayer(_world(**phase.arguments).make())
        played = player.play(Scorer(), np.random.default_rng(0), task=5, seed=5, taught=phase.taught)
        added = played.info["tool_calls"]["Add_memory"] - played.kinds["add a distractor"]
        assert {float(step.state[1] + step.state[2]) for step in played.steps} == {1.0}
        assert added == played.turns - len(played.steps)


@pytest.mark.parametrize("offered", [False, True])
def test_giving_up_is_on_the_menu_where_the_answer_tool_is_offered(offered: bool) -> None:
    settings = Settings.of("PDDL", Budget(updates=1), arguments={"offer_answer": True} if offered else {})
    player = EpisodePlayer(settings.world("train").make(stages=(3,)))
    played = player.play(Scorer(), np.random.default_rng(0), task=0, seed=0)
    assert all(("give up" in step.names) == offered for step in played.steps)


class TestSharedWeights:
    SETTINGS = Settings.of("HotpotQA", Budget(updates=2), also=("PDDL", "BabyAI"), groups=2)

    def test_benchmarks_take_turns_with_their_own_tasks(self) -> None:
        assert [(one.benchmark, one.tasks, one.also) for one in self.SETTINGS.each] == [
            ("HotpotQA", TASKS["HotpotQA"], ()), ("PDDL", TASKS["PDDL"], ()), ("BabyAI", TASKS["BabyAI"], ())
        ]  # fmt: skip
        with pytest.raises(ConfigurationError, match="name each benchmark once"):
            replace(self.SETTINGS, also=("HotpotQA",))

    def test_fewer_lessons_are_fewer_on_each_of_them(self) -> None:
        usual = Settings.of("HotpotQA", Budget(minutes=10), also=("PDDL", "BabyAI"))
        assert [one.lessons for one in usual.each] == [600, 400, 150]
        assert [one.lessons for one in replace(usual, lessons=60).each] == [60, 40, 15]
        assert [one.lessons for one in replace(usual, lessons=0).each] == [0, 0, 0]

    def test_one_scorer_is_trained_on_all_of_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        played: list[str] = []
        run = GroupJob.run

        def noted(job: GroupJob) -> Any:
            played.append(job.world.benchmark)
            return run(job)

        monkeypatch.setattr(GroupJob, "run", noted)
        result = train(replace(self.SETTINGS, lessons=0, group_size=2, validation_tasks=1), tmp_path)
        assert played == ["HotpotQA", "PDDL", "BabyAI", "HotpotQA"] and result.problem is None
        assert "BabyAI" in (tmp_path / "settings.json").read_text(encoding="utf-8")


GOOD = {"kl": 0.1, "silent": 0.2}


class TestWatch:
    def test_what_goes_well_is_no_problem(self) -> None:
        assert Watch().problem(GOOD, np.ones(3), np.ones(3)) is None

    def test_numbers_that_are_none(self) -> None:
        assert "not finite" in (Watch().problem(GOOD, np.array([np.nan]), np.ones(1)) or "")

    def test_a_policy_that_runs_away(self) -> None:
        assert "KL per step is 99" in (Watch().problem({**GOOD, "kl": 99.0}, np.ones(1), np.ones(1)) or "")

    def test_groups_that_say_nothing(self) -> None:
        watch = Watch(patience=3)
        silent = {**GOOD, "silent": 1.0}
        problems = [watch.problem(row, np.ones(1), np.ones(1)) for row in (silent, silent, GOOD, *[silent] * 3)]
        assert problems[:5] == [None] * 5 and "earned the same" in (problems[5] or "")

    def test_training_stops_with_what_was_best(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = Settings.of("HotpotQA", Budget(updates=4), **{**SMALL, "validation_every": 1})
        calls = []

        def told(row: Any) -> None:
            calls.append(row)
            if row["update"] == 2:
                monkeypatch.setattr(Adam, "ascend", lambda self, w, g: w * np.nan)

        result = train(settings, tmp_path, tell=told)
        assert result.problem is not None and "not finite" in result.problem and result.updates == 3
        assert np.isfinite(result.weights).all()


def test_trained_weights_are_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    Scorer().save(file)
    name = f"agemem-linear:{file}"
    assert is_policy(name) and not is_policy("agemem-linear:nothing")
    env = gym.make("AgeMem-HotpotQA-v0", source="generated")
    best = [rollout(env, make(name, env), seed=3).info["metrics"]["TC"] for _ in range(2)]
    assert best[0] == best[1]
    assert rollout(env, make(name, env, seed=1, sampled=True), seed=3).steps > 10
    with pytest.raises(ConfigurationError, match=r"agemem-linear:<file>\.npz"):
        make("agemem-linear:nothing", env)
    with pytest.raises(ConfigurationError, match="there is no such file; `agemem train`"):
        make(f"agemem-linear:{tmp_path / 'nothing.npz'}", env)
    with pytest.raises(ConfigurationError, match="sampled"):
        make(name, env, colour="red")
    with pytest.raises(ConfigurationError, match="sampled='no' is not allowed; use true or false"):
        make(name, env, sampled="no")
    np.savez(tmp_path / "other.npz", a=np.zeros(1))
    with pytest.raises(DataError, match=r"it has other arrays; name the weights\.npz of a run"):
        make(f"agemem-linear:{tmp_path / 'other.npz'}", env)


@pytest.mark.parametrize("name", list(linear_names()))
def test_weights_of_the_package_fit_and_solve_more_than_untrained_ones(name: str) -> None:
    benchmark = "HotpotQA" if name == SHARED else name.removeprefix(PREFIX)
    env = gym.make(f"AgeMem-{benchmark}-v0", source="generated", reward="strict")
    plain = env.unwrapped
    assert isinstance(plain, AgeMemEnv)
    score = plain.engine.main_score
    players = {"trained": lambda seed: make(name, env), "untrained": lambda seed: LinearPolicy(Scorer())}
    found = {
        player: np.mean([rollout(env, of(s), seed=s, task=s).info["metrics"][score] for s in range(100, 112)])
        for player, of in players.items()
    }
    assert found["trained"] > found["untrained"] + 0.2
