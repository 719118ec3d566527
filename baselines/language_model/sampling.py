"""Draws replies for many prompts at once, with the log-probabilities under which they were drawn."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Sampled:
    """A reply.

    Attributes:
        tokens: At least one; the stop token is the last if there is one.
        logprobs: Of each token, at the temperature at which it was drawn.
        stop: The stop token; None if the length ended the reply.
    """

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    stop: int | None


def sample(
    model: Any,
    prompts: Sequence[Sequence[int]],
    stops: Collection[int],
    limits: Sequence[int],
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> list[Sampled]:
    """Draw one reply to each prompt; the prompts are padded at their left.

    Args:
        model: A causal language model.
        prompts: Their tokens.
        stops: Tokens that end a reply.
        limits: Most tokens of each reply, from 1 on.
        temperature: Divides the logits.
        generator: Draws, on the CPU; None takes the most probable token.
    """
    width, device = max(map(len, prompts)), next(model.parameters()).device
    tokens = torch.tensor([[0] * (width - len(p)) + list(p) for p in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=device)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    drawn: list[list[int]] = [[] for _ in prompts]
    logprobs: list[list[float]] = [[] for _ in prompts]
    going, cache = [True] * len(prompts), None
    takes = inspect.signature(model.forward).parameters  # transformers 5 has renamed what it takes
    kept = "cache" if "cache" in takes else "past_key_values"
    with torch.no_grad():
        while any(going):
            found = model(
                tokens, attention_mask=mask, position_ids=places, use_cache=True, logits_to_keep=1, **{kept: cache}
            )
            cache = found[kept]
            logs = torch.log_softmax(found.logits[:, -1].float().cpu() / temperature, -1)
            picked = (
                logs.argmax(-1) if generator is None else torch.multinomial(logs.exp(), 1, generator=generator)[:, 0]
            )
            for i, token in enumerate(picked.tolist()):
                if going[i]:
                    drawn[i].append(token)
                    logprobs[i].append(float(logs[i, token]))
                    going[i] = token not in stops and len(drawn[i]) < limits[i]
            tokens, places = picked[:, None].to(device), places[:, -1:] + 1
            mask = torch.cat([mask, mask.new_ones(len(prompts), 1)], -1)
    return [
        Sampled(tuple(own), tuple(logs_), own[-1] if own[-1] in stops else None)
        for own, logs_ in zip(drawn, logprobs, strict=True)
    ]
