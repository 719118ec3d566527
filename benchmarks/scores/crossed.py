"""Means over seeds and tasks: several runs that were tested on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.scores.intervals import RESAMPLES, Estimate, estimate, if_spread, wilson


def crossed(scores: Sequence[Sequence[float]], *, rates: bool = True) -> Estimate:
    """Return the mean over seeds and tasks with its 95 % interval.

    Both are resampled, each for itself, since seeds share the tasks: the interval holds for other seeds and other
    tasks. Of one seed alone, tasks are resampled.

    Args:
        scores: By seed, then by task; the tasks are the same for all seeds.
        rates: Whether 0 and 1 mean no and yes, so that scores that are all 0 or all 1 have Wilson's interval. Other
            values that are all equal have none: resampling them says nothing.

    >>> found = crossed([[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    >>> found.mean, found.method, found.low < 0.375 < found.high
    (0.375, 'bootstrap over seeds and tasks', True)
    """
    matrix = np.asarray(scores, dtype=float)
    seeds, tasks = matrix.shape
    average = float(matrix.mean())
    if seeds == 1 and (found := estimate(matrix[0]) if rates else None) is not None:
        return found
    if rates and (matrix == matrix[0, 0]).all() and average in (0.0, 1.0):
        return Estimate(average, *wilson(average * tasks, tasks), matrix.size, "wilson")
    rng = np.random.Generator(np.random.PCG64(0))
    by_seed = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=RESAMPLES) / seeds
    by_task = rng.multinomial(tasks, np.full(tasks, 1 / tasks), size=RESAMPLES) / tasks
    means = np.einsum("rs,st,rt->r", by_seed, matrix, by_task, optimize=True)
    low, high = np.percentile(means, [2.5, 97.5])
    of = "seeds and tasks" if seeds > 1 else "tasks"
    return if_spread(Estimate(average, float(low), float(high), matrix.size, f"bootstrap over {of}"))
