"""Counts what the calls of one episode cost, and limits their time."""

from __future__ import annotations

import time
from dataclasses import replace

from agemem_env.errors import ServiceError
from agemem_env.services.chat import ChatModel, ChatReply, ChatRequest, Purpose
from agemem_env.types import Usage


class Meter:
    """A chat model that counts the calls of another one, episode by episode.

    Args:
        model: The model that answers.
        episode_seconds: Seconds that an episode may take from `start` on; None means no limit.
    """

    def __init__(self, model: ChatModel, episode_seconds: float | None = None) -> None:
        self.name = model.name
        self.usage: dict[Purpose, Usage] = {}
        self._model = model
        self._limit = episode_seconds
        self._started = time.monotonic()

    @property
    def total(self) -> Usage:
        """What all calls since `start` cost."""
        return sum(self.usage.values(), Usage())

    def start(self) -> None:
        """Begin a new episode."""
        self.usage = {}
        self._started = time.monotonic()

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply and count it.

        Raises:
            ServiceError: If the model fails or the episode's time is over.
        """
        if self._limit is not None:
            left = self._started + self._limit - time.monotonic()
            if left <= 0:
                raise ServiceError(f"model {self.name!r}: the episode's {self._limit:g} s are over")
            request = replace(request, seconds=left if request.seconds is None else min(left, request.seconds))
        reply = self._model.chat(request)
        self.usage[request.purpose] = self.usage.get(request.purpose, Usage()) + reply.usage
        return reply
