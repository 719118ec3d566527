"""Learning curves: what is drawn of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from baselines.grpo.curve import band, draw, draw_bands, scored, validations
from baselines.grpo.folder import RunFolder


def curve(count: int = 30, first: float = 0.0, *, tools: bool = True, unpaid: int = 0) -> list[dict[str, Any]]:
    calls = {"calls Add_memory": 2.0, "calls Filter_context": 1.0} if tools else {}
    return [
        {
            "update": u + 1, "phase": "store" if u < unpaid else "all", "score": 0.0 if u < unpaid else first + 0.01 * u,
            "seconds": 3.0 * u, **calls,
        }
        for u in range(count)
    ]  # fmt: skip


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    found: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, path, **options: found.append(self))
    return found


def test_seeds_are_a_mean_with_a_band(drawn: list[Figure], tmp_path: Path) -> None:
    runs = {"agemem": [curve(30, 0.1), curve(24, 0.3)], "no-memory": [curve(tools=False)]}
    draw_bands(runs, tmp_path / "x.png", "HotpotQA", "seconds")
    scores, tools = drawn[0].axes
    assert [text.get_text() for text in scores.get_legend().get_texts()] == ["agemem, 2 seeds", "no-memory, 1 seed"]
    at, mean = scores.lines[0].get_data()
    assert float(np.max(at)) == 3.0 * 23, "as far as all seeds go"
    assert float(np.asarray(mean)[0]) == pytest.approx(0.2)
    assert len(scores.collections) == 1 and len(tools.lines) == 2


def test_a_run_without_tools_is_drawn(drawn: list[Figure], tmp_path: Path) -> None:
    draw(curve(tools=False), tmp_path / "x.png", "x")
    assert not drawn[0].axes[1].lines


def test_phases_in_which_no_task_is_played_have_no_score(drawn: list[Figure], tmp_path: Path) -> None:
    rows = curve(30, 0.5, unpaid=10)
    draw(rows, tmp_path / "x.png", "x")
    at, values = drawn[0].axes[0].lines[0].get_data()
    assert float(np.min(at)) == 11 and float(np.min(values)) > 0.5
    assert len(drawn[0].axes[1].lines[0].get_xdata()) == 30  # type: ignore[arg-type]
    assert scored(rows[:10]) == rows[:10], "there is nothing else"


def test_both_axes_have_the_same_whole_updates_and_one_point_is_seen(drawn: list[Figure], tmp_path: Path) -> None:
    draw(curve(3, unpaid=2), tmp_path / "x.png", "x")
    scores, tools = drawn[0].axes
    assert scores.get_xlim() == tools.get_xlim() and all(float(tick).is_integer() for tick in scores.get_xticks())
    assert scores.lines[0].get_marker() == "." and tools.lines[0].get_linestyle() == "-"
    assert "training, drawn, means of 15 updates" in scores.get_legend_handles_labels()[1]


def test_updates_without_validation_have_none(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    rows = curve(4)
    rows[3]["validation"] = 0.0
    rows[2]["calls Update_memory"] = 1.0
    folder.write_rows(rows)
    assert validations(folder.rows()) == [(4, 0.0)]
    assert [row["calls Update_memory"] for row in folder.rows()] == ["0", "0", "1.0", "0"]


def test_lines_meet_where_all_are() -> None:
    grid, values = band([np.array([0.0, 4.0]), np.array([1.0, 2.0])], [np.array([0.0, 4.0]), np.array([5.0, 6.0])])
    assert grid.tolist() == [1.0, 2.0] and values.tolist() == [[1.0, 2.0], [5.0, 6.0]]
