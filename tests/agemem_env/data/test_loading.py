from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agemem_env.data.loading import is_found, load, names_object
from agemem_env.errors import ConfigurationError, MissingExtraError


@pytest.mark.parametrize(
    ("text", "named", "found"),
    [
        ("json:dumps", True, True),
        ("os.path:join", True, True),
        ("no_such.part:Name", True, False),
        ("opnai:gpt4", True, False),
        ("openai:gpt-4o", False, False),
        ("json", False, False),
        ("json:", False, False),
        (":dumps", False, False),
        (".json:dumps", False, False),
        ("json:dumps:x", False, False),
        (None, False, False),
        (3, False, False),
    ],
)
def test_the_form(text: object, named: bool, found: bool) -> None:
    assert (names_object(text), is_found(text)) == (named, found)


def test_looking_imports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agemem_never_run.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert is_found("agemem_never_run:Name")
    assert "agemem_never_run" not in sys.modules


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", r"cannot be imported \(ZeroDivisionError: division by zero\)"),
        ("def f(:\n  pass", r"cannot be imported \(SyntaxError: invalid syntax"),
        ("import no_such_package", r"cannot be imported \(No module named 'no_such_package'\)"),
        ("other = 1", "thing='agemem_broken:name' is not allowed: the module 'agemem_broken' has no 'name'"),
    ],
)
def test_what_is_wrong_is_one_line(source: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agemem_broken.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=message) as raised:
        load("thing", "agemem_broken:name")
    assert "\n" not in str(raised.value)
    sys.modules.pop("agemem_broken", None)


def test_a_missing_extra_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "from agemem_env.errors import MissingExtraError\nraise MissingExtraError('x', 'babyai', 'y')"
    (tmp_path / "agemem_lacking.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtraError, match="babyai"):
        load("thing", "agemem_lacking:name")


def test_what_is_named_comes_back() -> None:
    import json

    assert load("thing", "json:dumps") is json.dumps
