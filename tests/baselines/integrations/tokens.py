"""A tokenizer made here and now: no weights and no files from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

TAGS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")


def make_tokenizer(texts: Iterable[str], chat_template: str | None = None, size: int = 1_000) -> Any:
    """Return a byte-level tokenizer in the manner of Qwen's, trained on texts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    fast.add_tokens(list(TAGS))
    fast.chat_template = chat_template
    return fast


def texts_of(env: Any, seeds: Iterable[int]) -> list[str]:
    """Return texts that an environment shows."""
    texts = [json.dumps(env.action_space.tools())]
    for seed in seeds:
        observation, _ = env.reset(seed=seed)
        texts += [message["content"] for message in observation["messages"]]
        texts += [fact.text for fact in env.unwrapped.task.facts]
    return texts
