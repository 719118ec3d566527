"""The client of every language model behind a service that speaks OpenAI's protocol.

One set of connections per service and process, shared by all its models. A call is a generator that says what to
send and how long to wait and does neither itself; `OpenAIModel.chat` carries it out in the thread that calls it, of
which there may be many, `OpenAIModel.achat` in a coroutine.

What goes wrong, and what comes of it. "Again" means another attempt after `RetryRule.wait`, as long as attempts and
the call's time last; after that the call fails. A call that fails raises `ServiceError`, which ends the episode: it
is a row with an error, in no average, and is played again by ``--resume``.

| what happens | again | in the end |
|---|---|---|
| status 408, 409, 429 or 5xx; `Retry-After` (seconds or a date) is kept | yes | fails |
| `Retry-After` beyond the call's time | no | fails at once |
| no connection, or one that is cut | yes | fails |
| no answer within `timeout` | yes | fails |
| a body that is not JSON, or ends early | yes | fails |
| a reply without a choice | yes | fails |
| status 401 or 403; 404; other 4xx | no | fails |
| a prompt beyond the model's context | no | fails with `ContextLengthError` |
| a content filter, as status 400 or as `finish_reason` | no | a reply with what text there is and `finish_reason="content_filter"`; the agent has done nothing and the environment counts it |
| a refusal by the model | no | its words are the text of the reply |
| an empty reply | no | a reply without text; the environment counts an empty action |
| a reply cut at `max_tokens` | no | a reply with `finish_reason="length"`, as far as it goes |
| a request that is not in the cassette | no | fails with `ReplayMissError` |
"""  # noqa: E501 - rows of a table

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from agemem_env.errors import ContextLengthError, ServiceError
from agemem_env.services.cassette.cassette import Cassette, active_cassette
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.services.openai.connection import connect, connect_async
from agemem_env.services.openai.endpoint import Endpoint, is_about_tools, is_filtered, is_too_long
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.openai.prices import Prices
from agemem_env.services.openai.retry import RetryRule, asked_wait, is_transient
from agemem_env.services.openai.wire import TokenCounts, chat_body, read_reply
from agemem_env.services.tokens import make_token_counter
from agemem_env.types import Usage

__all__ = ["OpenAIModel", "OpenAIOptions"]


@dataclass(frozen=True, slots=True)
class _Send:
    """Send the body; answered with the response's content, or with what the SDK raised."""

    timeout: float


@dataclass(frozen=True, slots=True)
class _Wait:
    """Wait for some seconds; answered with None."""

    seconds: float


_Call = Generator["_Send | _Wait", "bytes | Exception | None", ChatReply]


class OpenAIModel:
    """A chat model behind a service that speaks OpenAI's protocol: hosted, vLLM, Ollama, llama.cpp and others.

    Args:
        model: Name of the model.
        options: How it is reached and asked.
    """

    def __init__(self, model: str, options: OpenAIOptions | None = None) -> None:
        self.name = f"openai:{model}"
        self.options = options or OpenAIOptions()
        self._model = model
        self._sampling = self.options.sampling
        self._rule = RetryRule(self.options.attempts, self.options.first_wait)
        self._rng = np.random.default_rng(self.options.retry_seed)
        self._drawing = threading.Lock()
        self._prices = Prices(self.options.prices)

    def __repr__(self) -> str:
        return f"OpenAIModel({self._model!r})"

    @property
    def replays(self) -> bool:
        """Whether replies come from a cassette, so that nothing is sent."""
        cassette = self._cassette()
        return cassette is not None and cassette.replays

    def hasty(self) -> OpenAIModel:
        """Return the same model, which is tried twice at most."""
        return OpenAIModel(self._model, replace(self.options, attempts=min(2, self.options.attempts)))

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If there is none, see the table in the module's description.
        """
        endpoint = self._endpoint()
        connection = connect(endpoint, self.options.concurrency, self._cassette())
        body = chat_body(request, self._model, self._sampling)
        call = self._call(request, endpoint)
        step = next(call)
        try:
            while True:
                if isinstance(step, _Send):
                    step = call.send(connection.post(body, step.timeout))
                else:
                    time.sleep(step.seconds)
                    step = next(call)
        except StopIteration as end:
            reply: ChatReply = end.value
            return reply

    async def achat(self, request: ChatRequest) -> ChatReply:
        """Return the reply without blocking the event loop, which ends with `close_async`.

        Raises:
            ServiceError: If there is none.
        """
        endpoint = self._endpoint()
        connection = connect_async(endpoint, self.options.concurrency, self._cassette())
        body = chat_body(request, self._model, self._sampling)
        call = self._call(request, endpoint)
        step = next(call)
        try:
            while True:
                if isinstance(step, _Send):
                    step = call.send(await connection.post(body, step.timeout))
                else:
                    await asyncio.sleep(step.seconds)
                    step = next(call)
        except StopIteration as end:
            reply: ChatReply = end.value
            return reply

    def _call(self, request: ChatRequest, endpoint: Endpoint) -> _Call:
        """Make a call: send, judge what came of it, wait, and so on, until there is a reply or no hope of one."""
        start = time.monotonic()
        seconds = self.options.call_seconds
        deadline = start + (seconds if request.seconds is None else min(seconds, request.seconds))
        failures = 0
        while True:
            timeout = max(0.001, min(self.options.timeout, deadline - time.monotonic()))
            outcome = yield _Send(timeout)
            try:
                reply, counts = self._read(outcome, bool(request.tools), endpoint, timeout)
            except _AgainError as error:
                failures += 1
                wait = self._wait(error, failures, deadline)
            else:
                return replace(reply, usage=self._usage(request, reply, counts, time.monotonic() - start))
            yield _Wait(wait)

    def _read(
        self, outcome: bytes | Exception | None, tools: bool, endpoint: Endpoint, timeout: float
    ) -> tuple[ChatReply, TokenCounts | None]:
        """Return the reply that an attempt brought; what may pass is an `_AgainError`."""
        import openai

        error = outcome
        if isinstance(outcome, bytes):
            try:
                return read_reply(outcome)
            except ValueError as found:
                error = found
        assert isinstance(error, Exception), "an attempt ends with a body or an exception"
        line = f"model {self.name!r}: {endpoint.explain(error, self._model, timeout)}"
        if not isinstance(error, openai.APIStatusError):
            raise _AgainError(line) from None
        status, code = error.status_code, error.code
        if is_filtered(status, code):
            return ChatReply("", finish_reason="content_filter"), None
        if is_transient(status):
            raise _AgainError(line, asked_wait(error.response.headers)) from None
        if is_too_long(status, code, str(error)):
            advice = "lower max_tokens of the environment or raise the server's limit"
            raise ContextLengthError(f"{line}; {advice}") from None
        if tools and is_about_tools(status, str(error)):
            line += "; without tool calling, use tool_format='tags'"
        raise ServiceError(line) from None

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

    def _cassette(self) -> Cassette | None:
        return self.options.cassette or active_cassette()

    def _endpoint(self) -> Endpoint:
        options = self.options
        return Endpoint.find(f"model {self.name!r}", options.base_url, options.key_variable, need_key=not self.replays)

    def _usage(self, request: ChatRequest, reply: ChatReply, counts: TokenCounts | None, seconds: float) -> Usage:
        """Return what a call cost; tokens that the server does not report are estimated and have no price."""
        if counts is None:
            sent = sum(_COUNTER.count(json.dumps(message)) for message in request.messages)
            return Usage(1, sent, _COUNTER.count(json.dumps(reply.message())), None, seconds)
        price = self._prices.price(
            self._model, prompt=counts.prompt, completion=counts.completion, cached=counts.cached
        )
        return Usage(1, counts.prompt, counts.completion, price, seconds)


_COUNTER = make_token_counter("estimate")


class _AgainError(Exception):
    """An attempt failed, but another one may not.

    Args:
        line: What failed and what to check.
        asked: Seconds that the server asks to wait, or None.
    """

    def __init__(self, line: str, asked: float | None = None) -> None:
        super().__init__(line)
        self.asked = asked
