from __future__ import annotations

import pytest

from agemem_env.tools import PAPER_TOOLS
from benchmarks.report.published import published

BACKBONES = {"Qwen2.5-7B-Instruct", "Qwen3-4B-Instruct"}


def test_averages_are_those_of_the_rows() -> None:
    # A slip in one figure of a row would show in its mean, which was published beside it.
    for row in published().scores:
        assert row.total is not None
        assert sum(row.values.values()) / 5 == pytest.approx(row.total, abs=0.011), row
        assert set(row.values) == {"ALFWorld", "SciWorld", "PDDL", "BabyAI", "HotpotQA"}
        assert row.backbone in BACKBONES
    assert len({(row.backbone, row.method) for row in published().scores}) == 14


def test_tool_calls_sum_up() -> None:
    for row in published().tools:
        assert row.total is not None
        assert sum(row.values.values()) == pytest.approx(row.total, abs=0.011), row
        assert tuple(row.values) == PAPER_TOOLS


def test_quality_is_a_share_and_tokens_are_not() -> None:
    assert all(0 < row.values["MQ"] < 1 for row in published().quality)
    assert all(2000 < row.values["TN"] < 2400 for row in published().tokens)
    assert (len(published().quality), len(published().tokens)) == (12, 8)
