"""How requests leave: an HTTP transport whose cost per request does not grow with the number in flight.

httpx's own pool looks at every connection for every request, which at 64 in flight takes ten times as long as all
the rest of a call. Here each connection has a pool of its own, and the one used last is used next.
"""

from __future__ import annotations

import ssl

import httpx

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)


class SpreadTransport(httpx.AsyncBaseTransport):
    """As many httpx transports as there are requests in flight, each with one connection.

    Responses are read to their end before they are returned, which frees the connection.

    Args:
        proxy: URL of a proxy, or None.
    """

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._idle: list[httpx.AsyncHTTPTransport] = []
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over an idle connection, or over a new one."""
        transport = self._idle.pop() if self._idle else self._new()
        try:
            response = await transport.handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
        finally:
            self._idle.append(transport)
        return response

    async def aclose(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().aclose()

    def _new(self) -> httpx.AsyncHTTPTransport:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()  # takes 20 ms: made once
        return httpx.AsyncHTTPTransport(verify=self._tls, limits=_ONE, proxy=self._proxy)
