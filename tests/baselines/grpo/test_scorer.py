from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from agemem_env.errors import DataError
from baselines.grpo.scorer import FORMAT, WEIGHTS, names, read

ABOUT = {"format": FORMAT, "names": names(), "about": {}}


def written(path: Path, header: Any, places: Any = (1, 2), values: Any = (0.5, 1.0)) -> Path:
    with path.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), places=np.array(places), values=np.array(values))
    return path


def replace_member(path: Path, name: str, content: bytes) -> None:
    """Write a file of weights again, with one member replaced."""
    with ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for member, old in members.items():
            archive.writestr(member, content if member == name else old)


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


@pytest.mark.parametrize("shape", [(10**12,), (10**18,)])
def test_an_array_that_claims_to_be_huge_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    claim = io.BytesIO()
    np.lib.format.write_array_header_1_0(claim, {"descr": "<i4", "fortran_order": False, "shape": shape})
    replace_member(written(tmp_path / "w.npz", ABOUT), "places.npy", claim.getvalue())
    with pytest.raises(DataError, match="no file of weights: it takes too much memory"):
        read(tmp_path / "w.npz")


def test_what_unpacks_to_more_than_weights_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    replace_member(written(tmp_path / "w.npz", ABOUT), "places.npy", bytes(1 << 25))
    assert (tmp_path / "w.npz").stat().st_size < 1 << 17
    with pytest.raises(DataError, match=r"no file of weights: it unpacks to \d+ bytes"):
        read(tmp_path / "w.npz")


def test_a_header_of_a_thousand_brackets_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", header=np.array("[" * 100_000), places=np.array([1]), values=np.array([0.5]))
    with pytest.raises(DataError, match="no file of weights"):
        read(tmp_path / "w.npz")


def test_a_number_that_is_infinite_as_a_weight_is_refused(tmp_path: Path) -> None:
    if np.finfo(np.longdouble).max == np.finfo(float).max:
        pytest.skip("longer numbers are not longer here")
    with pytest.raises(DataError, match="no finite numbers"):
        read(written(tmp_path / "w.npz", ABOUT, values=(np.longdouble("1e4000"), np.longdouble(1))))


def test_an_array_by_itself_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(WEIGHTS))
    with pytest.raises(DataError, match="no file of weights"):
        read(tmp_path / "w.npz")
