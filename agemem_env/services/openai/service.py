"""What encoders, summarisers and judges ask of an OpenAI-compatible service."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agemem_env.errors import ConfigurationError, ReplayMissError, ServiceError
from agemem_env.services.openai.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import OpenAI

_TIMEOUT_S = 60.0


class OpenAIService:
    """A model behind an OpenAI-compatible service, with failures as `ServiceError`.

    A client that the service makes itself is made at the first call and left out of copies and pickles.

    Args:
        model: Name of the model.
        client: The client to ask with; by default one is made from ``OPENAI_API_KEY`` and
            ``OPENAI_BASE_URL``.
        purpose: Who asks, for messages.
    """

    def __init__(self, model: str, client: OpenAI | None, purpose: str) -> None:
        self._model = model
        self._given = client
        self._made: OpenAI | None = None
        self._purpose = purpose

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one embedding per text, shape ``(len(texts), dim)``, as the service gives them.

        Raises:
            ServiceError: If the service fails or returns another number of rows.
        """
        client = self._client()
        with self._failures(client):
            reply = client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
            rows = [item.embedding for item in sorted(reply.data, key=lambda item: item.index)]
            vectors = np.array(rows, np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ServiceError(f"{self._purpose}: sent {len(texts)} texts but got embeddings of shape {vectors.shape}")
        return vectors

    def chat(self, messages: Sequence[tuple[str, str]]) -> str:
        """Return the reply to ``(role, content)`` messages, at temperature 0, stripped.

        Raises:
            ServiceError: If the service fails or the reply has no text.
        """
        client = self._client()
        sent: Any = [{"role": role, "content": content} for role, content in messages]
        with self._failures(client):
            reply = client.chat.completions.create(model=self._model, messages=sent, temperature=0)
            content = reply.choices[0].message.content
        if not content or not content.strip():
            raise ServiceError(f"{self._purpose}: the reply has no text; check that {self._model!r} is a chat model")
        return content.strip()

    def _client(self) -> OpenAI:
        client = self._given or self._made
        if client is None:
            client = self._made = _make_client(self._purpose)
        return client

    @contextmanager
    def _failures(self, client: OpenAI) -> Iterator[None]:
        import openai

        try:
            yield
        except ReplayMissError:
            raise
        except (openai.OpenAIError, AttributeError, TypeError, ValueError, IndexError) as error:
            if isinstance(error.__cause__, ReplayMissError):
                raise error.__cause__ from None
            endpoint = Endpoint(str(client.base_url), client.api_key)
            # The cause is cut off because its own text may repeat the key.
            raise ServiceError(f"{self._purpose}: {endpoint.explain(error, self._model, _TIMEOUT_S)}") from None

    def __deepcopy__(self, memo: dict[int, Any]) -> OpenAIService:
        return OpenAIService(self._model, self._given, self._purpose)

    def __getstate__(self) -> dict[str, Any]:
        if self._given is not None:
            raise ConfigurationError(
                f"{self._purpose} was given a client object, which cannot be pickled; set OPENAI_API_KEY and "
                "OPENAI_BASE_URL instead"
            )
        return {**self.__dict__, "_made": None}


def _make_client(purpose: str) -> OpenAI:
    from openai import OpenAI

    from agemem_env.services.cassette.cassette import active_cassette
    from agemem_env.services.cassette.transport import cassette_client

    cassette = active_cassette()
    replays = cassette is not None and cassette.replays
    endpoint = Endpoint.find(purpose, need_key=not replays)
    options: dict[str, Any] = {} if cassette is None else {"http_client": cassette_client(cassette, endpoint.proxy)}
    client = OpenAI(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url,
        timeout=_TIMEOUT_S,
        max_retries=0 if replays else 2,
        **options,
    )
    if cassette is not None:
        weakref.finalize(client, options["http_client"].close)
    return client
