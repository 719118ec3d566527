"""Models that run in this process, in a cassette: recorded beside what is sent to services, replayed without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agemem_env.services.cassette.cassette import Cassette, Exchange
from agemem_env.services.chat import ChatModel, ChatReply, ChatRequest
from agemem_env.types import Usage

METHOD, PATH = "CALL", "/chat"
"""How calls of such models are called in a cassette."""


class RecordedModel:
    """A model whose replies are recorded, or, without one, come from the recording.

    Args:
        name: Name of the model.
        settings: What its replies depend on beside the request.
        cassette: Records or replays.
        model: The model; None replays.

    Attributes:
        inner: The model; None if there is none.
    """

    def __init__(
        self, name: str, settings: Mapping[str, Any], cassette: Cassette, model: ChatModel | None = None
    ) -> None:
        self.name = name
        self._settings, self._cassette, self.inner = dict(settings), cassette, model

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If the model raises one.
            ReplayMissError: If the cassette has no reply.
        """
        place = self._cassette.begin()
        asked = {
            "model": self.name,
            "settings": self._settings,
            "messages": [dict(message) for message in request.messages],
            "tools": [dict(tool) for tool in request.tools],
        }
        if self.inner is None:
            return _read(self._cassette.find(place[0], METHOD, PATH, asked).response)
        reply = self.inner.chat(request)
        self._cassette.add(Exchange(*place, METHOD, PATH, asked, 200, _written(reply)))
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
