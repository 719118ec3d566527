"""The start of training: which command, or which answer, an expert would choose once it has looked up what was told.

Nothing of the use of memory is cloned: candidates compete with those of their own kinds only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from agemem_env.env import AgeMemEnv
from agemem_env.wrappers.menu.kinds import INDEX, KINDS, WIDTH
from agemem_env.wrappers.menu.menu import Choices, Menu
from agemem_env.wrappers.menu.words import alone, body, title
from baselines.grpo.adam import Adam
from baselines.grpo.math import Floats, log_softmax
from baselines.grpo.scorer import Batch, Scorer

CLONED = ("answer", "yes or no", "command")
_NAMES_LOOKED_UP = 2
SETTING = {"stages": (1, 3), "facts_per_turn": 1000}
"""Arguments of an environment whose episodes are cloned: everything is told in one turn."""

Lesson = tuple[Choices, int]


def lessons(env: AgeMemEnv, tasks: Sequence[int]) -> Iterator[list[Lesson]]:
    """Yield for each task the menus of stage 3 and what the expert would choose of them.

    What was told is in long-term memory, one entry per message, outdated ones included; memory is looked up as anybody
    could.

    Args:
        env: An environment made with `SETTING`.
        tasks: Indices of tasks.
    """
    for task in tasks:
        menu = Menu(env.memory_tools, commands=env.engine.has_commands)
        observation, info = env.reset(seed=task, options={"task": task})
        desk = env.desk()
        for utterance in env.task.utterances or env.task.facts:
            desk.add(alone(" ".join(body(utterance.text)), title(utterance.text)))
        observation, _, _, _, info = env.step("Noted.")
        yield list(_played(env, menu, observation, info))


def _played(env: AgeMemEnv, menu: Menu, observation: object, info: object) -> Iterator[Lesson]:
    """Look up what was told, then follow the oracle as long as its choices are on the menu."""
    known = [fact.text for fact in env.task.gold_facts]
    wanted = ["tidy and look up", *["look up names"] * (0 if env.engine.has_commands else _NAMES_LOOKED_UP)]
    over = False
    while not over:
        choices = menu.list(observation, info)  # type: ignore[arg-type]
        kind = wanted.pop(0) if wanted else ""
        places = np.flatnonzero(choices.kinds == INDEX[kind]) if kind else np.zeros(0, np.intp)
        if kind and not len(places):
            continue
        call = env.engine.oracle(known).to_dict()
        if kind:
            action = menu.choose(int(places[0]))
        else:
            action = call
            found = [i for i, offered in enumerate(choices.actions) if offered == call]
            if found:
                yield choices, found[0]
            if not env.engine.has_commands:
                return
            menu.note(call)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated


def fitted(taught: Sequence[Lesson], *, rounds: int = 150, decay: float = 1e-4) -> tuple[Scorer, float]:
    """Return a scorer that chooses as the lessons do, and the share of them in which its best candidate is right.

    Args:
        taught: The lessons.
        rounds: Steps of Adam, each over all lessons.
        decay: Pulls weights to zero.
    """
    narrowed = [_narrowed(choices, place) for choices, place in taught]
    batch = Batch.of([choices for choices, _ in narrowed])
    picked = batch.starts + np.array([place for _, place in narrowed])
    scorer, adam = Scorer(), Adam()
    logs: Floats = np.zeros(0)
    for _ in range(rounds):
        logs = log_softmax(scorer.batch_scores(batch), batch.starts)
        push = -np.exp(logs)
        push[picked] += 1
        gradient = scorer.gradient(batch, push / len(narrowed))
        scorer = Scorer(adam.ascend(scorer.weights, gradient - decay * scorer.weights))
    best = np.maximum.reduceat(logs, batch.starts)
    return _spread(scorer), float(np.mean(logs[picked] == best))


def _narrowed(choices: Choices, place: int) -> Lesson:
    """Return a menu with nothing but the kinds that are cloned, and the place of a candidate in it."""
    kept = np.flatnonzero(np.isin(choices.kinds, [INDEX[name] for name in CLONED]))
    new = np.full(len(choices), -1)
    new[kept] = np.arange(len(kept))
    crosses = new[choices.rows] >= 0
    narrowed = Choices(
        tuple(choices.actions[i] for i in kept),
        choices.kinds[kept],
        choices.features[kept],
        new[choices.rows[crosses]].astype(np.int32),
        choices.columns[crosses],
        np.zeros_like(choices.state),
        np.zeros(len(kept)),
    )
    return narrowed, int(new[place])


def _spread(scorer: Scorer) -> Scorer:
    """Let commands be judged alike, alone and together with looking up; the kinds themselves start out equal."""
    weights = scorer.weights.copy()
    table = weights[: len(KINDS) * WIDTH].reshape(len(KINDS), WIDTH)
    table[INDEX["look up and command"]] = table[INDEX["command"]]
    table[:, 0] = 0
    return Scorer(weights)
