from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.engines import engine_class
from agemem_env.episode.streams import LENGTH
from agemem_env.errors import ConfigurationError
from benchmarks.run.models import Access
from benchmarks.runs.reading import open_run
from benchmarks.specs import PlayerSpec, RunSpec
from benchmarks.suites.suite import Suite, SuitePart, read_suite, suite_names
from tests.benchmarks.command import agemem, rows_of

SMALL = """
about = "Small."
policies = ["expert"]

[[parts]]
benchmark = "HotpotQA"
env = {source = "generated", split = "test"}
tasks = ["gen-test-000003", "gen-test-000001"]
seeds = [7, 8]

[[parts]]
benchmark = "PDDL"
env = {source = "generated"}
tasks = ["gen-test-gripper-000000"]
"""


def episodes(suite: Suite) -> list[RunSpec]:
    return suite.episodes([PlayerSpec("expert")], {}, print, Access())


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL)
    return "small.toml"


def test_the_suites_of_the_project_can_be_read() -> None:
    assert suite_names() == ["agentboard", "lifelong", "paper", "quick", "smoke"]
    for name in suite_names():
        suite = read_suite(name)
        assert suite.about.endswith(".")
        assert all(part.env.get("source") in ("official", "generated") for part in suite.parts), "auto is not fixed"
    assert [part.benchmark for part in read_suite("paper").parts] == [
        "ALFWorld", "SciWorld", "PDDL", "BabyAI", "HotpotQA"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["smoke", "quick"])
def test_suites_name_every_task_and_seed(name: str) -> None:
    for part in read_suite(name).parts:
        assert isinstance(part.tasks, (list, tuple))
        assert len(set(part.tasks)) == len(part.tasks)
        engine = engine_class(part.benchmark)(**part.env)
        assert [task for task in part.tasks if not engine.tasks.has(task)] == []
        engine.close()


def test_a_suite_from_a_file_is_played(small: str) -> None:
    result = agemem("bench", "--suite", small, "-q", "--output", "run")
    assert result.exit_code == 0, result.output
    rows = rows_of(Path("run"))
    assert [(row.benchmark, row.task, row.task_id, row.seed) for row in rows] == [
        ("HotpotQA", "gen-test-000003", "gen-test-000003", 7),
        ("HotpotQA", "gen-test-000001", "gen-test-000001", 8),
        ("PDDL", "gen-test-gripper-000000", "gen-test-gripper-000000", 0),
    ]
    assert all(row.spec.config_hash == row.config_hash for row in rows)
    config = open_run(Path("run")).about["config"]
    assert config["suite"] == "small.toml"
    assert config["parts"][0]["tasks"] == ["gen-test-000003", "gen-test-000001"]


def test_other_players_benchmarks_and_arguments(small: str) -> None:
    command = ("bench", "--suite", small, "-b", "HotpotQA", "-p", "do-nothing", "--env", "top_k=5", "-q")
    assert agemem(*command, "--output", "run").exit_code == 0
    assert {(row.benchmark, row.policy, row.env_kwargs["top_k"]) for row in rows_of(Path("run"))} == {
        ("HotpotQA", "do-nothing", 5)
    }
    assert agemem(*command, "--output", "run", "--resume").exit_code == 0
    Path("small.toml").write_text(SMALL.replace("gen-test-000001", "gen-test-000002"))
    result = agemem(*command, "--output", "run", "--resume")
    assert result.exit_code == 2
    assert "tasks there have gen-test-000001, which are not here" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('about = "Small."', "about = ", "is no TOML"),
        ('about = "Small."', 'abuot = "Small."', "unknown entry of the suite small.toml 'abuot'"),
        ("seeds = [7, 8]", "seeds = [7]", "1 seeds: it needs one for each task"),
        ("seeds = [7, 8]", "seeds = [7, -8]", "use a list of numbers from 0 on"),
        ("seeds = [7, 8]", "streams = [0]", "either tasks or streams"),
        ("seeds = [7, 8]", "seeds = [7, 7]", "has 7 more than once in seeds"),
        ('"gen-test-000001"', '"gen-test-000003"', "has 'gen-test-000003' more than once in tasks"),
        (
            'tasks = ["gen-test-000003", "gen-test-000001"]\nseeds = [7, 8]',
            "streams = [1, 1]",
            "has 1 more than once in streams",
        ),
        ("seeds = [7, 8]", "seeds = 7", "seeds=7; use a list of numbers from 0 on"),
        ("seeds = [7, 8]", "seeds = {a = 1}", "seeds={'a': 1}; use a list of numbers from 0 on"),
        ("seeds = [7, 8]", 'count = "ten"', "count='ten'; use a number from 1 on"),
        (
            'tasks = ["gen-test-000003", "gen-test-000001"]\nseeds = [7, 8]',
            "streams = true",
            "streams=True; use a list",
        ),
        ('tasks = ["gen-test-000003", "gen-test-000001"]\nseeds = [7, 8]', "tasks = 5", "tasks=5; use a list of ids"),
        ('tasks = ["gen-test-000003", "gen-test-000001"]', 'tasks = "all"', "has 2 seeds for 1000 tasks"),
        ('{source = "generated", split = "test"}', '"generated"', "env='generated'; use a table of arguments"),
        ('policies = ["expert"]', 'policies = "expert"', "policies='expert'; use a list of names"),
        ('policies = ["expert"]', "policies = []", "policies=[]; name one, or leave it out"),
        ('policies = ["expert"]', "memories = 3", "memories=3; use a list of names"),
        (SMALL, "parts = [1]", "parts=[1]; write each as a table"),
        ("seeds = [7, 8]", "sedes = [7, 8]", "unknown entry of a part of the suite small.toml 'sedes'"),
        ('"gen-test-000001"', '"gen-test-001001"', "unknown task 'gen-test-001001'"),
        ('"HotpotQA"', '"HotpotAQ"', "unknown benchmark 'HotpotAQ'"),
        ('split = "test"', 'memory = "lifetime"', "keeps memory"),
        ('split = "test"', "top_kk = 3", "unknown argument 'top_kk'"),
    ],
)
def test_what_is_wrong_with_a_suite_is_one_line(small: str, old: str, new: str, message: str) -> None:
    Path(small).write_text(SMALL.replace(old, new))
    result = agemem("bench", "--suite", small)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert message in result.stderr


def test_an_episode_of_several_parts_is_played_once_and_that_is_said(small: str) -> None:
    Path(small).write_text(SMALL + SMALL[SMALL.index("[[parts]]") :])
    said: list[str] = []
    found = read_suite(small).episodes([PlayerSpec("expert")], {}, said.append, Access())
    assert [(spec.benchmark, spec.seed) for spec in found] == [("HotpotQA", 7), ("HotpotQA", 8), ("PDDL", 0)]
    assert said == ["3 episodes are in several parts of the suite: each is played once"]


def test_options_that_a_suite_fixes_are_refused(small: str) -> None:
    for option in (["--split", "train"], ["-n", "3"], ["--source", "generated"], ["--stages", "3"]):
        result = agemem("bench", "--suite", small, *option)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "is not allowed with --suite" in result.stderr
    result = agemem("bench", "--suite", small, "-b", "BabyAI")
    assert "unknown benchmark of the suite small.toml 'BabyAI'" in result.stderr


def test_official_tasks_that_are_not_all_here_are_left_out() -> None:
    said: list[str] = []
    part = SuitePart("PDDL", {"source": "official"}, tasks="all", count=61)
    small = SuitePart("PDDL", {"source": "generated"}, tasks=["gen-test-gripper-000000"])
    found = Suite("x", "", [part, small]).episodes([PlayerSpec("expert")], {}, said.append, Access())
    assert len(found) == 1
    assert len(said) == 1
    assert said[0].startswith("PDDL is left out: ")


def test_the_episodes_of_a_stream_follow_each_other() -> None:
    part = SuitePart("HotpotQA", {"source": "generated", "memory": "lifetime"}, streams=[1])
    found = episodes(Suite("x", "", [part]))
    assert len(found) == LENGTH
    assert [spec.after for spec in found] == [None, *(spec.config_hash for spec in found[:-1])]
    assert len({spec.config_hash for spec in found}) == LENGTH
    assert len({spec.group for spec in found}) == 1
    forgetful = SuitePart("HotpotQA", {"source": "generated"}, streams=[1])
    assert all(spec.after is None for spec in episodes(Suite("x", "", [forgetful])))


def test_an_empty_suite_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('about = "x"')
    with pytest.raises(ConfigurationError, match="has no parts"):
        read_suite(str(tmp_path / "x.toml"))
