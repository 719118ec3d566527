"""Credits that are kept in a run folder, beside its trajectories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.data.ownership import reason
from agemem_env.errors import DataError, StorageError
from benchmarks.credit.credit import Credit
from benchmarks.trajectories.file import SUFFIX

FOLDER = "credit"
"""Where they are kept, in the folder that holds the folder of trajectories."""


def keep(found: Credit, trajectory: Path) -> Path:
    """Keep the credit of an episode and return its file; one that is there is replaced.

    Args:
        found: The credit.
        trajectory: The episode's trajectory.

    Raises:
        StorageError: If it cannot be written.
    """
    path = _file(trajectory)
    try:
        with whole_file(path) as file:
            file.write(json.dumps(asdict(found), ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise StorageError(f"cannot write {path}: {reason(error)}") from error
    return path


def kept(trajectory: Path) -> Mapping[str, Any] | None:
    """Return the credit that is kept of an episode, as JSON; None if there is none.

    Raises:
        DataError: If it cannot be read.
    """
    path = _file(trajectory)
    try:
        found = json.loads(path.read_text("utf-8"))
        return {entry["id"]: entry["without"] for entry in found["entries"]}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path} is no credit that can be read: {error}; `agemem credit --save` makes it anew"
        ) from error


def _file(trajectory: Path) -> Path:
    # by the name of its file: an episode that was rescored was played under another
    return trajectory.parent.parent / FOLDER / f"{trajectory.name.removesuffix(SUFFIX)}.json"
