"""Lines of ``--format sft``: conversations as they were sent, one for each stretch without a rewritten context."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.export.choose import ExportedEpisode
from benchmarks.export.turns import segments, tools_of


def sft_lines(episode: ExportedEpisode) -> Iterator[dict[str, Any]]:
    """Yield the examples of an episode.

    Raises:
        AgeMemError: If its benchmark, whose tools they name, is not installed here.
    """
    tools = tools_text(episode)
    for number, segment in enumerate(segments(episode.episode)):
        first, last = segment[0], segment[-1]
        yield {
            "messages": [*last.prompt, last.reply],
            "tools": tools,
            "first": len(first.prompt),
            "segment": number,
            "turn": first.turn.number,
            **episode.about(),
        }


def tools_text(episode: ExportedEpisode) -> str:
    """Return the function schemas as JSON: as nested values, tables would fill each with the keys of the others."""
    return json.dumps(tools_of(episode.episode), ensure_ascii=False)
