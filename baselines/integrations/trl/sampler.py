"""Turns sampled from the vLLM server that `AsyncGRPOTrainer` keeps up to date."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from agemem_env.errors import ServiceError
from baselines.integrations.rows import Generation, Messages


class PromptRefusedError(ServiceError):
    """The server refused a prompt, as it does where the prompt is too long; the episode is scored as it stands."""


class VLLMSampler:
    """Samples turns from the server that `AsyncGRPOTrainer` keeps up to date, token ids in and out.

    Args:
        tokenizer: A tokenizer with a chat template that repeats the assistant's turns as they are.
        model: Name of the model at the server.
        url: The server's address.
        attempts: How often a request is sent where the server is gone or fails.
        patience: Seconds to wait for an answer.
        **sampling: Further fields of vLLM's completion request, such as ``temperature`` and ``max_tokens``.
    """

    def __init__(
        self,
        tokenizer: Any,
        model: str,
        url: str = "http://localhost:8000",
        *,
        attempts: int = 10,
        patience: float = 120.0,
        **sampling: Any,
    ) -> None:
        self._attempts, self._patience = attempts, patience
        self._tokenizer, self._url = tokenizer, f"{url.rstrip('/')}/v1/completions"
        self._request = {"max_tokens": 512, **sampling, "model": model, "n": 1, "return_token_ids": True, "logprobs": 0}

    async def __call__(self, messages: Messages, tools: Sequence[Mapping[str, Any]]) -> Generation:
        """Return the model's turn.

        Raises:
            PromptRefusedError: If the server refuses the prompt.
        """
        prompt = self._tokenizer.apply_chat_template(
            list(messages), tools=list(tools) or None, add_generation_prompt=True, return_dict=False
        )
        choice = await self._ask({**self._request, "prompt": prompt, "seed": secrets.randbits(63)})
        ids, logprobs = choice["token_ids"], choice["logprobs"]["token_logprobs"]
        text = self._tokenizer.decode(ids, skip_special_tokens=True)
        return Generation(text, tuple(prompt), tuple(ids), tuple(logprobs))

    async def _ask(self, request: Mapping[str, Any]) -> Any:
        """Return the server's choice; a server that is gone for a while, as where weights change, is asked again."""
        problem: object = None
        for attempt in range(self._attempts):
            try:
                async with httpx.AsyncClient(timeout=self._patience) as client:
                    answer = await client.post(self._url, json=dict(request))
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.is_success:
                    return answer.json()["choices"][0]
                problem = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code in (400, 413, 422):
                    raise PromptRefusedError(f"{self._url} refused a prompt: {problem}")
                if answer.status_code < 500 and answer.status_code != 429:
                    raise ServiceError(f"{self._url} refused a request: {problem}")
            await asyncio.sleep(min(2.0**attempt, 16.0) if attempt + 1 < self._attempts else 0)
        raise ServiceError(f"{self._url} did not answer {self._attempts} times, at last: {problem}")
