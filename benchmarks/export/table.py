"""Lines of ``--format parquet``: a line for each turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.export.choose import ExportedEpisode
from benchmarks.export.sft import tools_text
from benchmarks.export.turns import segments


def turn_lines(episode: ExportedEpisode) -> Iterator[dict[str, Any]]:
    """Yield the turns of an episode.

    Raises:
        AgeMemError: If its benchmark, whose tools they name, is not installed here.
    """
    tools, sizes = tools_text(episode), {turn.number: turn.tokens for turn in episode.episode.turns}
    stages = {turn.number: turn.stage for turn in episode.episode.turns}
    last = episode.episode.turns[-1].number
    for number, segment in enumerate(segments(episode.episode)):
        for exchange in segment:
            turn = exchange.turn
            yield {
                "turn": turn.number,
                "stage": stages[turn.number - 1],
                "segment": number,
                "prompt": _text(exchange.prompt),
                "tools": tools,
                "reply": _text(exchange.reply),
                "paid": turn.reward,
                "last": turn.number == last,
                "prompt_tokens": sizes[turn.number - 1],
                "entries": len(turn.memory),
                "errors": _text(turn.errors),
                **episode.about(),
            }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
