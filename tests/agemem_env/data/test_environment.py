from __future__ import annotations

import os

import pytest

from agemem_env.data.environment import environment_variables


def test_variables_have_their_value_in_the_block_and_the_old_one_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_OLD", "old")
    monkeypatch.delenv("AGEMEM_NEW", raising=False)
    with environment_variables({"AGEMEM_OLD": "1", "AGEMEM_NEW": "2"}):
        assert (os.environ["AGEMEM_OLD"], os.environ["AGEMEM_NEW"]) == ("1", "2")
    assert os.environ["AGEMEM_OLD"] == "old"
    assert "AGEMEM_NEW" not in os.environ


def test_they_are_put_back_after_an_error_and_whatever_the_block_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_OLD", "old")
    monkeypatch.delenv("AGEMEM_NEW", raising=False)
    with pytest.raises(KeyError, match="x"), environment_variables({"AGEMEM_OLD": "1", "AGEMEM_NEW": "2"}):
        del os.environ["AGEMEM_NEW"]
        os.environ["AGEMEM_OLD"] = "3"
        raise KeyError("x")
    assert os.environ["AGEMEM_OLD"] == "old"
    assert "AGEMEM_NEW" not in os.environ
