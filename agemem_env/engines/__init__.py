"""The benchmarks: one folder and one line of `ENGINES` each.

Begin with `base`, which says what an engine is to the rest of the suite, then read one benchmark: ``hotpotqa`` is the
shortest, ``babyai`` the shortest with commands. The same question is answered in the same file of each:

* ``engine``: how is a task played?
* ``tasks``: which tasks are there, and what is one?
* ``briefing``: what do stages 1 and 2 tell?
* ``oracle``: what does the expert do?
* ``agentboard``: what does AgentBoard's protocol do otherwise?
* ``official``, ``download``: where are the official tasks, and how are they fetched?
* ``package``: which optional package is needed, and where is it imported?
* ``metrics``: which scores does the benchmark have of its own?

What several engines do alike is here: `briefing` (what is told wrongly first, in which order, what else is told),
`agentboard_labels` (AgentBoard's label files) and `bits` (sets as integers). Engines know nothing of memory, rewards
and stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isabstract
from types import MappingProxyType

from agemem_env.data.loading import load
from agemem_env.engines.base import TaskEngine, TaskSet
from agemem_env.errors import ConfigurationError, unknown_name

__all__ = ["ENGINES", "TaskEngine", "TaskSet", "engine_class"]

ENGINES: Mapping[str, str] = MappingProxyType(
    {
        "HotpotQA": "agemem_env.engines.hotpotqa.engine:HotpotQAEngine",
        "BabyAI": "agemem_env.engines.babyai.engine:BabyAIEngine",
        "PDDL": "agemem_env.engines.pddl.engine:PDDLEngine",
        "ALFWorld": "agemem_env.engines.alfworld.engine:ALFWorldEngine",
        "SciWorld": "agemem_env.engines.sciworld.engine:SciWorldEngine",
    }
)
"""Benchmark name -> ``module:class``. Engines are imported when an environment is made."""


def engine_class(benchmark: str) -> type[TaskEngine]:
    """Import and return the engine class of a benchmark.

    Args:
        benchmark: A name in `ENGINES`, or ``"module:Class"`` for an engine from elsewhere.

    Raises:
        ConfigurationError: If the benchmark is not in `ENGINES`, or there is no such module, or the class is not a
            `TaskEngine` with all its methods.
        MissingExtraError: If the module needs a package that is not installed.
    """
    if not isinstance(benchmark, str) or (benchmark not in ENGINES and ":" not in benchmark):
        raise unknown_name("benchmark", benchmark, (*ENGINES, "module:Class"))
    engine = load("benchmark", ENGINES.get(benchmark, benchmark))
    if not (isinstance(engine, type) and issubclass(engine, TaskEngine)) or isabstract(engine):
        module, _, name = ENGINES.get(benchmark, benchmark).partition(":")
        raise ConfigurationError(
            f"benchmark={benchmark!r} is not allowed: {name!r} in {module!r} is not a complete TaskEngine"
        )
    return engine
