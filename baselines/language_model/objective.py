"""Eq. 6 over tokens in PyTorch: a step is a token, its candidates are the vocabulary.

`baselines.grpo.math.objective` is the same for arrays; a test holds both to the same value and gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class TokenObjective:
    """What Eq. 6 gives for some tokens.

    Attributes:
        value: What is maximised, a scalar with a gradient.
        kl: ``KL(policy || reference)`` at each token, exact over the vocabulary; detached.
        entropy: Of the policy at each token; detached.
    """

    value: torch.Tensor
    kl: torch.Tensor
    entropy: torch.Tensor


def token_objective(
    logits: torch.Tensor,
    reference: torch.Tensor | None,
    chosen: torch.Tensor,
    behaviour: torch.Tensor,
    advantages: torch.Tensor,
    weights: torch.Tensor,
    *,
    beta: float = 0.1,
    clip: float | None = None,
) -> TokenObjective:
    """Return ``sum_t w_t [rho_t A_t - beta KL(policy || reference)]``.

    Args:
        logits: Of the policy, shape ``(tokens, vocabulary)``.
        reference: Of the reference policy, the same shape; None leaves the KL term out.
        chosen: The sampled token at each place.
        behaviour: Log-probability with which it was sampled.
        advantages: One per token.
        weights: One per token.
        beta: Weight of the KL term.
        clip: If given, the ratio is clipped to ``1 - clip`` to ``1 + clip``, as in PPO.
    """
    logs = torch.log_softmax(logits, -1)
    ratio = torch.exp(logs.gather(-1, chosen[:, None])[:, 0] - behaviour)
    paid = ratio * advantages
    if clip is not None:
        paid = torch.minimum(paid, ratio.clamp(1 - clip, 1 + clip) * advantages)
    probs = logs.exp()
    versus = torch.zeros_like(logs) if reference is None else logs - torch.log_softmax(reference, -1)
    kl = (probs * versus).sum(-1)
    entropy = -(probs * logs).sum(-1)
    return TokenObjective((weights * (paid - beta * kl)).sum(), kl.detach(), entropy.detach())
