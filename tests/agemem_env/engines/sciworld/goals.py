from __future__ import annotations

GOALS = [
    "You move to the kitchen.",
    r"The (stove|freezer) is now (open|activated)\.",
    "a temperature of [0-9]+ degrees",
]
