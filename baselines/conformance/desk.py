"""What a memory system does at the desk is recorded and belongs to the state of the episode."""

from __future__ import annotations

from typing import Any

from agemem_env.env import AgeMemEnv
from agemem_env.errors import DeskError
from agemem_env.types import Usage
from baselines.conformance.common import Make, broken, plain, same
from baselines.conformance.form import check_form


def desk_is_recorded_and_branches(make: Make) -> None:
    """Work at the memory desk costs what was charged, is in the ledger, closes with the step and branches."""
    env, twin = plain(make(tools=(), dense=True)), plain(make(tools=()))
    same(env.reset(seed=5)[0], twin.reset(seed=5)[0], "resets with and without dense reward")
    total, paid, told, saved, over = 0.0, 0.0, 0, None, False
    info: dict[str, Any] = {}
    while not over:
        told += _tend(env)
        _tend(twin)
        desk = env.desk()
        check_form(env, *desk.observation())
        same(desk.observation()[0], twin.desk().observation()[0], "observations after equal work at the desk")
        saved = env.snapshot() if saved is None and env.ledger.of("retrieve") else saved
        _, reward, terminated, truncated, info = env.step(_idle(env))
        paid = twin.step(_idle(twin))[1]
        total, over = total + reward, terminated or truncated
        try:
            desk.search("too late")
        except DeskError:
            continue
        broken("a desk worked after the step")
    if abs(total - paid) >= 1e-9:
        broken(f"dense rewards sum to {total}, not {paid}")
    if not told or saved is None:
        broken("the episode told nothing")
    metrics = info["metrics"]
    same((metrics["TC"], metrics["MC"], metrics["MT"]), (0.0, float(told), 12.0 * told), "costs of memory and charges")
    same(metrics["MO"], 2.0 * told, "recorded and true operations of the system")
    env.restore(saved)
    same(_play_on(env), info, "ends of an episode with a memory system and of its branch")


def _play_on(env: AgeMemEnv) -> dict[str, Any]:
    """Play to the end, tending memory from the second turn on; return the last info."""
    while True:
        _, _, terminated, truncated, info = env.step(_idle(env))
        if terminated or truncated:
            return info
        _tend(env)


def _tend(env: AgeMemEnv) -> int:
    """Do what a memory system does before a turn; return the number of messages stored."""
    desk = env.desk()
    for text in desk.news:
        desk.show(desk.search(text, 2))
        desk.add(text)
        desk.charge(Usage(1, 10, 2), "store")
    return len(desk.news)


def _idle(env: AgeMemEnv) -> Any:
    """Return the action of an agent that gives up as soon as it can."""
    return "Noted." if env.desk().stage < 3 else {"name": "answer", "arguments": {"text": "unknown"}}
