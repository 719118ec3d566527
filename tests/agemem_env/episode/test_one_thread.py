"""Two threads in one environment are told."""

from __future__ import annotations

import threading
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ConcurrentUseError


class Waiting:
    """A token counter that can be stopped."""

    name = "waiting"

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.stops = False

    def count(self, text: str) -> int:
        if self.stops:
            self.inside.set()
            self.go_on.wait(10)
        return len(text)


def test_a_second_thread_is_refused_and_the_first_goes_on() -> None:
    counter: Any = Waiting()
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", token_counter=counter, max_tokens=10**6).unwrapped
    env.reset(seed=0)
    counter.stops = True
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(env.step("a text of its own")))
    thread.start()
    assert counter.inside.wait(10)
    for call in (lambda: env.step("another"), lambda: env.reset()):
        with pytest.raises(ConcurrentUseError, match=r"was called while the same environment was in step\(\)"):
            call()
    counter.stops = False
    counter.go_on.set()
    thread.join()
    assert done[0][0]["round"] == 1
    assert env.step("again")[0]["round"] == 2
