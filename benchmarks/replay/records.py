"""Files of recorded episodes, one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agemem_env.data.files import read_text
from agemem_env.data.ownership import reason
from agemem_env.errors import DataError
from agemem_env.text.lines import split_lines

Record = Mapping[str, Any]

_NUMBERS = ("reward", "score")
_TEXTS = ("initial_observation", "dialect")


def read_records(path: Path) -> list[tuple[int, Record]]:
    """Return line number and record of each recorded episode.

    Raises:
        DataError: If a line is not a recorded episode, or there is none.
    """
    try:
        lines = split_lines(read_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {reason(error)}") from error
    records = [(number, _record(line, f"{path}:{number}")) for number, line in enumerate(lines, 1) if line.strip()]
    if not records:
        raise DataError(f"{path} has no recorded episodes: it is empty")
    return records


def _record(line: str, place: str) -> Record:
    """Return the record of a line."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not a recorded episode ({type(error).__name__}: {error})") from error
    fault = _fault(record)
    if fault:
        raise DataError(f"{place}: not a recorded episode ({fault})")
    if not all("action" in step and "observation" in step for step in record["steps"]):
        raise DataError(f"{place}: a step lacks action or observation")
    return record  # type: ignore[no-any-return]  # checked above


def _fault(record: Any) -> str:
    """Return what keeps a JSON value from being a recorded episode; empty if nothing."""
    if not isinstance(record, dict):
        return "not a JSON object"
    if not isinstance(record.get("steps"), list):
        return "'steps' is not a list"
    for i, step in enumerate(record["steps"]):
        if not isinstance(step, dict):
            return f"step {i} is not a JSON object"
        for key in ("action", "observation"):
            if not isinstance(step.get(key, ""), str):
                return f"step {i}: {key!r} is not a text but {step[key]!r}"
    for part, where in [(record, ""), *((step, f"step {i}: ") for i, step in enumerate(record["steps"]))]:
        for key, kind, form in (
            *((k, (int, float), "number") for k in _NUMBERS),
            *((k, (str,), "text") for k in _TEXTS),
        ):
            if part.get(key) is not None and not isinstance(part[key], kind):
                return f"{where}{key!r} is not a {form} but {part[key]!r}"
    return ""
