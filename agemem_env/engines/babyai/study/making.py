"""Writes what is known of all generated tasks' worlds: ``python -m agemem_env.engines.babyai.study.making``.

It takes some five minutes on two idle cores. Names of splits after it make it write those alone and keep the others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from agemem_env.engines.babyai.briefing import places
from agemem_env.engines.babyai.study.shipped import FILE, KnownStudy, checksum, known_studies, packed
from agemem_env.engines.babyai.study.study import find_out
from agemem_env.engines.babyai.tasks import BLOCK, SPLITS, search_seed
from agemem_env.engines.babyai.world import BabyAIWorld


def found(level: str, first: int) -> KnownStudy:
    """Return what studies of a block of worlds find."""
    seed = search_seed(level, first)
    result, world = find_out(level, seed), BabyAIWorld(level)
    world.reset(seed)
    every = places(world)
    return KnownStudy(seed, checksum(world), result.commands, tuple(every.index(place) for place in result.gold))


def main(names: Sequence[str]) -> None:
    """Write what is known of the worlds of some splits."""
    levels = sorted({level for plan in SPLITS.values() for level in plan.levels})
    known = {level: {each.seed: each for each in known_studies(level)} for level in levels}
    with ProcessPoolExecutor() as pool:
        for name in names:
            plan = SPLITS[name]
            blocks = [(v, plan.first_seed + i * BLOCK) for i in range(plan.per_level) for v in plan.levels]
            own = range(plan.first_seed, plan.first_seed + plan.per_level * BLOCK)
            for level in plan.levels:
                known[level] = {seed: each for seed, each in known[level].items() if seed not in own}
            for (level, _), each in zip(blocks, pool.map(found, *zip(*blocks, strict=True), chunksize=8), strict=True):
                known[level][each.seed] = each
    lines = {level: [each[seed] for seed in sorted(each)] for level, each in known.items()}
    (Path(__file__).parent / FILE).write_bytes(packed(lines))


if __name__ == "__main__":
    main(sys.argv[1:] or [*SPLITS])
