from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agemem_env.text.numbers import from_numpy


@pytest.mark.parametrize(
    ("value", "python"),
    [
        (np.float32(0.5), 0.5),
        (np.array([[1, 2]]), [[1, 2]]),
        ({"a": (np.bool_(False),)}, {"a": (False,)}),
        (np.str_("a"), "a"),
    ],
)
def test_becomes_python(value: Any, python: Any) -> None:
    found = from_numpy(value)
    assert found == python
    assert type(found) is type(python)


def test_leaves_other_objects_alone() -> None:
    thing = object()
    assert from_numpy([thing])[0] is thing
