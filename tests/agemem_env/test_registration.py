from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import agemem_env
import baselines
from agemem_env.engines import ENGINES, TaskSet, engine_class
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, MissingExtraError
from agemem_env.memory.store import LongTermMemory
from agemem_env.registration import env_id, register_all
from agemem_env.types import Task
from tests.toy import ToyEngine, make_task

HEAVY = ("faiss", "openai", "httpx", "typer", "rich", "tiktoken", "transformers", "sentence_transformers", "torch")


def registered() -> list[str]:
    return [i for i in gym.registry if i.startswith("AgeMem-")]


class TestIds:
    def test_one_per_benchmark(self) -> None:
        assert registered() == [f"AgeMem-{name}-v0" for name in ENGINES] == [env_id(name) for name in ENGINES]

    def test_registering_again_changes_nothing(self) -> None:
        before = {i: gym.registry[i] for i in registered()}
        register_all()
        assert registered() == list(before)
        assert all(gym.registry[i] is spec for i, spec in before.items())

    @pytest.mark.parametrize("name", ENGINES)
    def test_the_environment_owns_its_limit(self, name: str) -> None:
        spec = gym.spec(env_id(name))
        assert spec.max_episode_steps is None
        assert spec.kwargs == {"benchmark": name}
        assert spec.entry_point == "agemem_env.env:AgeMemEnv"

    def test_make(self) -> None:
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", max_tokens=4000)
        assert isinstance(env.unwrapped, AgeMemEnv)
        assert env.unwrapped.config.max_tokens == 4000
        env.close()

    def test_the_module_can_be_named_with_the_id(self) -> None:
        code = (
            "import sys, gymnasium\n"
            "env = gymnasium.make('agemem_env:AgeMem-HotpotQA-v0', source='generated')\n"
            "print(env.unwrapped.spec.id, env.reset(seed=0)[1]['source'])"
        )
        assert run(code).split() == ["AgeMem-HotpotQA-v0", "generated"]

    def test_make_with_a_store_that_was_searched(self) -> None:
        store = AgeMemEnv("HotpotQA", source="generated")._start
        assert isinstance(store, LongTermMemory)
        store.add("the mug is red", {}, 1, AgeMemEnv("HotpotQA", source="generated").np_random)
        store.search("mug", 1)
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", memory=store)
        assert env.reset(seed=0)[0]["memory_size"] == 1
        assert env.spec is not None
        env.close()


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestImport:
    def test_loads_no_heavy_package(self) -> None:
        loaded = set(json.loads(run("import sys, json, agemem_env; print(json.dumps(list(sys.modules)))")))
        assert not loaded & set(HEAVY)
        assert "agemem_env.env" not in loaded

    def test_an_episode_without_search_loads_no_model_or_index(self) -> None:
        code = (
            "import sys, gymnasium, agemem_env\n"
            "env = gymnasium.make('AgeMem-HotpotQA-v0', source='generated')\n"
            "env.reset(seed=0)\n"
            f"print(sorted(set(sys.modules) & set({HEAVY!r}) - {{'httpx'}}))"  # data sets are fetched with it
        )
        assert run(code).strip() == "[]"

    def test_importing_twice_is_harmless(self) -> None:
        code = (
            "import warnings; warnings.simplefilter('error')\n"
            "import importlib, gymnasium, agemem_env\n"
            "before = dict(gymnasium.registry)\n"
            "importlib.reload(agemem_env)\n"
            "import agemem_env.registration\n"
            "importlib.reload(agemem_env.registration).register_all()\n"
            "print(before == dict(gymnasium.registry))"
        )
        assert run(code).strip() == "True"

    def test_the_version_is_public(self) -> None:
        assert agemem_env.__version__.count(".") == 2


class TestPublicNames:
    def test_every_name_is_there_and_stated_once(self) -> None:
        assert sorted(agemem_env.__all__) == sorted({*agemem_env.__all__})
        for name in agemem_env.__all__:
            assert getattr(agemem_env, name) is not None
            assert name in dir(agemem_env)
        assert agemem_env.AgeMemEnv is AgeMemEnv
        assert agemem_env.TaskSet is TaskSet

    def test_type_checkers_see_what_is_imported_lazily(self) -> None:
        tree = ast.parse(Path(agemem_env.__file__).read_text(encoding="utf-8"))
        seen = {
            alias.name: node.module
            for block in tree.body if isinstance(block, ast.If)
            for node in block.body if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }  # fmt: skip
        assert seen == {name: f"agemem_env.{module}" for name, module in agemem_env._HOMES.items()}
        assert {*seen, "__version__", "env_id"} == {*agemem_env.__all__}

    def test_other_names_are_not(self) -> None:
        with pytest.raises(AttributeError, match="module 'agemem_env' has no attribute 'AgeMemEvn'"):
            agemem_env.AgeMemEvn  # noqa: B018

    @pytest.mark.parametrize("name", baselines.__all__)
    def test_those_of_the_baselines(self, name: str) -> None:
        assert getattr(baselines, name) is not None

    def test_a_star_import_gives_them_all(self) -> None:
        assert run("from agemem_env import *; from baselines import *; print(Tool.__name__, make.__name__)") == (
            "Tool make\n"
        )


class TestEngineClass:
    @pytest.mark.parametrize("name", ENGINES)
    def test_by_name(self, name: str) -> None:
        engine = engine_class(name)
        assert engine.name == name
        assert "agemem" in engine.protocols

    def test_by_module_and_class(self) -> None:
        assert engine_class("tests.toy:ToyEngine") is ToyEngine

    def test_a_missing_extra_is_passed_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(module: str) -> None:
            raise MissingExtraError("nothing", "local", module)

        monkeypatch.setattr("agemem_env.data.loading.import_module", fail)
        with pytest.raises(MissingExtraError, match=r"pip install 'agemem-env\[local\]'"):
            engine_class("some.engine:Engine")


class TestTaskSet:
    built: list[int]

    @pytest.fixture
    def tasks(self) -> TaskSet:
        self.built = []

        def build(index: int) -> Task:
            self.built.append(index)
            return make_task(index)

        return TaskSet(5, build, {f"toy-{i}": i for i in range(5)}.get)

    def test_is_a_sequence(self, tasks: TaskSet) -> None:
        assert len(tasks) == 5
        assert tasks[2] == tasks[-3] == make_task(2)
        assert [t.id for t in tasks] == [f"toy-{i}" for i in range(5)]
        assert [t.id for t in tasks[3:99]] == ["toy-3", "toy-4"]
        assert [t.id for t in tasks[::-2]] == ["toy-4", "toy-2", "toy-0"]
        assert make_task(1) in tasks

    def test_builds_only_what_is_asked_for(self, tasks: TaskSet) -> None:
        assert tasks.get("toy-3") == tasks.get(3)
        assert self.built == [3, 3]

    @pytest.mark.parametrize("index", [5, -6])
    def test_indices_out_of_range(self, tasks: TaskSet, index: int) -> None:
        with pytest.raises(IndexError, match=f"task index {index} is out of range: this split has 5 tasks"):
            tasks[index]

    @pytest.mark.parametrize("key", [5, -1, "toy-5", "", None])
    def test_unknown_keys(self, tasks: TaskSet, key: str) -> None:
        with pytest.raises(
            ConfigurationError, match=f"unknown task {key!r}; allowed: an index from 0 to 4 or an id such as"
        ):
            tasks.get(key)

    def test_an_empty_set(self) -> None:
        empty = TaskSet(0, make_task, lambda key: None)
        assert list(empty) == []
        with pytest.raises(ConfigurationError, match="unknown task 0"):
            empty.get(0)
