from __future__ import annotations

from typing import Any


def question(key: str, **changes: Any) -> dict[str, Any]:
    record = {
        "_id": key,
        "question": f" Where was the keeper of the {key} beacon born? ",
        "answer": "Tolm",
        "type": "bridge",
        "level": "medium",
        "supporting_facts": [[f"{key} beacon", 0], ["Ida Falk", 1]],
        "context": [
            [f"{key} beacon", [f"The {key} beacon was kept by Ida Falk.", " It is red."]],
            ["Ida Falk", ["Ida Falk is a keeper.", " Ida Falk was born in Tolm.", ""]],
            [f"{key} harbour", [f"The {key} harbour is deep.", " Its pier is 漢字 long."]],
        ],
    }
    return {**record, **changes}
