"""Train a policy to use memory, in three minutes: python examples/train.py [minutes].

The same as `agemem train --benchmark HotpotQA --minutes 3`, called from Python. Prints the reward of every tenth
update, then the score of the answers on tasks that were not trained on, before and after.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import train, trial


def main(budget: Budget, tasks: int = 40, processes: int = 2, **changes: object) -> tuple[float, float]:
    """Train, and return the score on test tasks before and after."""
    settings = Settings.of("HotpotQA", budget, seed=0, **changes)
    folder = Path(tempfile.mkdtemp(prefix="agemem-train-"))

    def tell(row) -> None:
        if row["update"] % 10 == 1:
            print(f"update {row['update']:4d}  reward {row['reward']:.3f}  score {row['score']:.3f}", flush=True)

    result = train(settings, folder, processes=processes, tell=tell)
    scores = []
    for weights in (RunFolder(folder).read_weights("start"), result.weights):
        found = trial(settings, weights, "test", tasks)
        scores.append(sum(outcome.score for outcome in found) / len(found))
    print(f"J on {tasks} test tasks: {scores[0]:.2f} before, {scores[1]:.2f} after {result.updates} updates")
    print(f"weights: {folder / 'weights.npz'}, for agemem bench --policy agemem-linear:<file>")
    return scores[0], scores[1]


if __name__ == "__main__":
    main(Budget(minutes=float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
