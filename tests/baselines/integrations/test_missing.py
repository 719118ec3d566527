"""Adapters without their library."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from agemem_env.errors import MissingExtraError

LIBRARIES = {
    "openenv": "openenv", "verifiers": "verifiers", "trl": "trl", "inspect_ai": "inspect_ai", "tinker": "tinker_cookbook",
    "verl": "verl", "trinity": "trinity",
}  # fmt: skip


@pytest.mark.parametrize("adapter", LIBRARIES)
def test_a_missing_library_is_one_line_that_names_the_extra(adapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library, module = LIBRARIES[adapter], f"baselines.integrations.{adapter}"
    for name in [name for name in sys.modules if name == module or name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError) as caught:
        import_module(module)
    # Old releases of pip know an extra by the name in the metadata alone, in which "-" stands for "_".
    assert f"pip install '.[{adapter.replace('_', '-')}]'" in str(caught.value) and "\n" not in str(caught.value)
