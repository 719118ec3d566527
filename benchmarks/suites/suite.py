"""`Suite`: benchmarks, arguments, tasks and seeds of a comparison, read from TOML. Nothing is drawn when it is played.

```toml
about = "What it is for, in one line."
policies = ["expert", "random"]            # who plays if nobody is named

[[parts]]
benchmark = "HotpotQA"                     # a name, or module:Class
env = {split = "test", source = "generated"}
tasks = ["gen-test-000000", "gen-test-000017"]
seeds = [0, 1]                             # one for each task; left out: 0, 1, …

[[parts]]
benchmark = "PDDL"
env = {source = "official"}
tasks = "all"                              # every task of the split, in its order
count = 60                                 # how many that are

[[parts]]
benchmark = "HotpotQA"
env = {source = "generated", memory = "lifetime"}
streams = [0, 1]                           # every task of these streams; memory is kept from one to the next
```
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from agemem_env.env import AgeMemEnv
from agemem_env.episode.streams import stream_ids
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError, unknown_name
from benchmarks.run.backends.in_process import comparable, with_policy
from benchmarks.run.choose import Say, needed_by
from benchmarks.run.models import Access
from benchmarks.run.play import resolve
from benchmarks.specs import DEFAULT_POLICIES, PlayerSpec, RunSpec, find_benchmark, make_env

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

ALL = "all"
"""Stands for every task of a split."""


@dataclass(frozen=True)
class SuitePart:
    """Some episodes of one benchmark.

    Attributes:
        benchmark: Name, or ``module:Class`` of an engine from elsewhere.
        env: Arguments of the environment.
        tasks: Ids of the tasks, or `ALL`; empty for streams.
        seeds: A seed for each task; empty for 0, 1, ….
        streams: Numbers of streams, all tasks of which are played.
        count: Number of tasks that `ALL` stands for; None if nobody knows.
    """

    benchmark: str
    env: Mapping[str, Any] = field(default_factory=dict)
    tasks: Sequence[str] | str = ()
    seeds: Sequence[int] = ()
    streams: Sequence[int] = ()
    count: int | None = None

    def __post_init__(self) -> None:
        _check_part(self)


@dataclass(frozen=True)
class Suite:
    """What is played in a comparison.

    Attributes:
        name: Name, or path of the file.
        about: What it is for.
        parts: The episodes.
        policies: Who plays if nobody is named.
        memories: Memory systems around each model, if nobody is named.
    """

    name: str
    about: str
    parts: Sequence[SuitePart]
    policies: Sequence[str] = DEFAULT_POLICIES
    memories: Sequence[str] = ()

    def only(self, benchmarks: Sequence[str]) -> Suite:
        """Return the suite with the parts of these benchmarks alone; all of it for none.

        Raises:
            ConfigurationError: If it has no part of one of them.
        """
        known = dict.fromkeys(part.benchmark for part in self.parts)
        for name in benchmarks:
            if name not in known:
                raise unknown_name(f"benchmark of the suite {self.name}", name, known)
        return replace(self, parts=[p for p in self.parts if p.benchmark in benchmarks]) if benchmarks else self

    def episodes(
        self, players: Sequence[PlayerSpec], kwargs: Mapping[str, Any], say: Say, access: Access
    ) -> list[RunSpec]:
        """Return every episode of the suite for some players.

        Args:
            players: Who plays.
            kwargs: Arguments of the environments that replace those of the suite.
            say: Told of benchmarks that are left out because their data or packages are not here.
            access: How models are reached.

        Raises:
            ConfigurationError: If a name or an argument is not allowed.
            DataError: If nothing is left to be played.
        """
        found: list[RunSpec] = []
        for part in self.parts:
            env_id = find_benchmark(part.benchmark)
            asked = replace(part, env={**part.env, **kwargs})
            try:
                found += _episodes(asked, env_id, players, access)
            except (DataError, MissingExtraError) as error:
                say(f"{part.benchmark} is left out: {error}")
        if not found:
            raise DataError(f"nothing of the suite {self.name} can be played here: run `agemem doctor` to see why")
        different = {spec.config_hash: spec for spec in found}
        if len(different) < len(found):
            say(f"{len(found) - len(different)} episodes are in several parts of the suite: each is played once")
        return list(different.values())


def suite_names() -> list[str]:
    """Return the names of the suites that come with the project."""
    return sorted(
        Path(entry.name).stem for entry in files("benchmarks.suites").iterdir() if entry.name.endswith(".toml")
    )


def read_suite(name: str) -> Suite:
    """Return a suite by its name, or from a TOML file.

    Raises:
        ConfigurationError: If there is no such suite, or the file is no suite.
    """
    if name.endswith(".toml"):
        path = Path(name)
        try:
            return _suite(name, path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise ConfigurationError(f"cannot read the suite {name}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"cannot read the suite {name}: {error}") from error
    if name not in suite_names():
        raise unknown_name("suite", name, (*suite_names(), "FILE.toml"))
    return _suite(name, (files("benchmarks.suites") / f"{name}.toml").read_text(encoding="utf-8"))


def _suite(name: str, text: str) -> Suite:
    """Read a suite; whatever in it is no suite's is refused by name."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the suite {name} is no TOML: {error}") from error
    _check_names(f"entry of the suite {name}", values, ("about", "parts", "policies", "memories"))
    parts = values.get("parts")
    if not isinstance(parts, list) or not parts:
        raise ConfigurationError(f"the suite {name} has no parts: add [[parts]] with benchmark and tasks")
    allowed = tuple(SuitePart.__dataclass_fields__)
    for part in parts:
        if not isinstance(part, dict):
            raise ConfigurationError(f"the suite {name} has parts={parts!r:.80}; write each as a table: [[parts]]")
        _check_names(f"entry of a part of the suite {name}", part, allowed)
        if not isinstance(part.get("benchmark"), str):
            raise ConfigurationError(f"a part of the suite {name} names no benchmark")
    made = tuple(SuitePart(**part) for part in parts)
    who = {kind: _names(name, kind, values[kind]) for kind in ("policies", "memories") if kind in values}
    return Suite(name, str(values.get("about", "")), made, **who)


def _names(name: str, kind: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ConfigurationError(f"the suite {name} has {kind}={values!r:.80}; use a list of names")
    if kind == "policies" and not values:
        raise ConfigurationError(f"the suite {name} has policies=[]; name one, or leave it out")
    return tuple(values)


def _check_names(kind: str, values: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for name in values:
        if name not in allowed:
            raise unknown_name(kind, name, allowed)


def _check_part(part: SuitePart) -> None:
    """Check a part of a suite by itself, without a look at the benchmark's tasks."""
    where = f"a part of {part.benchmark}"
    if not isinstance(part.env, Mapping):
        raise ConfigurationError(f"{where} has env={part.env!r:.80}; use a table of arguments")
    if part.count is not None and (type(part.count) is not int or part.count < 1):
        raise ConfigurationError(f"{where} has count={part.count!r:.80}; use a number from 1 on")
    for name in ("seeds", "streams"):
        numbers = getattr(part, name)
        if not _is_list(numbers) or not all(type(n) is int and n >= 0 for n in numbers):
            raise ConfigurationError(f"{where} has {name}={numbers!r:.80}; use a list of numbers from 0 on")
    if part.tasks != ALL and not (_is_list(part.tasks) and all(isinstance(t, str) for t in part.tasks)):
        raise ConfigurationError(f'{where} has tasks={part.tasks!r:.80}; use a list of ids, or "all"')
    for name in ("tasks", "seeds", "streams"):
        values = getattr(part, name)
        twice = [] if values == ALL else [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise ConfigurationError(f"{where} has {twice[0]!r} more than once in {name}; name each once")
    if bool(part.tasks) == bool(part.streams):
        raise ConfigurationError(f"{where} must have either tasks or streams")
    if part.seeds and (part.streams or (part.tasks != ALL and len(part.seeds) != len(part.tasks))):
        raise ConfigurationError(
            f"{where} has {len(part.seeds)} seeds: it needs one for each task, and none for streams"
        )
    if part.env.get("memory") == "lifetime" and not part.streams:
        raise ConfigurationError(f"{where} keeps memory (memory='lifetime'): that needs streams")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _episodes(part: SuitePart, env_id: str, players: Sequence[PlayerSpec], access: Access) -> list[RunSpec]:
    """Return the episodes of a part, after making its environment once for each player."""
    env = {**part.env, "streams": True} if part.streams else dict(part.env)
    kwargs = resolve(env_id, env)
    for arguments in {comparable(dict(p.env_kwargs)): with_policy(env, p) for p in needed_by(players, access)}.values():
        resolve(env_id, arguments)
    found: list[RunSpec] = []
    for player in players:

        def spec(seed: int, task: str, who: PlayerSpec = player) -> RunSpec:
            return RunSpec(env_id, kwargs, who.policy, seed, who.memory, who.model, task)

        if not part.streams:
            tasks = _tasks(part, env_id, kwargs)
            if part.seeds and len(part.seeds) != len(tasks):
                raise ConfigurationError(
                    f"a part of {part.benchmark} has {len(part.seeds)} seeds for {len(tasks)} tasks: it needs one each"
                )
            found += map(spec, part.seeds or range(len(tasks)), tasks)
        for number in part.streams:
            found += _stream([spec(number, task) for task in stream_ids(number)])
    return found


def _tasks(part: SuitePart, env_id: str, kwargs: Mapping[str, Any]) -> Sequence[str]:
    """Return the ids of the tasks.

    Raises:
        ConfigurationError: If one is unknown, or there are not as many as there should be.
        DataError: If official data are not complete.
    """
    with closing(make_env(env_id, kwargs)) as env:
        tasks = cast(AgeMemEnv, env.unwrapped).tasks
        if part.tasks != ALL:
            for task in part.tasks:
                if not tasks.has(task):
                    tasks.get(task)  # says which there are
            return part.tasks
        if kwargs.get("source") == "official" and part.count is not None and len(tasks) != part.count:
            raise DataError(
                f"{len(tasks)} of its {part.count} official tasks are here; `--env source=generated` plays generated "
                "ones, `agemem data list` says what is missing"
            )
        return tasks.ids


def _stream(specs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the episodes of a stream, each after the one before it if memory is kept."""
    chained: list[RunSpec] = []
    for spec in specs:
        after = chained[-1].config_hash if chained and spec.keeps_memory else None
        chained.append(replace(spec, after=after))
    return chained
