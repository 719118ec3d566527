"""How requests leave: HTTP transports whose cost per request does not grow with the number in flight.

httpx's own pool looks at every connection for every request, which at 64 in flight takes ten times as long as all
the rest of a call. Here each connection has a pool of its own, and the one used last is used next.
"""

from __future__ import annotations

import ssl
import time
from functools import lru_cache

import httpx

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)


class SpreadTransport(httpx.BaseTransport):
    """As many httpx transports as there are requests in flight, each with one connection; for many threads.

    Responses are read to their end before they are returned, which frees the connection. The read timeout of a
    request limits the whole body, not only the time between two pieces of it.

    Args:
        proxy: URL of a proxy, or None.
    """

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._idle: list[httpx.HTTPTransport] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over an idle connection, or over a new one."""
        try:
            transport = self._idle.pop()  # atomic, which a check before it would not be
        except IndexError:
            transport = httpx.HTTPTransport(verify=_tls(), limits=_ONE, proxy=self._proxy)
        limit = request.extensions.get("timeout", {}).get("read")
        deadline = None if limit is None else time.monotonic() + limit
        try:
            response = transport.handle_request(request)
            try:
                pieces = []
                for piece in response.iter_raw():
                    pieces.append(piece)
                    if deadline is not None and time.monotonic() > deadline:
                        raise httpx.ReadTimeout("the response did not end in time", request=request)
            finally:
                response.close()
        finally:
            self._idle.append(transport)
        return _read(response, b"".join(pieces))

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()


def _read(response: httpx.Response, content: bytes) -> httpx.Response:
    """Return a response whose body, still encoded as it came, has been received."""
    return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(content))


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # takes 20 ms, too long to make one for each connection
