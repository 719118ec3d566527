"""Tasks of SciWorld for tests that play many episodes."""

QUICK = (
    "find-animal", "find-plant", "use-thermometer", "measure-melting-point-known-substance", "test-conductivity",
    "lifespan-longest-lived", "lifespan-shortest-lived", "inclined-plane-determine-angle",
    "inclined-plane-friction-named-surfaces", "mendelian-genetics-known-plant",
)  # fmt: skip
"""Families whose tasks are studied in less than a second; `test_tasks` plays the others."""
