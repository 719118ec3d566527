"""The cassette as an HTTP transport, below the clients of the OpenAI SDK."""

from __future__ import annotations

import json
from typing import Any

import httpx

from agemem_env.services.cassette.cassette import TRANSIENT, Cassette, Exchange


def cassette_client(cassette: Cassette, proxy: str | None = None) -> httpx.Client:
    """Return a blocking HTTP client for the OpenAI SDK's ``http_client=``.

    Args:
        cassette: The cassette.
        proxy: URL of a proxy through which requests go when recording.
    """
    sender = None if cassette.replays else httpx.HTTPTransport(proxy=proxy)
    return httpx.Client(transport=CassetteTransport(cassette, sender))


class CassetteTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Records what passes, or answers from the recording.

    Args:
        cassette: The cassette.
        sync: What sends requests of a blocking client when recording.
        asynchronous: What sends requests of an asynchronous client when recording.
    """

    def __init__(
        self,
        cassette: Cassette,
        sync: httpx.BaseTransport | None = None,
        asynchronous: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._cassette = cassette
        self._sync = sync
        self._async = asynchronous

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send or look up a request."""
        place = self._cassette.begin()
        if self._sync is None:
            return self._replay(place, request)
        response = self._sync.handle_request(request)
        response.read()
        return self._recorded(place, request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send or look up a request."""
        place = self._cassette.begin()
        if self._async is None:
            return self._replay(place, request)
        response = await self._async.handle_async_request(request)
        await response.aread()
        return self._recorded(place, request, response)

    def close(self) -> None:
        """Close what sends."""
        if self._sync is not None:
            self._sync.close()

    async def aclose(self) -> None:
        """Close what sends."""
        if self._async is not None:
            await self._async.aclose()

    def _replay(self, place: tuple[str, int], request: httpx.Request) -> httpx.Response:
        found = self._cassette.find(place[0], request.method, request.url.path, _body(request.content))
        if isinstance(found.response, str):
            return httpx.Response(found.status, text=found.response, request=request)
        return httpx.Response(found.status, json=found.response, request=request)

    def _recorded(self, place: tuple[str, int], request: httpx.Request, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        if status not in TRANSIENT and status < 500:
            path, body = request.url.path, _body(request.content)
            self._cassette.add(Exchange(*place, request.method, path, body, status, _body(response.content)))
        return response


def _body(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
