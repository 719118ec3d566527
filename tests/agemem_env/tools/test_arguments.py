"""How arguments are drawn and checked; `test_tools` checks them on the tools themselves."""

from __future__ import annotations

import numpy as np
import pytest

from agemem_env.tools.arguments import ArgumentSpec
from agemem_env.types import Violation


@pytest.mark.parametrize(("low", "high"), [(None, None), (7, None), (None, -3), (2, 4)])
def test_integers_stay_in_range(low: int | None, high: int | None) -> None:
    spec, rng = ArgumentSpec("integer", "How many.", minimum=low, maximum=high), np.random.default_rng(0)
    for value in (spec.sample(rng) for _ in range(50)):
        assert spec.convert("tool", "count", value) == (value, False)


@pytest.mark.parametrize(
    ("low", "high", "value", "allowed"),
    [(7, None, 6, "at least 7"), (None, -3, 0, "at most -3"), (2, 4, 5, "from 2 to 4")],
)
def test_a_refusal_names_the_range(low: int | None, high: int | None, value: int, allowed: str) -> None:
    refused = ArgumentSpec("integer", "How many.", minimum=low, maximum=high).convert("Tool", "count", value)
    assert refused == Violation("argument_out_of_range", f"Tool was not run: count must be {allowed}, not {value}.")
