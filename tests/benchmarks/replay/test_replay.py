from __future__ import annotations

import json
from pathlib import Path

from benchmarks.replay.replay import read_records


def test_records_are_separated_by_line_feeds_alone(tmp_path: Path) -> None:
    episode = {"steps": [{"action": "say \u2028 \u0085", "observation": "\u2029"}]}
    path = tmp_path / "episodes.jsonl"
    line = json.dumps(episode, ensure_ascii=False)
    path.write_bytes("\ufeff".encode() + line.encode() + b"\r\n\n" + b'{"steps": []}')
    records = list(read_records(path))
    assert [number for number, _ in records] == [1, 3]
    assert records[0][1]["steps"][0]["action"] == "say \u2028 \u0085"
