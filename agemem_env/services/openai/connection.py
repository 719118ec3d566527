"""Connections to services: clients of the OpenAI SDK, shared by all models of a service, with bounded concurrency."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx

from agemem_env.errors import ReplayMissError, StorageError
from agemem_env.services.cassette.cassette import Cassette
from agemem_env.services.cassette.transport import CassetteTransport
from agemem_env.services.openai.endpoint import Endpoint
from agemem_env.services.openai.failures import ENDING, meaning, read_error
from agemem_env.services.openai.retry import is_transient
from agemem_env.services.openai.transport import SpreadTransport

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
            transport = CassetteTransport(cassette, None if cassette.replays else transport, _acts_on)
        http: Any = httpx.Client(transport=transport)
        self._client = OpenAI(api_key=endpoint.api_key, base_url=endpoint.base_url, max_retries=0, http_client=http)
        self._slots = threading.Semaphore(concurrency)
        weakref.finalize(self, http.close)

    def post(self, path: str, body: Mapping[str, Any], timeout: float) -> bytes | Exception:
        """Send a request; return the body of the response, or what the SDK raised.

        Args:
            path: Path below the base URL, for example ``/chat/completions``.
            body: The request.
            timeout: Seconds to wait for a place among those in flight, and seconds to wait for the response.

        Raises:
            ReplayMissError: If the cassette has no response.
            StorageError: If the response cannot be recorded.
        """
        import openai

        if not self._slots.acquire(timeout=timeout):
            return TimeoutError("no place among the requests in flight")
        try:
            limit: Any = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_S))
            response = self._client.post(path, cast_to=httpx.Response, body=body, options={"timeout": limit})
            return response.content
        except openai.OpenAIError as error:
            return _outcome(error)
        finally:
            self._slots.release()


def _acts_on(status: int, text: str) -> bool:
    """Whether a response is the end of a call."""
    return not is_transient(status) or meaning(status, read_error(text)) in ENDING


def _outcome(error: Exception) -> Exception:
    """Return an error of the SDK; one of the cassette that it has wrapped is raised as it was."""
    if isinstance(error.__cause__, ReplayMissError | StorageError):
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
