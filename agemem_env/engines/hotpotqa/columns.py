"""Hugging Face's form of HotpotQA records, in which lists of pairs are pairs of lists.

`{"id": "5f0c", "supporting_facts": {"title": ["Salt Harbour"], "sent_id": [1]}, "context": {"title": ["Salt Harbour"],
"sentences": [["Salt Harbour is a film.", " It was directed by Ida Brekke."]]}, ...}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agemem_env.errors import DataError


def official_form(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record in the official form, whichever of the two it is in.

    Raises:
        DataError: If columns are missing or differ in length.

    >>> official_form({"id": "a", "context": {"title": ["X"], "sentences": [["It."]]}})
    {'id': 'a', 'context': [['X', ['It.']]], '_id': 'a'}
    """
    columns = {"context": ("title", "sentences"), "supporting_facts": ("title", "sent_id")}
    if not any(isinstance(obj.get(field), Mapping) for field in columns):
        return obj
    found = {**obj, "_id": obj.get("_id", obj.get("id"))}
    for field, (first, second) in columns.items():
        table = obj.get(field)
        if isinstance(table, Mapping):
            titles, others = table.get(first), table.get(second)
            if not isinstance(titles, list) or not isinstance(others, list) or len(titles) != len(others):
                raise DataError(
                    f"HotpotQA record {found['_id']} in Hugging Face's column form: field {field!r} must have lists "
                    f"{first!r} and {second!r} of one length"
                )
            found[field] = [list(pair) for pair in zip(titles, others, strict=True)]
    return found
