from __future__ import annotations

from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.types import Task

TASKS = range(24)


def setup_of(task: Task) -> PDDLSetup:
    setup: PDDLSetup = task.data["setup"]
    return setup
