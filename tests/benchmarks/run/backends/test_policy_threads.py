from __future__ import annotations

import threading

import pytest

from benchmarks.run.backends.policy_threads import Choices, PolicyThread


def test_a_choice_is_the_action_or_the_error_of_its_thread() -> None:
    choices = Choices()
    thread = PolicyThread(choices)
    thread.submit(lambda: "north")
    first = choices.wait(10)
    assert first is not None
    assert (first.thread, first.action, first.error) == (thread, "north", None)
    thread.submit(lambda: {}["missing"])
    second = choices.wait(10)
    assert second is not None
    assert isinstance(second.error, KeyError)
    thread.stop()


def test_nothing_within_the_time_is_none() -> None:
    assert Choices().wait(0.01) is None


def test_a_thread_ends_after_what_it_was_given_before() -> None:
    choices, seen = Choices(), list[threading.Thread]()
    thread = PolicyThread(choices)
    thread.submit(lambda: seen.append(threading.current_thread()))
    thread.stop()
    assert choices.wait(10) is not None
    seen[0].join(10)
    assert not seen[0].is_alive()


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt()])
def test_no_exception_ends_the_thread(error: BaseException) -> None:
    def fail() -> None:
        raise error

    choices = Choices()
    thread = PolicyThread(choices)
    thread.submit(fail)
    first = choices.wait(10)
    assert first is not None
    assert first.error is error
    thread.submit(lambda: 1)
    assert choices.wait(10) is not None
