"""The options of a model behind a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.services.cassette.cassette import Cassette
from agemem_env.services.checks import check_number, check_object, check_whole, texts
from agemem_env.services.openai.endpoint import KEY_VARIABLE
from agemem_env.services.openai.prices import Price
from agemem_env.services.openai.retry import RetryRule


@dataclass(frozen=True)
class OpenAIOptions:
    """How a model is reached and asked.

    Attributes:
        base_url: Base URL of the service; None means ``OPENAI_BASE_URL``, else OpenAI itself.
        key_variable: Environment variable that holds the key. The key itself is no option: options are written to
            result files.
        temperature: Sampling temperature; None leaves it to the server, as do the next two.
        top_p: Probability mass sampled from.
        seed: Seed of the server's sampling.
        stop: Texts that end a reply; one text alone is taken too.
        max_tokens: Longest reply, in tokens; None sends no limit.
        extra_body: Further fields of the request, for example ``{"reasoning_effort": "low"}``.
        timeout: Seconds that one attempt may take.
        call_seconds: Seconds that a call may take, all attempts and waits included.
        attempts: How often a call is tried at most.
        first_wait: Longest wait before the second attempt, in seconds, see `RetryRule`.
        concurrency: Requests in flight at once to one service.
        prices: Own prices, see `Prices`.
        retry_seed: Seed of the jitter of waits.
        cassette: Records or replays the calls; None means what ``AGEMEM_CASSETTE`` names.
    """

    base_url: str | None = None
    key_variable: str = KEY_VARIABLE
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: Sequence[str] | str = ()
    max_tokens: int | None = 2048
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 120.0
    call_seconds: float = 600.0
    attempts: int = RetryRule.attempts
    first_wait: float = RetryRule.first_wait
    concurrency: int = 64
    prices: Mapping[str, Price] | str | None = None
    retry_seed: int = 0
    cassette: Cassette | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigurationError: If one is out of range or of another type.
        """
        for name in ("base_url", "key_variable"):
            if not isinstance(getattr(self, name), (str, type(None))):
                raise ConfigurationError(f"{name}={getattr(self, name)!r} is not allowed; it must be a text")
        for name in ("timeout", "call_seconds", "first_wait"):
            if getattr(self, name) is None:
                raise ConfigurationError(f"{name}=None is not allowed; it must be a number greater than 0")
            check_number(name, getattr(self, name), above=True)
        check_number("temperature", self.temperature)
        check_number("top_p", self.top_p, above=True, most=1)
        for name in ("attempts", "concurrency", "max_tokens"):
            check_whole(name, getattr(self, name))
        check_whole("seed", self.seed, least=None)
        check_whole("retry_seed", self.retry_seed, least=0)
        check_object("extra_body", self.extra_body)
        object.__setattr__(self, "stop", texts("stop", self.stop))

    @classmethod
    def of(cls, kind: str, given: Mapping[str, Any], **defaults: Any) -> OpenAIOptions:
        """Return the options that are given by name.

        Args:
            kind: What has them, for messages.
            given: Options by name.
            **defaults: What holds for this kind unless it is given.

        Raises:
            ConfigurationError: If a name is unknown or a value is not allowed.

        >>> OpenAIOptions.of("judge", {"max_tokens": 9}, temperature=0).sampling
        {'temperature': 0, 'max_tokens': 9}
        """
        allowed = [field.name for field in fields(cls)]
        for name in given:
            if name not in allowed:
                raise unknown_name(f"option of {kind}", name, allowed)
        return cls(**{**defaults, **given})

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields of a request that do not depend on what is asked."""
        given = {name: getattr(self, name) for name in ("temperature", "top_p", "seed", "max_tokens")}
        given["stop"] = list(self.stop) or None
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra_body}
