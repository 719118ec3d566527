"""Tokens of chat templates in what a model wrote."""

from __future__ import annotations

import re

_ENDS = (
    "<|im_end|>", "<im_end>", "</s>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>",
    "<|return|>", "<|eot|>", "<end_of_turn>", "<turn|>", "<｜end▁of▁sentence｜>", "<|end_of_sentence|>", "<eos>",
    "<|eos|>", "<|END_OF_TURN_TOKEN|>", "<|end_of_turn|>", "<|end_of_msg|>", "<seed:eos>", "<|user|>",
    "<|observation|>", "<|im_start|>", "<|endofprompt|>", "<|end_of_role|>", "<|endofturn|>", "[EOS]", "<|EOT|>",
)  # fmt: skip
"""Tokens that end a turn, or begin that of somebody else; some servers leave them in the text."""

_LAST_CHARACTERS = frozenset(token[-1] for token in _ENDS)

OPENS_A_TURN = re.compile(
    r"<\|(?:start|channel|message|im_start|start_header_id|end_header_id|start_of_role|constrain)\|>|<start_of_turn>"
)
"""Tokens that begin a turn or a part of one; chat templates refuse them in a text, or take what follows for a turn."""


_OPENING = re.compile(
    r"\s*(?:<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<｜begin▁of▁sentence｜>|\[/INST\]"
    r"|<\|im_start\|>\s*assistant\b|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>|<\|assistant\|>"
    r"|<start_of_turn>\s*model\b|<\|turn>\s*model\b|<｜Assistant｜>|<\|im_assistant\|>\s*assistant\s*<\|im_middle\|>"
    r"|<\|start_of_role\|>\s*assistant\s*<\|end_of_role\|>|<\|START_OF_TURN_TOKEN\|>\s*<\|CHATBOT_TOKEN\|>)\s*"
)
"""Tokens that begin the agent's own turn; some servers leave them in the text."""


def without_template_tokens(text: str) -> str:
    r"""Return a text without the template tokens at its start and end.

    >>> without_template_tokens("<|im_start|>assistant\nopen drawer 1<|im_end|>\n</s>")
    'open drawer 1'
    >>> without_template_tokens(" as it is ")
    ' as it is '
    """
    start = 0
    while (match := _OPENING.match(text, start)) is not None:
        start = match.end()
    return _without_end_tokens(text[start:])


def _without_end_tokens(text: str) -> str:
    end = kept = len(text)
    while end:
        while end and text[end - 1].isspace():
            end -= 1
        if not end or text[end - 1] not in _LAST_CHARACTERS:
            break
        token = next((token for token in _ENDS if text.endswith(token, 0, end)), None)
        if token is None:
            break
        end = kept = end - len(token)
    return text if kept == len(text) else text[:kept].rstrip()
