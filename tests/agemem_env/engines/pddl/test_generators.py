"""Generated problems."""

from __future__ import annotations

from itertools import combinations

import pytest

from agemem_env.engines.pddl.builtin import DOMAINS
from agemem_env.engines.pddl.generators import DIFFICULTIES, SPLIT_SIZES, generate, split_of
from agemem_env.engines.pddl.tasks import generated_tasks
from tests.agemem_env.engines.pddl.generated import TASKS, setup_of


@pytest.mark.parametrize("split", SPLIT_SIZES)
def test_problems_belong_to_their_split_and_have_a_plan(split: str) -> None:
    tasks = generated_tasks(split, "agemem", None)
    assert len(tasks) == SPLIT_SIZES[split]
    for index in (*range(12), len(tasks) - 1):
        task, setup = tasks[index], setup_of(tasks[index])
        ground = setup.ground
        assert task.id == f"gen-{split}-{DOMAINS[index % 4]}-{index:06}"
        assert split_of(ground.problem) == split
        assert setup.difficulty == DIFFICULTIES[index // 4 % 3]
        assert ground.plan
        end = ground.world.run(ground.world.init, ground.plan)
        assert end is not None
        assert ground.world.solved(end)
        assert not ground.world.solved(ground.world.init)


def test_equal_indices_give_equal_problems() -> None:
    for number in TASKS:
        first, second = generate("train", number), generate("train", number)
        assert first[0] == second[0]
        assert first[2].random() == second[2].random()


def test_problems_differ() -> None:
    problems = [generate("valid", number)[0].problem for number in range(60)]
    assert all(first != second for first, second in combinations(problems, 2))
