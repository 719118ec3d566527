"""Threads in which policies think, while one thread steps all environments."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any


@dataclass(frozen=True, slots=True)
class Thought:
    """What came of one question to a policy: an action, or the exception that it raised.

    Attributes:
        thinker: The thread.
        action: The action; None beside an error.
        error: The exception; None beside an action.
    """

    thinker: Thinker
    action: Any
    error: BaseException | None


class Thoughts:
    """Where thinkers leave what they have thought."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Thought] = SimpleQueue()

    def put(self, thought: Thought) -> None:
        """Leave a thought; called by thinkers."""
        self._queue.put(thought)

    def next(self, timeout: float | None) -> Thought | None:
        """Return the next thought; None if there is none within `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except Empty:
            return None


class Thinker:
    """A thread that asks policies for actions, one at a time.

    It is a daemon: a policy that never returns keeps neither the other episodes nor the end of the program waiting.

    Args:
        thoughts: Where it leaves the actions.
    """

    def __init__(self, thoughts: Thoughts) -> None:
        self._thoughts = thoughts
        self._inbox: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="agemem-policy", daemon=True).start()

    def ask(self, choose: Callable[[], Any]) -> None:
        """Have the thread call `choose` and leave its action."""
        self._inbox.put(choose)

    def dismiss(self) -> None:
        """Have the thread end once it has nothing left to do."""
        self._inbox.put(None)

    def _run(self) -> None:
        while (choose := self._inbox.get()) is not None:
            try:
                thought = Thought(self, choose(), None)
            except BaseException as error:  # the thread that plays the episode decides what it means
                thought = Thought(self, None, error)
            self._thoughts.put(thought)
            del choose, thought  # so that a finished episode is not kept until the next question
