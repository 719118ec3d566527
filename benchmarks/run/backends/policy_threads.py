"""Threads in which policies choose their actions, while one thread steps all environments."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What a policy returned: an action, or the exception that it raised.

    Attributes:
        thread: The thread in which it did.
        action: The action; None beside an error.
        error: The exception; None beside an action.
    """

    thread: PolicyThread
    action: Any
    error: BaseException | None


class Choices:
    """The queue to which policy threads add what their policies chose."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Choice] = SimpleQueue()

    def put(self, choice: Choice) -> None:
        """Add a choice; called by policy threads."""
        self._queue.put(choice)

    def wait(self, timeout: float | None) -> Choice | None:
        """Return the next choice; None if there is none within `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except Empty:
            return None


class PolicyThread:
    """A thread that asks policies for actions, one at a time.

    It is a daemon: a policy that never returns keeps neither the other episodes nor the end of the program waiting.

    Args:
        choices: Where it puts the actions.
    """

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="agemem-policy", daemon=True).start()

    def submit(self, choose: Callable[[], Any]) -> None:
        """Have the thread call `choose` and put its action into the queue."""
        self._calls.put(choose)

    def stop(self) -> None:
        """Have the thread end once it has nothing left to do."""
        self._calls.put(None)

    def _run(self) -> None:
        while (choose := self._calls.get()) is not None:
            try:
                choice = Choice(self, choose(), None)
            except BaseException as error:  # the thread that plays the episode decides what it means
                choice = Choice(self, None, error)
            self._choices.put(choice)
            del choose, choice  # so that a finished episode is not kept until the next call
