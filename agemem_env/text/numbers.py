"""Python values in place of NumPy's, so that one may be given wherever the other is."""

from __future__ import annotations

from typing import Any

import numpy as np


def from_numpy(value: Any) -> Any:
    """Return a value with Python numbers and lists in place of NumPy's numbers and arrays; other values as they are.

    >>> from_numpy((np.int64(1), np.bool_(True))), from_numpy(np.arange(3)), from_numpy("a")
    ((1, True), [0, 1, 2], 'a')
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if type(value) in (list, tuple):
        return type(value)(from_numpy(item) for item in value)
    if type(value) is dict:
        return {key: from_numpy(item) for key, item in value.items()}
    return value
