"""Playing a run: from what was asked for to a row per episode.

In the order in which a run passes through: `options` and `models` (what was asked for), `bench` (which episodes are
missing), `play` (a run), `in_process` (many episodes at once in one process), `policy_threads` (their model calls) and
`worker_processes` (several processes).
"""
