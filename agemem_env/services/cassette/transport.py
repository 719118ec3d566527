"""The cassette as an HTTP transport, below the clients of the OpenAI SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from agemem_env.services.cassette.cassette import Cassette, Exchange


class CassetteTransport(httpx.BaseTransport):
    """Records what passes, or answers from the recording.

    Args:
        cassette: The cassette.
        sender: What sends requests when recording; None replays.
        acts_on: Whether the client acts on a response of this status and body rather than trying again; None means
            on all of them.
    """

    def __init__(
        self,
        cassette: Cassette,
        sender: httpx.BaseTransport | None = None,
        acts_on: Callable[[int, str], bool] | None = None,
    ) -> None:
        self._cassette = cassette
        self._sender = sender
        self._acts_on = acts_on

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send or look up a request."""
        place = self._cassette.begin()
        if self._sender is None:
            return self._replay(place, request)
        response = self._sender.handle_request(request)
        response.read()
        return self._recorded(place, request, response)

    def close(self) -> None:
        """Close what sends."""
        if self._sender is not None:
            self._sender.close()

    def _replay(self, place: tuple[str, int], request: httpx.Request) -> httpx.Response:
        found = self._cassette.find(place[0], request.method, request.url.path, _body(request.content))
        if isinstance(found.response, str):
            return httpx.Response(found.status, text=found.response, request=request)
        return httpx.Response(found.status, json=found.response, request=request)

    def _recorded(self, place: tuple[str, int], request: httpx.Request, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        if self._acts_on is None or self._acts_on(status, response.text):
            path, body = request.url.path, _body(request.content)
            self._cassette.add(Exchange(*place, request.method, path, body, status, _body(response.content)))
        return response


def _body(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
