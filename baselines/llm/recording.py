"""Models that run in this process, in a cassette: recorded beside what is sent to services, replayed without them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from agemem_env.services.cassette.cassette import Exchange, active_cassette
from agemem_env.services.chat import ChatModel, ChatReply, ChatRequest
from agemem_env.types import Usage

METHOD, PATH = "CALL", "/chat"
"""How calls of such models are called in a cassette."""


class RecordedModel:
    """A model whose replies are recorded while ``AGEMEM_CASSETTE`` says so, and come from the recording in a replay.

    Args:
        name: Name of the model.
        settings: What its replies depend on beside the request.
        load: Returns the model. It is called at once, but for a replay, which needs none.
    """

    def __init__(self, name: str, settings: Mapping[str, Any], load: Callable[[], ChatModel]) -> None:
        self.name = name
        self._settings, self._load = dict(settings), load
        self._inner: ChatModel | None = None
        self._lock = threading.Lock()
        if not self.replays:
            self.inner()

    @property
    def replays(self) -> bool:
        """Whether replies come from a recording."""
        cassette = active_cassette()
        return cassette is not None and cassette.replays

    def inner(self) -> ChatModel:
        """Return the model, which is loaded once."""
        with self._lock:
            if self._inner is None:
                self._inner = self._load()
            return self._inner

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If the model raises one.
            ReplayMissError: If the recording has no reply.
        """
        cassette = active_cassette()
        if cassette is None:
            return self.inner().chat(request)
        place = cassette.begin()
        asked = {
            "model": self.name,
            "settings": self._settings,
            "messages": [dict(message) for message in request.messages],
            "tools": [dict(tool) for tool in request.tools],
        }
        if cassette.replays:
            return _read(cassette.find(place[0], METHOD, PATH, asked).response)
        reply = self.inner().chat(request)
        cassette.add(Exchange(*place, METHOD, PATH, asked, 200, _written(reply)))
        return reply


def _written(reply: ChatReply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": reply.usage.prompt_tokens,
        "completion_tokens": reply.usage.completion_tokens,
    }


def _read(written: Mapping[str, Any]) -> ChatReply:
    usage = Usage(1, written["prompt_tokens"], written["completion_tokens"], 0.0, 0.0)
    return ChatReply(written["text"], (), written["reasoning"], written["finish_reason"], usage)
