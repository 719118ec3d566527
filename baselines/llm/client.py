"""The client of every language model behind a service that speaks OpenAI's protocol.

One connection per service and process, shared by all its models; one coroutine per call, so that any number of
episodes may wait at once. `OpenAIModel.chat` blocks and may be called from many threads, `achat` is the same for
coroutines of the background loop.

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
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from agemem_env.cassette import Cassette, active_cassette
from agemem_env.cassette_http import CassetteTransport
from agemem_env.endpoints import KEY_VARIABLE, Endpoint, is_about_tools, is_filtered, is_too_long
from agemem_env.errors import ConfigurationError, ContextLengthError, ReplayMissError, ServiceError
from agemem_env.tokens import make_token_counter
from agemem_env.types import Usage
from baselines.llm.background import run
from baselines.llm.prices import Price, Prices
from baselines.llm.retry import RetryRule, asked_wait, is_transient
from baselines.llm.transport import SpreadTransport
from baselines.llm.types import ChatReply, ChatRequest
from baselines.llm.wire import TokenCounts, chat_body, read_reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@dataclass(frozen=True)
class OpenAIOptions:
    """How a model is reached and asked.

    Attributes:
        base_url: Base URL of the service; None means ``OPENAI_BASE_URL``, else OpenAI itself.
        key_variable: Environment variable that holds the key. The key itself is no option: options are written to
            result files.
        temperature: Sampling temperature; None leaves it to the server, as do the next two.
        top_p: Probability mass sampled from.
        seed: Seed of the server's sampling.
        stop: Texts that end a reply.
        max_tokens: Longest reply, in tokens; None sends no limit.
        extra_body: Further fields of the request, for example ``{"reasoning_effort": "low"}``.
        timeout: Seconds that one attempt may take.
        call_seconds: Seconds that a call may take, all attempts and waits included.
        attempts: How often a call is tried at most.
        first_wait: Longest wait before the second attempt, in seconds, see `RetryRule`.
        concurrency: Requests in flight at once to one service.
        prices: Own prices, see `Prices`.
        retry_seed: Seed of the jitter of waits.
        cassette: Records or replays the calls; None means what ``AGEMEM_CASSETTE`` names.
    """

    base_url: str | None = None
    key_variable: str = KEY_VARIABLE
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: Sequence[str] = ()
    max_tokens: int | None = 2048
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 120.0
    call_seconds: float = 600.0
    attempts: int = RetryRule.attempts
    first_wait: float = RetryRule.first_wait
    concurrency: int = 64
    prices: Mapping[str, Price] | str | None = None
    retry_seed: int = 0
    cassette: Cassette | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ConfigurationError: If one is out of range.
        """
        for name in ("timeout", "call_seconds", "attempts", "first_wait", "concurrency", "max_tokens"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigurationError(f"{name}={value!r} is not allowed; it must be greater than 0")

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields of a request that do not depend on what is asked."""
        given = {name: getattr(self, name) for name in ("temperature", "top_p", "seed", "max_tokens")}
        given["stop"] = list(self.stop) or None
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra_body}


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
        return run(self.achat(request))

    async def achat(self, request: ChatRequest) -> ChatReply:
        """Return the reply; for coroutines of the background loop.

        Raises:
            ServiceError: If there is none.
        """
        start = time.monotonic()
        seconds = self.options.call_seconds
        deadline = start + (seconds if request.seconds is None else min(seconds, request.seconds))
        body = chat_body(request, self._model, self._sampling)
        connection = self._connection()
        failures = 0
        while True:
            try:
                reply, counts = await self._attempt(connection, body, deadline)
            except _AgainError as error:
                failures += 1
                await self._pause(error, failures, deadline)
            else:
                usage = self._usage(request, reply, counts, time.monotonic() - start)
                return replace(reply, usage=usage)

    async def _attempt(
        self, connection: _Connection, body: dict[str, Any], deadline: float
    ) -> tuple[ChatReply, TokenCounts | None]:
        """Make the call once; what may pass is an `_AgainError`."""
        import openai

        async with connection.slots:
            timeout = min(self.options.timeout, deadline - time.monotonic())
            try:
                sending = connection.client.post("/chat/completions", cast_to=httpx.Response, body=body)
                response = await asyncio.wait_for(sending, timeout)
                return read_reply(response.content)
            except asyncio.TimeoutError:
                raise _AgainError(self._line(connection, TimeoutError(), timeout)) from None
            except openai.APIStatusError as error:
                return self._refused(connection, error, "tools" in body), None
            except openai.APIConnectionError as error:
                if isinstance(error.__cause__, ReplayMissError):
                    raise error.__cause__ from None
                raise _AgainError(self._line(connection, error, timeout)) from None
            except ValueError as error:
                raise _AgainError(self._line(connection, error, timeout)) from None

    def _refused(self, connection: _Connection, error: Any, tools: bool) -> ChatReply:
        """Return the empty reply that a content filter stands for; raise everything else."""
        status, code = error.status_code, error.code
        line = self._line(connection, error, self.options.timeout)
        if is_filtered(status, code):
            return ChatReply("", finish_reason="content_filter")
        if is_transient(status):
            raise _AgainError(line, asked_wait(error.response.headers)) from None
        if is_too_long(status, code, str(error)):
            raise ContextLengthError(
                f"{line}; lower max_tokens of the environment or raise the server's limit"
            ) from None
        if tools and is_about_tools(status, str(error)):
            line += "; without tool calling, use tool_format='tags'"
        raise ServiceError(line) from None

    async def _pause(self, error: _AgainError, failures: int, deadline: float) -> None:
        """Wait before the next attempt, or give up."""
        wait = self._rule.wait(failures, error.asked, self._rng)
        left = deadline - time.monotonic()
        if failures >= self._rule.attempts or left <= 0:
            raise ServiceError(f"{error}, after {failures} attempts") from None
        if wait >= left:
            raise ServiceError(
                f"{error}, after {failures} attempts; the next one would be in {wait:.0f} s, but the call has only "
                f"{left:.0f} s left"
            ) from None
        await asyncio.sleep(wait)

    def _line(self, connection: _Connection, error: Exception, timeout: float) -> str:
        return f"model {self.name!r}: {connection.endpoint.explain(error, self._model, timeout)}"

    def _cassette(self) -> Cassette | None:
        return self.options.cassette or active_cassette()

    def _connection(self) -> _Connection:
        options = self.options
        endpoint = Endpoint.find(
            f"model {self.name!r}", options.base_url, options.key_variable, need_key=not self.replays
        )
        return _connect(endpoint, options.concurrency, self._cassette(), os.getpid())

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


@dataclass(frozen=True, eq=False)
class _Connection:
    """A client of the OpenAI SDK and the requests that it may have in flight."""

    endpoint: Endpoint
    client: AsyncOpenAI = field(repr=False)
    slots: asyncio.Semaphore


@cache
def _connect(endpoint: Endpoint, concurrency: int, cassette: Cassette | None, process: int) -> _Connection:
    """Return the connection to a service, one per process; it stays open until the process ends."""
    from openai import AsyncOpenAI

    del process
    transport: httpx.AsyncBaseTransport = SpreadTransport(endpoint.proxy)
    if cassette is not None:
        transport = CassetteTransport(cassette, asynchronous=None if cassette.replays else transport)
    http: Any = httpx.AsyncClient(transport=transport, timeout=None)  # attempts are limited as a whole instead
    client = AsyncOpenAI(
        api_key=endpoint.api_key, base_url=endpoint.base_url, max_retries=0, timeout=None, http_client=http
    )
    return _Connection(endpoint, client, asyncio.Semaphore(concurrency))
