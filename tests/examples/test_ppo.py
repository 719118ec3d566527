"""PPO in one file and MaskablePPO on a menu: they run, and they learn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name in ("candidate_net", "ppo", "maskable_ppo"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def _seen(env: Any) -> Any:
    import torch

    seen, _ = env.reset(seed=1)
    return {name: torch.as_tensor(array).unsqueeze(0) for name, array in seen.items()}


def test_an_untrained_network_chooses_among_kinds_and_never_an_empty_slot() -> None:
    torch = pytest.importorskip("torch")
    from candidate_net import CandidateNet, make  # type: ignore[import-not-found]

    seen = _seen(make("HotpotQA", stages=(3,)))
    scores, value = CandidateNet()(seen)
    probs = scores.softmax(-1)[0]
    assert value.shape == (1,)
    assert (probs[seen["mask"][0] == 0] == 0).all()
    by_kind = probs @ seen["candidates"][0, :, 28:49]
    assert torch.allclose(by_kind[by_kind > 0], 1 / (by_kind > 0).sum(), atol=1e-4)


def test_scores_are_the_same_row_by_row_and_for_all_rows() -> None:
    torch = pytest.importorskip("torch")
    from candidate_net import CandidateNet, make

    one, other = _seen(make("HotpotQA")), _seen(make("HotpotQA", stages=(3,)))
    both = {name: torch.cat([one[name], other[name]]) for name in one}
    net = CandidateNet()
    torch.nn.init.normal_(net.own.weight)
    for found, first, second in zip(net(both, torch.tensor([1, 0])), net(one), net(other), strict=True):
        assert torch.allclose(found, torch.cat([second, first]), atol=1e-5)


def test_a_clone_answers_and_knows_nothing_of_memory() -> None:
    torch = pytest.importorskip("torch")
    from candidate_net import CandidateNet, clone, make

    torch.manual_seed(0)
    net = CandidateNet()
    assert clone(net, "HotpotQA", 12) > 0.6
    plain, stage_1 = _seen(make("HotpotQA", stages=(3,))), _seen(make("HotpotQA"))
    answers = net(plain)[0].softmax(-1) @ plain["candidates"][0, :, 28:49]
    assert net(plain)[0].std() > 0 and answers.max() < 1
    assert torch.equal(net(stage_1)[0], CandidateNet()(stage_1)[0])


@pytest.mark.slow
def test_ppo_learns_what_to_store() -> None:
    torch = pytest.importorskip("torch")
    import ppo  # type: ignore[import-not-found]
    from candidate_net import STORE, CandidateNet

    torch.manual_seed(0)
    torch.set_num_threads(1)
    found = ppo.train(CandidateNet(), "HotpotQA", ppo.Settings(8 * 1024, length=128), ((1.0, STORE),))
    assert max(batch.reward for batch in found[-2:]) > found[0].reward + 0.05


@pytest.mark.slow
def test_maskable_ppo_takes_the_wrappers_as_they_are() -> None:
    pytest.importorskip("sb3_contrib")
    import maskable_ppo  # type: ignore[import-not-found]

    model = maskable_ppo.build("HotpotQA", n_steps=32, batch_size=64)
    assert len(maskable_ppo.train(model, "HotpotQA", 1200)) >= 2
    assert model.policy.features_extractor.net.own.weight.abs().max() > 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("benchmark", ["BabyAI", "HotpotQA"])
@pytest.mark.parametrize("script", ["ppo", "maskable_ppo"])
def test_training_improves_on_tasks_that_were_held_out(script: str, benchmark: str) -> None:
    """The intervals of success, before and after, are apart."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("sb3_contrib" if script == "maskable_ppo" else "torch")
    from candidate_net import CandidateNet, clone, played

    torch.set_num_threads(1)
    torch.manual_seed(0)
    if script == "ppo":
        import ppo

        net = CandidateNet()
    else:
        import maskable_ppo

        model = maskable_ppo.build(benchmark)
        net = model.policy.features_extractor.net
    clone(net, benchmark, 100)
    before = played(net, benchmark, range(100))
    if script == "ppo":
        ppo.train(net, benchmark, ppo.Settings())
    else:
        maskable_ppo.train(model, benchmark, 80_000)
    assert played(net, benchmark, range(100)).low > before.high
