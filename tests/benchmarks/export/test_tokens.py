"""Token rows of a tokenizer of transformers, and tokenizers that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.command import agemem

pytest.importorskip("transformers", reason="the package transformers is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what its packages warn of each other

APPENDING = (
    "{% if tools %}{{ tools | tojson }}\n{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for call in m.tool_calls or [] %}<tool_call>{{ call.function.arguments.keys() | list }}</tool_call>{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def saved(path: Path, template: str | None) -> str:
    """A folder with a tokenizer of bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>")
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    made.chat_template = template
    made.save_pretrained(path)
    return str(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "run"
    bench = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "1", "-q", "-p", "expert")
    assert agemem(*bench, "--output", path).exit_code == 0
    return path


def test_rows_are_what_the_template_writes(run: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    path = saved(tmp_path / "tokenizer", APPENDING)
    result = agemem("export", run, "--format", "rows", "--tokenizer", path)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    conversations = [json.loads(line) for line in agemem("export", run, "--format", "sft").stdout.splitlines()]
    assert len(rows) == len(conversations) >= 2
    tokenizer: Any = AutoTokenizer.from_pretrained(path)
    for row, line in zip(rows, conversations, strict=True):
        text = tokenizer.decode(row["prompt_ids"] + row["response_ids"])
        assert text.startswith("[{") and text.count("<|im_start|>") == len(line["messages"])
        assert text.endswith("<|im_end|>")
        said = [m for m in line["messages"][line["first"] :] if m["role"] == "assistant"]
        learnt = tokenizer.decode([t for t, m in zip(row["response_ids"], row["mask"], strict=True) if m])
        assert learnt.count("<|im_end|>") == len(said) and "<|im_start|>" not in learnt


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (None, "has no chat template"),
        ("{{ messages | length }}{{ messages | map(attribute='content') | join }}", "writes a prompt anew"),
    ],
)
def test_a_tokenizer_that_cannot_be_used_is_one_line(
    template: str | None, said: str, run: Path, tmp_path: Path
) -> None:
    path = saved(tmp_path / "tokenizer", template)
    result = agemem("export", run, "--format", "rows", "--tokenizer", path, "--output", tmp_path / "rows.jsonl")
    assert result.exit_code in (1, 2) and result.stderr.count("\n") == 1
    assert said in result.stderr and not (tmp_path / "rows.jsonl").exists()


def test_a_folder_without_a_tokenizer_is_one_line(run: Path, tmp_path: Path) -> None:
    result = agemem("export", run, "--format", "rows", "--tokenizer", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "cannot be loaded" in result.stderr
