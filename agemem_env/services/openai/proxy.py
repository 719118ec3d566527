"""The proxy that the environment names for an address."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from agemem_env.errors import EndpointError

_NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_VARIABLES = (*_NAMES, *(name.upper() for name in _NAMES))
_SCHEMES = ("http", "https", "socks5", "socks5h")


def find_proxy(purpose: str, url: str) -> str | None:
    """Return the URL of the proxy for an address, or None for a direct connection.

    ``socks://`` is read as ``socks5://``, and no scheme as ``http://``.

    Args:
        purpose: Who asks, for messages.
        url: The address.

    Raises:
        EndpointError: If the proxy cannot be used.
    """
    return _find(purpose, url, tuple(map(os.environ.get, _VARIABLES)))


@lru_cache(maxsize=64)
def _find(purpose: str, url: str, environment: tuple[str | None, ...]) -> str | None:
    del environment  # what is remembered holds as long as it stays the same
    address = urlsplit(url)
    if proxy_bypass(address.hostname or ""):
        return None
    proxies = getproxies()
    for scheme in (address.scheme, "all"):
        given = proxies.get(scheme, "").strip()
        if given:
            return _usable(purpose, _variable(scheme), given)
    return None


def _usable(purpose: str, variable: str, given: str) -> str:
    scheme, found, rest = given.partition("://")
    proxy = f"http://{given}" if not found else f"socks5://{rest}" if scheme.lower() == "socks" else given
    try:
        httpx.Proxy(proxy)
        parts = urlsplit(proxy)
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable or not proxy.isascii() or not proxy.isprintable() or " " in proxy:
        raise EndpointError(
            f"{purpose}: the proxy {_shown(given)!r} in {variable} cannot be used; write http://host:port or "
            "socks5://host:port, or unset it"
        )
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise EndpointError(
            f"{purpose}: the proxy {_shown(given)!r} in {variable} needs the package 'socksio': run "
            "`pip install 'httpx[socks]'`, or unset it"
        )
    return proxy


def _variable(scheme: str) -> str:
    """Return the name of the variable that a proxy comes from."""
    name = f"{scheme}_proxy"
    known = [variable for variable in (name, name.upper()) if os.environ.get(variable)]
    return known[0] if known else "the system's settings"


def _shown(url: str) -> str:
    return re.sub(r"[^/]*@", "", url)
