"""Where an OpenAI-compatible service is, and what its failures mean, in one line and without the key."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import httpx

from agemem_env.errors import EndpointError
from agemem_env.services.openai.failures import ErrorBody
from agemem_env.services.openai.proxy import find_proxy

OPENAI_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"


@dataclass(frozen=True)
class Endpoint:
    """Address and key of a service.

    Attributes:
        base_url: Base URL, for example ``"http://localhost:8000/v1"``.
        api_key: The key; in no repr and no message.
        key_variable: Environment variable that the key comes from.
        proxy: URL of the proxy that requests go through, or None; may hold a password.
    """

    base_url: str
    api_key: str = field(repr=False)
    key_variable: str = KEY_VARIABLE
    proxy: str | None = field(default=None, repr=False)

    @classmethod
    def find(
        cls, purpose: str, base_url: str | None = None, key_variable: str = KEY_VARIABLE, *, sends: bool = True
    ) -> Endpoint:
        """Return the endpoint that arguments and environment variables name.

        Args:
            purpose: Who asks, for messages.
            base_url: Base URL; None means ``OPENAI_BASE_URL``, else OpenAI itself.
            key_variable: Environment variable that holds the key.
            sends: False if nothing will be sent, as in a replay, which needs neither key nor proxy.

        Raises:
            EndpointError: If the key, the address or the proxy is missing or cannot be used.
        """
        key = os.environ.get(key_variable, "").strip()
        if not key and sends:
            raise EndpointError(
                f"{purpose} needs a key: set {key_variable} (any text for a server of your own) and, for any "
                f"service but OpenAI itself, {URL_VARIABLE}"
            )
        if not key.isascii() or not key.isprintable():
            raise EndpointError(
                f"{purpose}: the key in {key_variable} holds characters that no key has; it must be printable ASCII"
            )
        given = (os.environ.get(URL_VARIABLE) or OPENAI_URL) if base_url is None else base_url
        url = _checked(purpose, given.strip(), URL_VARIABLE if base_url is None else "base_url")
        return cls(url, key or "none", key_variable, find_proxy(purpose, url) if sends else None)

    @property
    def place(self) -> str:
        """Host and port, without user and password.

        >>> Endpoint("http://me:secret@localhost:8000/v1", "k").place
        'localhost:8000'
        """
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def hide_key(self, text: str) -> str:
        """Return a text in which the key is replaced by asterisks."""
        return text.replace(self.api_key, "***") if self.api_key else text

    def explain(self, error: Exception, model: str, timeout_s: float, body: ErrorBody | None = None) -> str:
        """Return what failed and what to check, in one line.

        Args:
            error: What the OpenAI client raised, or what reading its reply raised.
            model: Name of the model.
            timeout_s: How long an answer was waited for, in seconds.
            body: What the service said, if it said anything.
        """
        import openai

        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                # Services like to repeat the key here, so their own words are left out.
                return f"{self.place} refused the key ({error.status_code}); check {self.key_variable}"
            case openai.NotFoundError():
                hint = f"check the model name {model!r} and {URL_VARIABLE}"
            case openai.RateLimitError():
                hint = "check the quota and the rate limit of the account"
            case openai.APITimeoutError() | TimeoutError():
                hint = f"no answer within {timeout_s:.3g} s; check the server's load and {URL_VARIABLE}"
            case openai.APIConnectionError():
                hint = f"cannot connect; check {URL_VARIABLE} and the network"
            case openai.InternalServerError():
                hint = "the server failed; try again later or check its log"
            case openai.APIStatusError() if error.status_code < 400:
                hint = f"the address leads elsewhere ({error.status_code}); check {URL_VARIABLE}"
            case openai.APIStatusError():
                hint = f"check that the model {model!r} accepts this request"
            case _:
                hint = f"the reply is not that of an OpenAI-compatible service; check {URL_VARIABLE}"
        words = body.message if body is not None else str(error)
        said = " ".join(self.hide_key(words)[:300].split())
        return f"{self.place}: {hint} ({': '.join(filter(None, (type(error).__name__, said)))})"


@lru_cache(maxsize=64)
def _checked(purpose: str, url: str, source: str) -> str:
    """Return an address that can be called.

    Raises:
        EndpointError: If it cannot.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        usable = usable and url.isprintable() and " " not in url
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if usable:
        return url
    shown = re.sub(r"//[^@/]*@", "//", url)
    raise EndpointError(
        f"{purpose}: the address {shown!r} in {source} cannot be used; write it like 'http://localhost:8000/v1'"
    )
