"""What a benchmark is to the rest of the suite: a set of tasks and an engine that plays one of them.

An engine knows its world and its text. It knows nothing of memory, stages, context or reward.
A new benchmark is a sub-class of `TaskEngine` in a folder of its own plus one line in
`agemem_env.engines.ENGINES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, overload

import numpy as np

from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.text.numbers import from_numpy
from agemem_env.types import SOURCES, SPLITS, EngineStep, Task, TaskMetric, ToolCall


class TaskSet(Sequence[Task]):
    """The tasks of one split, built when asked for.

    Args:
        size: Number of tasks.
        build: Makes the task with a given index in ``range(size)``.
        find: Returns the index of a task id, or None if the id is unknown.
        name: Returns the id of the task with a given index without making it; None makes the task to learn its id.
    """

    def __init__(
        self,
        size: int,
        build: Callable[[int], Task],
        find: Callable[[str], int | None],
        name: Callable[[int], str] | None = None,
    ) -> None:
        self._size = size
        self._build = build
        self._find = find
        self._name = name or (lambda index: build(index).id)
        self._ids: tuple[str, ...] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all tasks, in order; no task is made for them where their ids are known without."""
        if self._ids is None:
            self._ids = tuple(self._name(index) for index in range(self._size))
        return self._ids

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> list[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | list[Task]:
        if isinstance(index, slice):
            return [self._build(i) for i in range(*index.indices(self._size))]
        if not -self._size <= index < self._size:
            raise IndexError(f"task index {index} is out of range: this split has {self._size} tasks")
        return self._build(index % self._size)

    def __iter__(self) -> Iterator[Task]:
        return (self._build(i) for i in range(self._size))

    def get(self, key: str | int) -> Task:
        """Return the task with this id or index.

        Raises:
            ConfigurationError: If there is no such task in the split.
        """
        index = self._find(key) if isinstance(key, str) else from_numpy(key)
        if type(index) is not int or not 0 <= index < self._size:
            example = self._name(0) if self._size else "none"
            raise ConfigurationError(
                f"unknown task {key!r}; allowed: an index from 0 to {self._size - 1} or an id such as {example!r}"
            )
        return self._build(index)

    def has(self, task_id: str) -> bool:
        """Whether the split has a task with this id; none is built."""
        index = self._find(task_id)
        return index is not None and 0 <= index < self._size


class TaskEngine(ABC):
    """The world of one benchmark. One engine plays one task at a time.

    Sub-classes accept ``split``, ``source`` and ``protocol`` and, as keyword-only arguments, whatever else the
    benchmark can be configured with. Their ``__init__`` calls this one, which checks the names, and then `_provide`.
    Their `reset` sets ``_task``, which `_current` returns.

    Args:
        split: ``train``, ``valid`` or ``test``, or a name in `split_aliases`.
        source: ``official``, ``generated`` or ``auto``, which the sub-class resolves to one of them.
        protocol: One of `protocols`.

    Attributes:
        split: ``train``, ``valid`` or ``test``.
        protocol: One of `protocols`.

    Raises:
        ConfigurationError: If an argument is not allowed.
    """

    name: ClassVar[str]
    """The benchmark's name: key in the table of engines and part of the environment id."""

    max_rounds: ClassVar[int]
    """Default turn limit of stage 3 (``N_max``)."""

    main_score: ClassVar[str] = "SR"
    """Metric that the benchmark is ranked by: one that all benchmarks have (SR, PR, J, …) or one of `metrics`."""

    instructions: str
    """What the system message tells about this benchmark: the task, and the form of its commands."""

    has_commands: ClassVar[bool] = True
    """Whether the task is played with commands (the `act` tool); False if only an answer counts."""

    lists_commands: ClassVar[bool] = False
    """Whether `admissible` is cheap enough to be in ``info`` at every step."""

    suggests_commands: ClassVar[bool] = False
    """Whether `suggested` has something to say, which is in ``info`` at every step then."""

    idle_commands: ClassVar[tuple[str, ...]] = ()
    """Commands that cost a turn, change nothing, and are never needed: what they show was shown or is in ``info``."""

    protocols: ClassVar[tuple[str, ...]] = ("agemem",)
    """Allowed values of ``protocol``."""

    split_aliases: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The benchmark's official names of splits, mapped to ``train``, ``valid`` or ``test``."""

    options: ClassVar[tuple[str, ...]] = ()
    """Names of the keyword arguments that the benchmark takes beside split, source and protocol."""

    metrics: ClassVar[Mapping[str, TaskMetric]] = MappingProxyType({})
    """The benchmark's own metrics, beside the common ones: functions of the finished task."""

    _source: str
    _tasks: TaskSet

    def __init__(self, *, split: str = "test", source: str = "auto", protocol: str = "agemem") -> None:
        self.split = self.resolve_split(split)
        if source not in SOURCES:
            raise unknown_name("source", source, SOURCES)
        if protocol not in self.protocols:
            raise unknown_name("protocol", protocol, self.protocols)
        self.protocol = protocol
        self._task: Task | None = None

    @classmethod
    def resolve_split(cls, name: str) -> str:
        """Return ``train``, ``valid`` or ``test`` for one of these names or an official one.

        Raises:
            ConfigurationError: If there is no such split.
        """
        if isinstance(name, str) and name in SPLITS:
            return name
        if not isinstance(name, str) or name not in cls.split_aliases:
            raise unknown_name("split", name, (*SPLITS, *cls.split_aliases))
        return cls.split_aliases[name]

    def _provide(self, source: str, tasks: TaskSet) -> None:
        """Set where the tasks come from, ``official`` or ``generated``, and the tasks of the split."""
        self._source, self._tasks = source, tasks

    def _current(self) -> Task:
        """Return the task being played.

        Raises:
            ConfigurationError: If there is none yet.
        """
        if self._task is None:
            raise ConfigurationError("no task is being played: call reset(task, rng, briefed=...) first")
        return self._task

    @property
    def source(self) -> str:
        """Where the tasks come from: ``official`` or ``generated``, never ``auto``."""
        return self._source

    @property
    def tasks(self) -> TaskSet:
        """The tasks of the split that this engine was made for."""
        return self._tasks

    @abstractmethod
    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        """Start a task.

        Args:
            task: One of `tasks`.
            rng: The only source of randomness that the engine may use.
            briefed: Whether the agent was told the facts in stage 1. If not, the engine hides nothing.

        Returns:
            The first observation, or an empty string if the query says all.
        """

    def step(self, command: str) -> EngineStep:
        """Execute one command. Engines without commands are never asked."""
        raise NotImplementedError(f"{type(self).__name__} takes no commands (has_commands is False)")

    @property
    def takes_blank(self) -> bool:
        """Whether an empty command means something now, such as no to a question; else it is a mistake."""
        return False

    @abstractmethod
    def submit(self, answer: str) -> EngineStep:
        """Take the final answer; the result has ``done=True`` and the final progress and success."""

    def admissible(self) -> Sequence[str]:
        """Return the commands that are allowed now; computed only when asked for."""
        return ()

    def suggested(self, notes: Sequence[str]) -> Sequence[str]:
        """Return some commands worth considering, where too many are allowed to list them.

        They follow from what the agent was shown and from these notes alone, and need not be allowed.

        Args:
            notes: Memories in the agent's sight.
        """
        del notes
        return ()

    @abstractmethod
    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Return the expert's next task call, given what it knows.

        Args:
            known: Statements that the expert has been told or has looked up. Without the gold facts among
                them the expert may use only what the task itself has shown.
        """

    @abstractmethod
    def state_hash(self) -> str:
        """Return a digest of the engine's state, equal exactly if the state is equal."""

    @abstractmethod
    def snapshot(self) -> Any:
        """Return an opaque value from which `restore` brings back the current state, any number of times."""

    @abstractmethod
    def restore(self, snapshot: Any) -> None:
        """Return to the state in which `snapshot` was taken."""

    def close(self) -> None:  # noqa: B027 - most engines hold nothing that needs closing
        """Release processes, files and library handles. May be called more than once."""
