"""Tasks are well formed, the benchmark describes itself, and the expert solves its tasks."""

from __future__ import annotations

from agemem_env.engines import TaskEngine
from agemem_env.rewards.metrics import COMMON
from agemem_env.types import Task
from baselines import make as make_policy
from baselines import rollout
from baselines.conformance.common import Make, broken, first_tasks, plain

TASKS_OF_EXPERT = 10
TASKS_READ = 20


def the_expert_solves_every_task(make: Make) -> None:
    """The expert, led by the engine's oracle, solves each task without a mistake."""
    env = make()
    for task in first_tasks(plain(env), TASKS_OF_EXPERT):
        result = rollout(env, make_policy("expert", env), seed=task, task=task)
        if not result.info["success"]:
            broken(f"the expert failed task {result.info['task_id']}")
        if result.info["errors"]:
            broken(f"the expert made mistakes in task {result.info['task_id']}: {result.info['errors']}")


def facts_are_well_formed(make: Make) -> None:
    """Each task has gold facts, tells every fact once, corrects only earlier ones, and is found by its id."""
    tasks = plain(make()).tasks
    for task in tasks[:TASKS_READ]:
        if not task.gold_facts:
            broken(f"task {task.id} has no gold facts")
        for i, fact in enumerate(task.facts):
            if fact.supersedes is not None and not 0 <= fact.supersedes < i:
                broken(f"fact {i} of {task.id} supersedes no earlier one")
        told = [i for u in task.utterances for i in u.facts] or list(range(len(task.facts)))
        if sorted(told) != list(range(len(task.facts))):
            broken(f"task {task.id} does not tell every fact once")
        if task != tasks.get(task.id):
            broken(f"task {task.id} is not what its id finds")


def the_benchmark_describes_itself(make: Make) -> None:
    """The engine states name, instructions, turn limit and ranking metric, and its tasks agree with it."""
    env = plain(make())
    engine = env.engine
    if not isinstance(engine, TaskEngine):
        broken(f"{type(engine)} is not a TaskEngine")
    for attribute, kind in (("name", str), ("instructions", str), ("max_rounds", int), ("main_score", str)):
        value = getattr(engine, attribute, None)
        if not isinstance(value, kind) or not value:
            broken(f"`{attribute}` of the engine is {value!r}; it must be a {kind.__name__} that is not empty or 0")
    known = {*COMMON, *engine.metrics}
    if engine.main_score not in known:
        broken(f"`main_score` is {engine.main_score!r}; allowed: {sorted(known)}")
    if engine.source not in ("official", "generated"):
        broken(f"`source` is {engine.source!r}; it must be official or generated")
    for task in env.tasks[:TASKS_READ]:
        _agrees(task, engine)


def _agrees(task: Task, engine: TaskEngine) -> None:
    for attribute, stated in (("benchmark", engine.name), ("split", engine.split), ("source", engine.source)):
        value = getattr(task, attribute)
        if value != stated:
            broken(f"task {task.id} has {attribute} {value!r}, its engine {stated!r}")
