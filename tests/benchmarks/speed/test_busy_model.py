from __future__ import annotations

from benchmarks.speed.busy_model import measure


def test_episodes_on_their_own_keep_a_model_busier_than_in_lock_step() -> None:
    found = measure("AgeMem-HotpotQA-v0", {"source": "generated"}, in_flight=8, seconds=2.0, workers=1)
    assert found.lock_step < found.ragged <= 1.0
    assert found.answers > 16
    assert found.lost == 0
    assert str(found).startswith("8 episodes in flight keep the model ")
