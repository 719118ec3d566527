"""Writes the plans of all generated problems: ``python -m agemem_env.engines.pddl.plans.making``, some ten minutes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from agemem_env.engines.pddl.generators import SPLIT_SIZES, search
from agemem_env.engines.pddl.plans.shipped import KnownPlan, checksum, packed


def found(split: str, index: int) -> KnownPlan:
    """Return what the search for a task's problem and plan finds."""
    attempt, ground, _ = search(split, index)
    assert ground.plan is not None, "the search finds problems with a plan"
    return KnownPlan(attempt, checksum(ground.problem), ground.plan)


def main() -> None:
    """Write the file of each split."""
    folder = Path(__file__).parent
    with ProcessPoolExecutor() as pool:
        for split, size in SPLIT_SIZES.items():
            content = packed(pool.map(partial(found, split), range(size), chunksize=50))
            (folder / f"{split}.txt.zz").write_bytes(content)


if __name__ == "__main__":
    main()
