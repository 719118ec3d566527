from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baselines.integrations.rows import TokenRow

torch = pytest.importorskip("torch")

Build = Callable[..., Any]


def row(prompt: tuple[int, ...], response: tuple[int, ...], mask: tuple[int, ...]) -> TokenRow:
    return TokenRow(prompt, response, mask, None, 0.0, "", 0, 0, (0,))


ROWS = [row((5, 6, 7), (8, 9, 10, 11), (1, 0, 1, 1)), row((5,), (6,), (1,)), row((9, 9), (8, 7, 6), (0, 1, 0))]


def test_logits_of_rows_together_are_those_of_each_alone(build: Build) -> None:
    policy = build()
    together = policy.logits(ROWS)
    expected = []
    for one in ROWS:
        whole = policy.model(input_ids=torch.tensor([[*one.prompt_ids, *one.response_ids]])).logits[0]
        first = len(one.prompt_ids) - 1
        expected += [whole[first + place] for place, kept in enumerate(one.mask) if kept]
    assert torch.allclose(together, torch.stack(expected), atol=1e-5)


def test_microbatches_hold_every_row_once_within_their_size(build: Build) -> None:
    from baselines.language_model.policy import microbatches

    parts = list(microbatches(ROWS, 8))
    assert sorted(place for part in parts for place in part) == [0, 1, 2]
    widths = [max(len(ROWS[i].prompt_ids) + len(ROWS[i].response_ids) for i in part) * len(part) for part in parts]
    assert all(width <= 8 for width in widths) and len(parts) == 3
    assert len(list(microbatches(ROWS, 100))) == 1 and [*microbatches([], 8)] == []


def test_the_reference_stays_while_the_model_moves(build: Build) -> None:
    policy = build()
    policy.freeze_reference()
    before = policy.logits(ROWS).detach()
    with torch.no_grad():
        for weight in policy.trainable():
            weight.add_(0.05)
    assert torch.equal(policy.reference_logits(ROWS), before)
    assert not torch.allclose(policy.logits(ROWS), before)


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")  # of peft, by transformers 5
def test_adapters_alone_are_trained_and_the_reference_is_the_model_without_them(build: Build, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    policy, whole = build(rank=2), build()
    assert sum(w.numel() for w in policy.trainable()) < 0.3 * sum(w.numel() for w in whole.trainable())
    before = policy.logits(ROWS).detach()
    with torch.no_grad():
        for weight in policy.trainable():
            weight.add_(0.05)
    after = policy.logits(ROWS).detach()
    assert torch.allclose(policy.reference_logits(ROWS), before, atol=1e-6) and not torch.allclose(after, before)
    policy.save(tmp_path)
    policy.freeze_reference()
    assert torch.allclose(policy.reference_logits(ROWS), after, atol=1e-5)
    assert torch.allclose(policy.logits(ROWS), after, atol=1e-5)
    from transformers import AutoModelForCausalLM

    kept = AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = torch.tensor([ROWS[1].prompt_ids])
    assert torch.allclose(kept(input_ids=ids).logits[0, -1], after[3], atol=1e-5)
