"""An engine for the tests that only play it."""

from __future__ import annotations

import pytest

from agemem_env.engines.pddl.engine import PDDLEngine


@pytest.fixture(scope="module")
def engine() -> PDDLEngine:
    return PDDLEngine(split="test", source="generated")
