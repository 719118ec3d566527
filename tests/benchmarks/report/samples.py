"""Rows for reports."""

from __future__ import annotations

import zlib
from typing import Any

from benchmarks.results.row import EpisodeRow
from tests.benchmarks.results.made_up import make_row

HOSTILE = (
    "<script>alert(1)</script>",
    "</script></style></title><img src=x onerror=alert(2)>",
    "{{ 7 * 7 }} {% raw %} ${x} $\\frac{1}{2}$",
    "'\"><svg/onload=alert(3)>&lt;b&gt;",
    "‮gnp.exe‬ שלום مرحبا",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301\u0301\u0301",
    "javascript:alert(4)",
)
"""Texts that must stay text."""

HALF = "half \ud800 a character"
"""A text that JSON allows and UTF-8 does not."""

LARGE = "0123456789abcdef" * 65536
"""A megabyte in one word."""

_COST = {"calls": 3, "prompt_tokens": 900, "completion_tokens": 60, "price": 0.002, "seconds": 1.5}


def plain_rows() -> list[EpisodeRow]:
    """Return rows of three players on two benchmarks, of whom two are the same with and without memory."""
    rows = []
    for benchmark in ("HotpotQA", "BabyAI"):
        for number, (policy, memory) in enumerate([("expert", None), ("openai:m", "mem0"), ("openai:m", "no-memory")]):
            for seed in range(6):
                value = float((seed + number) % 3 != 0) if memory else 1.0
                rows.append(_row(seed, benchmark, policy, memory, value))
    return rows


def hostile_rows() -> list[EpisodeRow]:
    """Return rows whose names and errors try to be more than text."""
    rows = [
        _row(seed, "HotpotQA", words, memory, float(seed), task_id=f"{words} {seed}")
        for words in HOSTILE
        for memory in ("mem0", "no-memory")
        for seed in range(2)
    ]
    rows += [_row(0, words, "expert", None, 0.0) for words in HOSTILE]
    crash = {"type": HOSTILE[1], "message": HOSTILE[0], "traceback": ""}
    rows.append(_row(7, "HotpotQA", "expert", None, 0.0, error=crash))
    rows.append(_row(6, "HotpotQA", "expert", None, 0.0, error={**crash, "message": HALF}))
    rows.append(_row(8, "HotpotQA", "expert", None, 0.0, error={**crash, "message": LARGE}))
    return rows


def _row(seed: int, benchmark: str, policy: str, memory: str | None, value: float, **changes: Any) -> EpisodeRow:
    metrics = {"J": value, "SR": value, "PR": value, "TN": 1000.0 + 10 * seed, "MT": 50.0, "TC": 3.0, "MQ": 0.5}
    values: dict[str, Any] = {
        "benchmark": benchmark,
        "policy": policy,
        "memory": memory,
        "metrics": metrics,
        "success": value == 1.0,
        "progress_by_turn": {"2": 0.5, "5": 1.0} if value else {},
        "tool_calls": {"Add_memory": 2, "Retrieve_memory": 1, "act": 4, "answer": 1},
        "errors": {"invalid_command": seed % 2},
        "difficulty": "hard" if seed % 2 else "easy",
        "config_hash": f"{zlib.crc32(repr((seed, benchmark, policy, memory)).encode()):x}",
        **({"cost": _COST} if memory else {}),
    }
    return make_row(seed, **{**values, **changes})
