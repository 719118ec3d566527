from __future__ import annotations

from typing import Any

import pytest

from agemem_env.errors import ConfigurationError
from baselines.language_model.prompts import Dialogue, Prompter


class Lossy:
    """Encodes capital letters as small ones, so that text does not come back; token 1 ends a turn."""

    chat_template = "x"

    def apply_chat_template(self, messages: list[dict[str, Any]], **_: Any) -> str:
        said = "".join(f"{m['role'][0]}:{m['content']}\x01" for m in messages)
        return said + "a:"

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": [ord(letter) for letter in text.lower()]}

    def decode(self, tokens: list[int], skip_special_tokens: bool) -> str:
        return "".join(chr(t) for t in tokens if t != 1 or not skip_special_tokens)


def messages(*contents: str) -> list[dict[str, str]]:
    roles = ["system", "user", "assistant"]
    return [{"role": roles[min(i, 1) + (i > 1 and i % 2 == 0)], "content": c} for i, c in enumerate(contents)]


def test_a_prompt_goes_on_with_the_sampled_tokens_though_the_tokenizer_does_not_give_text_back() -> None:
    dialogue = Dialogue(Prompter(Lossy()))
    first = dialogue.prompt(messages("S", "Hi"))
    sampled = [ord("Q"), 1]
    reply = dialogue.take(sampled, 1)
    second = dialogue.prompt(messages("S", "Hi", reply, "More"))
    assert reply == "Q"
    assert second[: len(first) + 2] == first + sampled
    assert Lossy().decode(second[len(first) + 2 :], False) == "u:more\x01a:"


def test_a_reply_cut_by_its_length_is_followed_by_the_end_of_the_turn() -> None:
    dialogue = Dialogue(Prompter(Lossy()))
    first = dialogue.prompt(messages("S", "Hi"))
    second = dialogue.prompt(messages("S", "Hi", dialogue.take([ord("Q")], None), "More"))
    assert second[: len(first) + 2] == [*first, ord("Q"), 1]


def test_a_rewritten_context_is_encoded_anew() -> None:
    dialogue = Dialogue(Prompter(Lossy()))
    dialogue.prompt(messages("S", "Hi"))
    dialogue.take([ord("Q"), 1], 1)
    assert dialogue.prompt(messages("S", "Other")) == Dialogue(Prompter(Lossy())).prompt(messages("S", "Other"))


def test_own_instructions_stand_for_the_system_message() -> None:
    assert Prompter(Lossy(), "Be brief.").text(messages("Long", "Hi")) == "s:Be brief.\x01u:Hi\x01a:"


def test_a_tokenizer_without_chat_template_is_refused() -> None:
    bare = Lossy()
    bare.chat_template = ""
    with pytest.raises(ConfigurationError, match="instruction-tuned"):
        Prompter(bare)
