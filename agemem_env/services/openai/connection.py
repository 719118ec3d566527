"""Connections to services: clients of the OpenAI SDK, shared by all models of a service, with bounded concurrency."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx

from agemem_env.errors import ReplayMissError
from agemem_env.services.cassette.cassette import Cassette
from agemem_env.services.cassette.transport import CassetteTransport
from agemem_env.services.openai.endpoint import Endpoint
from agemem_env.services.openai.transport import AsyncSpreadTransport, SpreadTransport

_PATH = "/chat/completions"
_CONNECT_S = 15.0

# The SDK's own parsing of replies costs more than all the rest of a call, so that it is asked for the plain response.


class Connection:
    """A service as many threads use it at once. It stays open until the process ends.

    Args:
        endpoint: Address and key.
        concurrency: Requests in flight at once.
        cassette: Records or replays the requests.
    """

    def __init__(self, endpoint: Endpoint, concurrency: int, cassette: Cassette | None) -> None:
        from openai import OpenAI

        transport: httpx.BaseTransport = SpreadTransport(endpoint.proxy)
        if cassette is not None:
            transport = CassetteTransport(cassette, None if cassette.replays else transport)
        http: Any = httpx.Client(transport=transport)
        self._client = OpenAI(api_key=endpoint.api_key, base_url=endpoint.base_url, max_retries=0, http_client=http)
        self._slots = threading.Semaphore(concurrency)
        weakref.finalize(self, http.close)

    def post(self, body: Mapping[str, Any], timeout: float) -> bytes | Exception:
        """Send a request; return the body of the response, or what the SDK raised.

        Args:
            body: The request.
            timeout: Seconds to wait for a place among those in flight, and seconds to wait for the response.

        Raises:
            ReplayMissError: If the cassette has no response.
        """
        import openai

        if not self._slots.acquire(timeout=timeout):
            return TimeoutError("no place among the requests in flight")
        try:
            limit: Any = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_S))
            response = self._client.post(_PATH, cast_to=httpx.Response, body=body, options={"timeout": limit})
            return response.content
        except openai.OpenAIError as error:
            return _outcome(error)
        finally:
            self._slots.release()


class AsyncConnection:
    """A service as the coroutines of one event loop use it.

    Args:
        endpoint: Address and key.
        concurrency: Requests in flight at once.
        cassette: Records or replays the requests.
    """

    def __init__(self, endpoint: Endpoint, concurrency: int, cassette: Cassette | None) -> None:
        from openai import AsyncOpenAI

        transport: httpx.AsyncBaseTransport = AsyncSpreadTransport(endpoint.proxy)
        if cassette is not None:
            transport = CassetteTransport(cassette, asynchronous=None if cassette.replays else transport)
        http: Any = httpx.AsyncClient(transport=transport, timeout=None)  # `post` limits attempts as a whole
        self._client = AsyncOpenAI(
            api_key=endpoint.api_key, base_url=endpoint.base_url, max_retries=0, timeout=None, http_client=http
        )
        self._transport = transport
        self._slots = asyncio.Semaphore(concurrency)

    async def post(self, body: Mapping[str, Any], timeout: float) -> bytes | Exception:
        """Send a request; return the body of the response, or what the SDK raised."""
        import openai

        async with self._slots:
            try:
                sending = self._client.post(_PATH, cast_to=httpx.Response, body=body)
                return (await asyncio.wait_for(sending, timeout)).content
            except asyncio.TimeoutError:
                return TimeoutError()
            except openai.OpenAIError as error:
                return _outcome(error)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def _outcome(error: Exception) -> Exception:
    """Return an error of the SDK; a replay miss that it has wrapped is raised as it was."""
    if isinstance(error.__cause__, ReplayMissError):
        raise error.__cause__ from None
    return error


_making = threading.Lock()


def connect(endpoint: Endpoint, concurrency: int, cassette: Cassette | None) -> Connection:
    """Return the connection of this process to a service."""
    with _making:
        return _connection(endpoint, concurrency, cassette, os.getpid())


@lru_cache(maxsize=64)
def _connection(endpoint: Endpoint, concurrency: int, cassette: Cassette | None, process: int) -> Connection:
    del process  # sockets cannot be shared with a forked process
    return Connection(endpoint, concurrency, cassette)


_of_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, AsyncConnection]]
_of_loop = weakref.WeakKeyDictionary()


def connect_async(endpoint: Endpoint, concurrency: int, cassette: Cassette | None) -> AsyncConnection:
    """Return the connection of the running event loop to a service."""
    known = _of_loop.setdefault(asyncio.get_running_loop(), {})
    key = (endpoint, concurrency, cassette)
    if key not in known:
        known[key] = AsyncConnection(*key)
    return known[key]


async def close_async() -> None:
    """Close all connections of the running event loop."""
    for connection in _of_loop.pop(asyncio.get_running_loop(), {}).values():
        await connection.aclose()
