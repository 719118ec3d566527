"""The examples run, where their packages are installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name in ("candidate_net", "ppo", "maskable_ppo"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_an_untrained_network_chooses_among_kinds_and_never_an_empty_slot() -> None:
    torch = pytest.importorskip("torch")
    from candidate_net import CandidateNet, make  # type: ignore[import-not-found]

    env = make("HotpotQA", stages=(3,))
    seen, _ = env.reset(seed=1)
    scores, value = CandidateNet()({name: torch.as_tensor(array).unsqueeze(0) for name, array in seen.items()})
    probs = scores.softmax(-1)[0]
    assert value.shape == (1,)
    assert (probs[torch.as_tensor(seen["mask"]) == 0] == 0).all()
    kinds = torch.as_tensor(seen["candidates"][:, 28:49])
    by_kind = (probs.unsqueeze(0) @ kinds)[0]
    assert torch.allclose(by_kind[by_kind > 0], 1 / (by_kind > 0).sum(), atol=0.05)


@pytest.mark.slow
def test_ppo_improves_on_the_plain_benchmark() -> None:
    pytest.importorskip("torch")
    import ppo  # type: ignore[import-not-found]

    found = ppo.train("HotpotQA", 12_000, stages=(3,))
    assert max(batch.reward for batch in found[-2:]) > found[0].reward + 0.05


@pytest.mark.slow
def test_maskable_ppo_takes_the_wrappers_as_they_are() -> None:
    pytest.importorskip("sb3_contrib")
    import maskable_ppo  # type: ignore[import-not-found]

    assert len(maskable_ppo.train("HotpotQA", 600, stages=(3,), n_steps=32, batch_size=64)) >= 2
