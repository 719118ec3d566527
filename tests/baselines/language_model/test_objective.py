from __future__ import annotations

import numpy as np
import pytest

from baselines.grpo import math

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("clip", [None, 0.2])
def test_arrays_and_tensors_give_the_same_advantages_value_and_gradient(clip: float | None) -> None:
    from baselines.language_model.objective import token_objective

    rng = np.random.default_rng(3)
    lengths, vocabulary = [3, 1, 4, 2], 7
    total = sum(lengths)
    logits, reference = rng.normal(size=(2, total, vocabulary))
    chosen = rng.integers(vocabulary, size=total)
    advantages = math.to_steps(math.group_advantages([1.0, 0.0, 0.25, 0.5]).values, lengths)
    weights = math.step_weights(lengths)
    starts = np.arange(total) * vocabulary
    logs = math.log_softmax(logits.ravel(), starts)
    behaviour = logs[starts + chosen] + rng.normal(0, 0.3, total)  # the policy has moved since it sampled
    expected = math.objective(
        logs, math.log_softmax(reference.ravel(), starts), starts, starts + chosen, behaviour, advantages, weights,
        beta=0.1, clip=clip,
    )  # fmt: skip
    given = torch.tensor(logits, requires_grad=True)
    found = token_objective(
        given, torch.tensor(reference), torch.tensor(chosen), torch.tensor(behaviour), torch.tensor(advantages),
        torch.tensor(weights), beta=0.1, clip=clip,
    )  # fmt: skip
    found.value.backward()
    assert found.value.item() == pytest.approx(expected.value, abs=1e-9)
    np.testing.assert_allclose(given.grad.numpy().ravel(), expected.gradient, atol=1e-9)
    np.testing.assert_allclose(found.kl.numpy(), expected.kl, atol=1e-9)
    assert expected.clipped.any() == (clip is not None)
