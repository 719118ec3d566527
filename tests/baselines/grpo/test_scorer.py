from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.errors import DataError
from baselines.grpo.scorer import FORMAT, WEIGHTS, names, read

ABOUT = {"format": FORMAT, "names": names(), "about": {}}


def written(path: Path, header: Any, places: Any = (1, 2), values: Any = (0.5, 1.0)) -> Path:
    with path.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), places=np.array(places), values=np.array(values))
    return path


def test_a_file_of_weights_is_read(tmp_path: Path) -> None:
    assert read(written(tmp_path / "w.npz", ABOUT))[0][:4].tolist() == [0, 0.5, 1, 0]


@pytest.mark.parametrize("values", [(0.5, np.nan), (0.5, np.inf), (0.5, 1.0, 2.0), ("a", "b"), (1j, 2j)])
def test_weights_that_are_no_finite_numbers_are_refused(tmp_path: Path, values: Any) -> None:
    with pytest.raises(DataError, match="no finite numbers, or out of place"):
        read(written(tmp_path / "w.npz", ABOUT, values=values))


@pytest.mark.parametrize("places", [(1, WEIGHTS), (1, -1), (1.0, 2.0)])
def test_weights_out_of_place_are_refused(tmp_path: Path, places: Any) -> None:
    with pytest.raises(DataError, match="no finite numbers, or out of place"):
        read(written(tmp_path / "w.npz", ABOUT, places=places))


@pytest.mark.parametrize("header", [[], None, {**ABOUT, "about": None}, {"format": FORMAT, "names": names()}])
def test_a_header_that_does_not_say_what_they_are_is_refused(tmp_path: Path, header: Any) -> None:
    with pytest.raises(DataError, match="does not say what they are"):
        read(written(tmp_path / "w.npz", header))


def test_an_array_by_itself_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(WEIGHTS))
    with pytest.raises(DataError, match="no file of weights"):
        read(tmp_path / "w.npz")
