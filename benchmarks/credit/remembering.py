"""A model that is asked nothing twice: episodes that begin alike share their beginning."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from functools import cached_property

from agemem_env.services.chat import ChatModel, ChatReply, ChatRequest
from benchmarks.run.models import Access
from benchmarks.specs import RunSpec


class RememberingModel:
    """Gives a request that was made in an earlier episode the reply that it got there.

    Equal requests of one episode are told apart by their order.

    Args:
        model: The model that is asked what is new.
    """

    def __init__(self, model: ChatModel) -> None:
        self.name = model.name
        self._model = model
        self._replies: dict[tuple[str, int], ChatReply] = {}
        self._asked: Counter[str] = Counter()

    def begin(self) -> None:
        """Begin an episode."""
        self._asked.clear()

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If the model has none.
        """
        text = json.dumps({**asdict(request), "seconds": None}, sort_keys=True)
        key = (text, self._asked[text])
        self._asked[text] += 1
        if key not in self._replies:
            self._replies[key] = self._model.chat(request)
        return self._replies[key]


class RememberingAccess(Access):
    """Reaches the model of an episode, which is asked nothing twice however often the episode is played."""

    @cached_property
    def _made(self) -> dict[str, RememberingModel]:
        return {}

    def model(self, spec: RunSpec) -> ChatModel:
        """Return the model that plays; it begins another episode."""
        if spec.config_hash not in self._made:
            self._made[spec.config_hash] = RememberingModel(super().model(spec))
        self._made[spec.config_hash].begin()
        return self._made[spec.config_hash]
