"""One call of a service: attempts, what came of each, and the waits between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from agemem_env.errors import ContextLengthError, ServiceError
from agemem_env.services.openai.connection import Connection
from agemem_env.services.openai.endpoint import Endpoint
from agemem_env.services.openai.failures import ErrorBody, Meaning, meaning, read_error, refused_field
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.openai.retry import RetryRule, asked_wait, is_transient
from agemem_env.services.openai.wire import FailedReplyError

T = TypeVar("T")


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is sent, and how what comes is read.

    Attributes:
        path: Path below the base URL.
        body: The JSON body.
        read: Reads the body of a response; raises ValueError or `FailedReplyError`.
        instead: Returns what stands for a reply that was refused for this reason, or None if the call fails.
        seconds: Seconds that the call may take, or None for the model's own limit.
    """

    path: str
    body: Mapping[str, Any]
    read: Callable[[bytes], T]
    instead: Callable[[Meaning | None, ErrorBody], T | None]
    seconds: float | None = None


class _AgainError(Exception):
    """An attempt failed, but another one may not.

    Args:
        line: What failed and what to check.
        asked: Seconds that the server asks to wait, or None.
    """

    def __init__(self, line: str, asked: float | None = None) -> None:
        super().__init__(line)
        self.asked = asked


class _AmendedError(Exception):
    """A service refused a field of the request.

    Args:
        body: The request as it takes it.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__()
        self.body = body


class Caller:
    """Makes calls by one rule, from many threads at once.

    Args:
        purpose: Who asks, for messages: ``"judge 'openai:m'"``.
        model: Name of the model.
        options: How it is reached.
    """

    def __init__(self, purpose: str, model: str, options: OpenAIOptions) -> None:
        self._purpose = purpose
        self._model = model
        self._options = options
        self._rule = RetryRule(options.attempts, options.first_wait)
        self._rng = np.random.default_rng(options.retry_seed)
        self._drawing = threading.Lock()

    def call(self, question: Question[T], connection: Connection, endpoint: Endpoint) -> T:
        """Return what a question brought.

        Raises:
            ServiceError: If it brought nothing, see the table in `agemem_env.services.openai.client`.
        """
        seconds = self._options.call_seconds
        deadline = time.monotonic() + (seconds if question.seconds is None else min(seconds, question.seconds))
        body = question.body
        failures = 0
        while True:
            timeout = max(0.001, min(self._options.timeout, deadline - time.monotonic()))
            outcome = connection.post(question.path, body, timeout)
            try:
                return self._judge(outcome, question, body, endpoint, timeout)
            except _AmendedError as amended:
                body = amended.body
            except _AgainError as error:
                failures += 1
                time.sleep(self._wait(error, failures, deadline))

    def _judge(
        self,
        outcome: bytes | Exception,
        question: Question[T],
        body: Mapping[str, Any],
        endpoint: Endpoint,
        timeout: float,
    ) -> T:
        """Return what an attempt brought; what may pass is an `_AgainError`."""
        import openai

        error = outcome
        if isinstance(outcome, bytes):
            try:
                return question.read(outcome)
            except (ValueError, FailedReplyError) as found:
                error = found
        assert isinstance(error, Exception), "an attempt ends with a body or an exception"
        refusal: _Refusal | None = None
        if isinstance(error, FailedReplyError):
            refusal = _Refusal(error.status, 400, error.body)  # what it is about is said in the words of a 400
        elif isinstance(error, openai.APIStatusError):
            status, headers = error.status_code, error.response.headers
            refusal = _Refusal(status, status, read_error(error.response.text), asked_wait(headers))
        said = None if refusal is None else refusal.said
        line = f"{self._purpose}: {endpoint.explain(error, self._model, timeout, said)}"
        if refusal is None:
            raise _AgainError(line) from None
        return _refused(line, refusal, question, body)

    def _wait(self, error: _AgainError, failures: int, deadline: float) -> float:
        """Return the seconds to wait before the next attempt.

        Raises:
            ServiceError: If there is no next attempt.
        """
        with self._drawing:
            wait = self._rule.wait(failures, error.asked, self._rng)
        left = deadline - time.monotonic()
        if failures >= self._rule.attempts or left <= 0:
            raise ServiceError(f"{error}, after {failures} attempts") from None
        if wait >= left:
            raise ServiceError(
                f"{error}, after {failures} attempts; the next one would be in {wait:.0f} s, but the call has only "
                f"{left:.0f} s left"
            ) from None
        return wait


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A response that says what went wrong.

    Attributes:
        status: Its status.
        spoken: The status by which its words are understood.
        said: What it says.
        asked: Seconds that it asks to wait, or None.
    """

    status: int
    spoken: int
    said: ErrorBody
    asked: float | None = None


def _refused(line: str, refusal: _Refusal, question: Question[T], body: Mapping[str, Any]) -> T:
    """Return what stands for a reply that the service refused to give."""
    about = meaning(refusal.spoken, refusal.said)
    found = question.instead(about, refusal.said)
    if found is not None:
        return found
    if about == "context":
        advice = "lower max_tokens of the environment or raise the server's limit"
        raise ContextLengthError(f"{line}; {advice}") from None
    if is_transient(refusal.status):
        raise _AgainError(line, refusal.asked) from None
    amended = _amended(body, refused_field(refusal.said)) if about == "parameter" else None
    if amended is not None:
        raise _AmendedError(amended) from None
    if about == "tools" and body.get("tools"):
        line += "; without tool calling, use tool_format='tags'"
    raise ServiceError(line) from None


def _amended(body: Mapping[str, Any], field: str) -> dict[str, Any] | None:
    """Return a request without what newer models refuse, or None if it asks for that on purpose.

    >>> _amended({"temperature": 0, "seed": 1}, "temperature"), _amended({"max_tokens": 9}, "max_tokens")
    ({'seed': 1}, {'max_completion_tokens': 9})
    >>> _amended({"temperature": 0.7}, "temperature") is None
    True
    """
    rest = {name: value for name, value in body.items() if name != field}
    if field == "temperature" and body.get(field) == 0:
        return rest
    if field == "max_tokens" and field in body:
        return {**rest, "max_completion_tokens": body[field]}
    return None
