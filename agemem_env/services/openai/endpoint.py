"""Where an OpenAI-compatible service is, and what its failures mean, in one line and without the key."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from agemem_env.errors import ServiceError

OPENAI_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"

_TOO_LONG = re.compile(
    r"context.?length|context.?window|context.?size|maximum.{0,20}tokens|prompt is too long|too many tokens",
    re.IGNORECASE,
)
_FILTERED = frozenset({"content_filter", "content_policy_violation"})
_NO_TOOLS = re.compile(r"tool|function.?call", re.IGNORECASE)


@dataclass(frozen=True)
class Endpoint:
    """Address and key of a service.

    Attributes:
        base_url: Base URL, for example ``"http://localhost:8000/v1"``.
        api_key: The key; in no repr and no message.
        key_variable: Environment variable that the key comes from.
    """

    base_url: str
    api_key: str = field(repr=False)
    key_variable: str = KEY_VARIABLE

    @classmethod
    def find(
        cls, purpose: str, base_url: str | None = None, key_variable: str = KEY_VARIABLE, *, need_key: bool = True
    ) -> Endpoint:
        """Return the endpoint that arguments and environment variables name.

        Args:
            purpose: Who asks, for messages.
            base_url: Base URL; None means ``OPENAI_BASE_URL``, else OpenAI itself.
            key_variable: Environment variable that holds the key.
            need_key: False if nothing will be sent, as in a replay.

        Raises:
            ServiceError: If there is no key.
        """
        key = os.environ.get(key_variable, "")
        if not key and need_key:
            raise ServiceError(
                f"{purpose} needs a key: set {key_variable} (any text for a server of your own) and, for any "
                f"service but OpenAI itself, {URL_VARIABLE}"
            )
        return cls(base_url or os.environ.get(URL_VARIABLE) or OPENAI_URL, key or "none", key_variable)

    @property
    def place(self) -> str:
        """Host and port, without user and password.

        >>> Endpoint("http://me:secret@localhost:8000/v1", "k").place
        'localhost:8000'
        """
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def proxy(self) -> str | None:
        """URL of the proxy that the environment names for this address, or None."""
        address = urlsplit(self.base_url)
        if proxy_bypass(address.hostname or ""):
            return None
        proxies = getproxies()
        return proxies.get(address.scheme) or proxies.get("all")

    def hide_key(self, text: str) -> str:
        """Return a text in which the key is replaced by asterisks."""
        return text.replace(self.api_key, "***") if self.api_key else text

    def explain(self, error: Exception, model: str, timeout_s: float) -> str:
        """Return what failed and what to check, in one line.

        Args:
            error: What the OpenAI client raised, or what reading its reply raised.
            model: Name of the model.
            timeout_s: How long an answer was waited for, in seconds.
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
                hint = f"no answer within {timeout_s:g} s; check the server's load and {URL_VARIABLE}"
            case openai.APIConnectionError():
                hint = f"cannot connect; check {URL_VARIABLE} and the network"
            case openai.InternalServerError():
                hint = "the server failed; try again later or check its log"
            case openai.APIStatusError():
                hint = f"check that the model {model!r} accepts this request"
            case _:
                hint = f"the reply is not that of an OpenAI-compatible service; check {URL_VARIABLE}"
        said = " ".join(self.hide_key(str(error))[:300].split())
        return f"{self.place}: {hint} ({': '.join(filter(None, (type(error).__name__, said)))})"


def is_too_long(status: int, code: object, message: str) -> bool:
    """Whether an error says that the prompt exceeds the model's context.

    >>> is_too_long(400, None, "This model's maximum context length is 4096 tokens")
    True
    """
    return code == "context_length_exceeded" or (status in (400, 413, 422) and bool(_TOO_LONG.search(message)))


def is_filtered(status: int, code: object) -> bool:
    """Whether an error says that a content filter refused the prompt.

    >>> is_filtered(400, "content_filter")
    True
    """
    return status in (400, 403) and code in _FILTERED


def is_about_tools(status: int, message: str) -> bool:
    """Whether an error says that the server cannot use the tools that it was sent.

    >>> is_about_tools(400, "registry/model does not support tools")
    True
    """
    return status in (400, 404, 422, 500, 501) and bool(_NO_TOOLS.search(message))
