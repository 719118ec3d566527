"""The one client of every service that speaks OpenAI's protocol.

Policies, memory systems, judges, summarisers and encoders use it. One set of connections per service and process,
shared by all its models. `OpenAIModel.chat` and `OpenAIModel.embed` run in the thread that calls them, of which there
may be many.

What goes wrong, and what comes of it. "Again" means another attempt after `RetryRule.wait`, as long as attempts and
the call's time last; after that the call fails. A call that fails raises `ServiceError`, which ends the episode: it
is a row with an error, in no average, and is played again by ``--resume``. A judge's failure alone leaves its part of the
score open instead, which the row counts.

| what happens | again | in the end |
|---|---|---|
| status 408, 409, 429 or 5xx; `Retry-After` (seconds or a date) is kept | yes | fails |
| `Retry-After` beyond the call's time | no | fails at once |
| no connection, or one that is cut | yes | fails |
| no answer within `timeout` | yes | fails |
| a body that is not JSON, ends early, or has a form without a unique meaning | yes | fails |
| a reply without a choice; embeddings that are not one per text | yes | fails |
| status 200 with an `error`, or with `finish_reason` `error`, `abort` or `network_error` | yes | fails |
| status 401 or 403; 404; other 4xx | no | fails |
| a prompt beyond the model's context | no | fails with `ContextLengthError` |
| `temperature=0` is refused, as by reasoning models | at once, without it | |
| `max_tokens` is refused, as by reasoning models | at once, as `max_completion_tokens` | |
| a tool call that the server could not read, as status 400 or 500 or as `finish_reason` | no | a reply with the text that the server tells and `finish_reason="malformed_call"`; the environment counts a malformed call |
| a content filter, as status 400 or as `finish_reason` | no | a reply with what text there is and `finish_reason="content_filter"`; the agent has done nothing and the environment counts it |
| a refusal by the model | no | its words are the text of the reply |
| an empty reply | no | a reply without text; the environment counts an empty action; of a judge or summariser a failure |
| a reply cut at `max_tokens` | no | a reply with `finish_reason="length"`, as far as it goes |
| a request that is not in the cassette | no | fails with `ReplayMissError` |
| no key, or a key, address or proxy that cannot be used | nothing is sent | fails with `EndpointError`, a judge too |
"""  # noqa: E501 - rows of a table

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agemem_env.errors import ServiceError
from agemem_env.services.cassette.cassette import Cassette, active_cassette
from agemem_env.services.chat import MALFORMED_CALL, ChatReply, ChatRequest, Purpose
from agemem_env.services.costs import charge
from agemem_env.services.openai.calls import Caller, Question
from agemem_env.services.openai.connection import connect
from agemem_env.services.openai.endpoint import Endpoint
from agemem_env.services.openai.failures import ErrorBody, Meaning
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.openai.prices import Prices
from agemem_env.services.openai.vectors import embedding_body, read_vectors
from agemem_env.services.openai.wire import TokenCounts, chat_body, read_reply
from agemem_env.services.tokens import make_token_counter
from agemem_env.types import Usage

__all__ = ["OpenAIModel", "OpenAIOptions"]

T = TypeVar("T")


class OpenAIModel:
    """A model behind a service that speaks OpenAI's protocol: hosted, vLLM, Ollama, llama.cpp and others.

    What a call costs is in its reply, and is charged to whoever opened an account with
    `agemem_env.services.costs.charged_to`. Copies and pickles hold name and options alone.

    Args:
        model: Name of the model.
        options: How it is reached and asked.
        role: What it is used as, for messages.
    """

    def __init__(self, model: str, options: OpenAIOptions | None = None, role: str = "model") -> None:
        self.name = f"openai:{model}"
        self.options = options or OpenAIOptions()
        self._model = model
        self._role = role
        self._purpose = f"{role} {self.name!r}"
        self._caller = Caller(self._purpose, model, self.options)
        self._prices = Prices(self.options.prices)

    def __repr__(self) -> str:
        return f"OpenAIModel({self._model!r})"

    def __reduce__(self) -> tuple[Callable[..., OpenAIModel], tuple[Any, ...]]:
        return OpenAIModel, (self._model, self.options, self._role)

    @property
    def replays(self) -> bool:
        """Whether replies come from a cassette, so that nothing is sent."""
        cassette = self._cassette()
        return cassette is not None and cassette.replays

    def hasty(self) -> OpenAIModel:
        """Return the same model, which is tried twice at most."""
        return OpenAIModel(self._model, replace(self.options, attempts=min(2, self.options.attempts)), self._role)

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If there is none, see the table in the module's description.
        """
        start = time.monotonic()
        body = chat_body(request, self._model, self.options.sampling)
        question = Question("/chat/completions", body, read_reply, _reply_instead, request.seconds)
        reply, counts = self._ask(question)
        if counts is None:
            sent = [json.dumps(message) for message in request.messages]
            usage = self._estimate(sent, json.dumps(reply.message()), start)
        else:
            usage = self._usage(counts, start)
        charge(request.purpose, usage)
        return replace(reply, usage=usage)

    def say(self, messages: Sequence[tuple[str, str]], purpose: Purpose) -> str:
        """Return the text of the reply to ``(role, content)`` messages, without its reasoning, stripped.

        Raises:
            ServiceError: If there is no reply or it has no text.
        """
        sent = [{"role": role, "content": content} for role, content in messages]
        reply = self.chat(ChatRequest(sent, purpose=purpose))
        if not reply.text.strip():
            raise ServiceError(
                f"{self._purpose}: the reply has no text (finish_reason {reply.finish_reason!r}); check that "
                f"{self._model!r} is a chat model and that max_tokens leaves room for its reasoning"
            )
        return reply.text.strip()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one embedding per text, shape ``(len(texts), dim)``, as the service gives them.

        Raises:
            ServiceError: If there are none, see the table in the module's description.
        """
        start = time.monotonic()
        body = embedding_body(texts, self._model, self.options.extra_body)
        question = Question("/embeddings", body, lambda content: read_vectors(content, len(texts)), _nothing)
        vectors, counts = self._ask(question)
        charge("embedding", self._estimate(texts, "", start) if counts is None else self._usage(counts, start))
        return vectors

    def _ask(self, question: Question[T]) -> T:
        options, cassette = self.options, self._cassette()
        sends = cassette is None or not cassette.replays
        endpoint = Endpoint.find(self._purpose, options.base_url, options.key_variable, sends=sends)
        return self._caller.call(question, connect(endpoint, options.concurrency, cassette), endpoint)

    def _cassette(self) -> Cassette | None:
        return self.options.cassette or active_cassette()

    def _usage(self, counts: TokenCounts, start: float) -> Usage:
        """Return what a call cost whose tokens the server has counted."""
        price = self._prices.price(
            self._model, prompt=counts.prompt, completion=counts.completion, cached=counts.cached
        )
        return Usage(1, counts.prompt, counts.completion, price, time.monotonic() - start)

    def _estimate(self, sent: Sequence[str], received: str, start: float) -> Usage:
        """Return what a call cost whose tokens nobody has counted: they are estimated and have no price."""
        prompt = sum(_COUNTER.count(text) for text in sent)
        return Usage(1, prompt, _COUNTER.count(received), None, time.monotonic() - start)


_COUNTER = make_token_counter("estimate")


def _reply_instead(about: Meaning | None, said: ErrorBody) -> tuple[ChatReply, TokenCounts | None] | None:
    """Return the reply that a refusal stands for, or None if it is a failure."""
    if about == "filter":
        return ChatReply("", finish_reason="content_filter"), None
    if about == "malformed_call":
        return ChatReply(said.generation, finish_reason=MALFORMED_CALL), None
    return None


def _nothing(about: Meaning | None, said: ErrorBody) -> None:
    return None
