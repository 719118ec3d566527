from __future__ import annotations

import pytest

from agemem_env.engines.alfworld.rules.sas import read_sas
from agemem_env.errors import DataError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"cannot be read \(StopIteration"),
        ("begin_version\n2\n", r"not version 3"),
        ("begin_metric\n", r"begin_version expected, 'begin_metric' found"),
        (
            "begin_version\n3\nend_version\nbegin_metric\n0\nend_metric\n1\nbegin_variable\nvar0\n-1\n3\nAtom a()\nb\n",
            r"a variable is not an atom and its negation: 'Atom a\(\)'",
        ),
        ("Atom dummy(val1)\nAtom dummy(val2)\nbegin_goal\n1\n0 0\n", r"its goal holds from the beginning"),
        ("Atom dummy(val1)\nAtom dummy(val2)\nbegin_goal\n1\n0 1\n", r"its goal can never be reached"),
    ],
)
def test_translations_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_sas(text)
