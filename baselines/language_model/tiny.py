"""A Llama of about a million parameters with a vocabulary made from the environments' own text, for trials on CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] or '' }}{% if m['role'] == 'assistant' %}<|end|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Repeats what the model wrote byte by byte, so that the turns of an episode share a row."""

SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")


_CLAUSE = r"[^.:,\n]+[.:,\n ]*|[.:,\n ]+"
"""What a token lies within: the set phrases of a benchmark's text may become one token each."""


def tiny_tokenizer(texts: Sequence[str], vocabulary: int = 1024) -> Any:
    """Return a byte-level BPE tokenizer trained on texts, whose tokens may span words, with a minimal chat template.

    >>> tokenizer = tiny_tokenizer(["the red ball is in the red box"], vocabulary=300)
    >>> tokenizer.decode(tokenizer.encode("a red box"))
    'a red box'
    """
    made = Tokenizer(models.BPE())
    clauses = pre_tokenizers.Split(Regex(_CLAUSE), behavior="isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [clauses, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<|pad|>", eos_token="<|end|>", clean_up_tokenization_spaces=False
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def tiny_model(vocabulary: int, *, width: int = 128, layers: int = 4, context: int = 2048) -> Any:
    """Return an untrained Llama; with the defaults and 1,024 tokens it has 1.0 M parameters."""
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=3 * width, num_hidden_layers=layers,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=context, tie_word_embeddings=True,
        pad_token_id=0, eos_token_id=1, bos_token_id=None,
    )  # fmt: skip
    return LlamaForCausalLM(config)
