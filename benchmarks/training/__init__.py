"""Training runs, one or one per seed: what they cost, how they are tested, and what came of them."""
