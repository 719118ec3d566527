"""AgentBoard's BabyAI protocol written a second time, plainly, and played side by side with the engine.

In absolute coordinates, with one search per command, and nothing taken from the engine.
"""

from __future__ import annotations

from collections import Counter, deque
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agemem_env.engines.babyai.agentboard import AGENTBOARD_LEVELS
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.tasks import BabyAISpec, bare_task

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")

SEEDS = range(1234, 1238)
INPUTS = ["", "check available actions", "pick up red ball 1", "inventory", "toggle", "go to red ball 9", "drop"]
TYPES = ("unseen", "empty", "wall", "floor", "door", "key", "ball", "box", "goal", "lava", "agent")
COLOURS = ("red", "green", "blue", "purple", "yellow", "grey")
STATES = ("open", "closed", "locked")
SOLID = ("wall", "box", "lava", "ball", "key")
Cell = tuple[int, int]


class Plain:
    """The protocol in one level of minigrid."""

    def __init__(self, level: str, seed: int) -> None:
        ids = {name.rpartition("-v")[0]: name for name in gym.registry}
        with redirect_stdout(StringIO()):
            self.env: Any = gym.make(ids[level.rpartition("-v")[0]], disable_env_checker=True).unwrapped
            self.image = self.env.reset(seed=seed)[0]["image"]
        self.env.max_steps = 10**9

    def axes(self) -> tuple[Any, Any, Any]:
        ahead = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)][self.env.agent_dir])
        return np.array(self.env.agent_pos), ahead, np.array((-ahead[1], ahead[0]))

    def seen(self) -> list[dict[str, Any]]:
        here, ahead, right = self.axes()
        found = []
        for j in range(7):
            for i in range(7):
                type_, colour, state = (int(v) for v in self.image[i, j])
                cell = here + (6 - j) * ahead + (i - 3) * right
                kind, hue = TYPES[type_], COLOURS[colour]
                if (i, j) == (3, 6) or min(cell) < 0 or kind in ("unseen", "empty", "floor", "agent"):
                    continue
                is_door = kind == "door"
                name = f"{hue} {STATES[state]} door" if is_door else f"{hue} {kind}"
                found.append({"kind": kind, "name": name, "hue": hue, "state": STATES[state] if is_door else "",
                              "cell": (int(cell[0]), int(cell[1])), "ahead": 6 - j, "right": i - 3})  # fmt: skip
        return sorted(found, key=lambda thing: thing["ahead"] + abs(thing["right"]))

    def text(self) -> str:
        seen, counts = self.seen(), Counter[str]()
        text = "In front of you in this room, you can see several objects: "
        if not seen:
            text = "You cannot see any objects within sight."
        for thing in seen:
            if thing["kind"] == "wall":
                continue
            counts[thing["name"]] += 1
            text += f"There is a {thing['name']} {counts[thing['name']]} "
            if thing["right"] == 0:
                text += f"right in front of you {thing['ahead']} steps away.  "
            else:
                side = "right" if thing["right"] > 0 else "left"
                text += f"{thing['ahead']} steps in front of you and {abs(thing['right'])} steps to your {side}.  "
        text += "The room has walls around you. "
        line = [thing for thing in seen if thing["right"] == 0 and thing["kind"] in ("wall", "box")]
        if line:
            text += f"You are facing a {line[0]['kind']} {line[0]['ahead']} steps away. "
        held = self.env.carrying
        return text + (f"You are carrying a {held.color} {held.type}." if held else "You are not carrying anything.")

    def path(self, target: Cell, onto: bool = False) -> list[int] | None:
        here, ahead, right = self.axes()
        blocked = {thing["cell"] for thing in self.seen() if thing["kind"] in SOLID}
        corner = here + 6 * ahead - 3 * right
        other = corner + 7 * (right - ahead)
        low = [min(c, o) for c, o in zip(corner, other, strict=True)]
        high = [c if o < c else o - 1 for c, o in zip(corner, other, strict=True)]
        start = ((int(here[0]), int(here[1])), int(self.env.agent_dir))
        queue, visited, parents = deque([start]), set(), {}
        while queue:
            node = queue.popleft()
            if node in visited:
                continue
            visited.add(node)
            (x, y), heading = node
            step = [(1, 0), (0, 1), (-1, 0), (0, -1)][heading]
            front = (x + step[0], y + step[1])
            if ((x, y) if onto else front) == target:
                moves = []
                while node != start:
                    node, move = parents[node]
                    moves.append(move)
                return moves[::-1]
            turns = [(((x, y), (heading - 1) % 4), 0), (((x, y), (heading + 1) % 4), 1)]
            inside = all(a <= v <= b for a, v, b in zip(low, front, high, strict=True))
            for successor, move in [((front, heading), 2), *turns] if inside and front not in blocked else turns:
                if successor not in visited:
                    parents[successor] = (node, move)
                    queue.append(successor)
        return None

    def commands(self) -> tuple[dict[str, list[int]], dict[str, str]]:
        seen, held = self.seen(), self.env.carrying
        can: dict[str, list[int]] = {"turn left": [0], "turn right": [1]}
        cannot: dict[str, str] = {}
        nearest = next((t["kind"] for t in seen if (t["ahead"], t["right"]) == (1, 0)), "")
        if nearest in ("wall", "box"):
            cannot["move forward"] = "There is a barrier in front of you, you can't move forward."
        else:
            can["move forward"] = [2]
        if held is None:
            self._reach("pickup", [t for t in seen if t["kind"] not in ("wall", "door", "goal")], [3], can, cannot)
            cannot["drop"] = "You cannot drop the object, as you are not carrying anything."
        elif nearest in SOLID:
            cannot["drop"] = "You cannot drop the object, as there is already an object in front of you."
        else:
            can["drop"] = [4]
        counts: dict[str, int] = {}
        for door in (t for t in seen if t["kind"] == "door"):
            counts[door["name"]] = counts.get(door["name"], 0) + 1
            label = f"{door['name']} {counts[door['name']]}"
            through, toggle = f"go through {label}", f"toggle and go through {label}"
            path = self.path(door["cell"], onto=door["state"] == "open")
            if door["state"] == "open":
                if path is None:
                    cannot[through] = f"You cannot {through}, as there is no path leading to it."
                else:
                    can[through] = path
                continue
            cannot[through] = f"You cannot {through}, as it is closed. You should toggle it first."
            if door["state"] == "locked" and (held is None or held.type != "key"):
                cannot[toggle] = f"You cannot {toggle}, as you are not carrying a key."
            elif door["state"] == "locked" and held.color != door["hue"]:
                reason = "the color of the key you are carrying does not match the color of door."
                cannot[toggle] = f"You cannot {toggle}, as {reason}"
            elif path is None:
                shown = f"toggle and go through {door['name']} {counts}"
                cannot[toggle] = f"You cannot {shown}, as there is no path leading to it."
            else:
                can[toggle] = [*path, 5, 2]
                if not path:
                    can["toggle"] = [5]
        self._reach("go to", [t for t in seen if t["kind"] not in ("wall", "goal")], [], can, cannot)
        return can, cannot

    def _reach(
        self,
        verb: str,
        things: list[dict[str, Any]],
        then: list[int],
        can: dict[str, list[int]],
        cannot: dict[str, str],
    ) -> None:
        counts = Counter[str]()
        for thing in things:
            label, path = f"{thing['name']} {counts[thing['name']] + 1}", self.path(thing["cell"])
            if path is None:
                cannot[f"{verb} {label}"] = f"You cannot {verb} {label}, as there is no path leading to it."
            else:
                counts[thing["name"]] += 1
                can[f"{verb} {label}"] = path + then

    def act(self, command: str) -> str:
        can, cannot = self.commands()
        if "check" in command:
            return "You can take the following actions: " + ", ".join([*can, "check available actions"])
        if not command or can.get(command) == []:
            return "No change in state."
        if command not in can:
            return cannot.get(command, "The action is not recognized. Please check valid actions.")
        ended = False
        for primitive in can[command]:
            before = self.image
            observation, _, ended, _, _ = self.env.step(primitive)
            self.image = observation["image"]
            if np.array_equal(before, self.image):
                break
        return self.text() + ("\n The task is completed." if ended else "")


def walk(level: str, seed: int, steps: int) -> None:
    engine = BabyAIEngine(source="generated", protocol="agentboard")
    plain, rng = Plain(level, seed), np.random.default_rng(seed)
    assert engine.reset(bare_task(BabyAISpec(level, seed)), rng, briefed=False) == plain.text()
    for _ in range(steps):
        can, cannot = plain.commands()
        pool = [*can] if rng.random() < 0.7 else [*can, *cannot, *INPUTS]
        command = pool[int(rng.integers(len(pool)))]
        said, expected = engine.step(command).text, plain.act(command)
        # Progress of 1 adds the sentence too; it is the engine's business alone.
        assert said.removesuffix("\n The task is completed.") == expected.removesuffix("\n The task is completed.")
        assert expected.endswith("completed.") <= said.endswith("completed.")


@pytest.mark.parametrize("level", AGENTBOARD_LEVELS[::4])
def test_some_levels(level: str) -> None:
    walk(level, 1234, 15)


@pytest.mark.exhaustive
@pytest.mark.parametrize("level", AGENTBOARD_LEVELS)
def test_all_of_agentboards_worlds(level: str) -> None:
    for seed in SEEDS:
        walk(level, seed, 60)
