from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=20, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval()


def test_log_probabilities_are_those_of_the_whole_sequence_whatever_the_padding(model: Any) -> None:
    from baselines.language_model.sampling import sample

    prompts = [[1, 2, 3, 4, 5], [6], [7, 8]]
    found = sample(model, prompts, {0}, [9, 9, 9], temperature=0.7, generator=torch.Generator().manual_seed(1))
    for prompt, reply in zip(prompts, found, strict=True):
        whole = torch.tensor([[*prompt, *reply.tokens]])
        logs = torch.log_softmax(model(whole).logits[0].detach().float() / 0.7, -1)
        exact = [float(logs[len(prompt) + i - 1, token]) for i, token in enumerate(reply.tokens)]
        assert reply.logprobs == pytest.approx(exact, abs=1e-5)


def test_a_model_that_never_stops_is_cut_at_its_limit(model: Any) -> None:
    from baselines.language_model.sampling import sample

    found = sample(model, [[1], [2]], set(), [3, 5], generator=torch.Generator().manual_seed(0))
    assert [len(reply.tokens) for reply in found] == [3, 5]
    assert [reply.stop for reply in found] == [None, None]


def test_a_stop_token_at_once_is_an_empty_reply_of_one_token(model: Any) -> None:
    from baselines.language_model.sampling import sample

    (reply,) = sample(model, [[1, 2]], set(range(20)), [5])
    assert (len(reply.tokens), reply.stop) == (1, reply.tokens[0])
