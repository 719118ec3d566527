"""Playing a run: from what was asked for to a row per episode.

In the order in which a run passes through: `options` (settings as they are typed), `players` (who plays), `models` (how
language models are reached), `choose` (which episodes there are), `bench` (which of them are missing, and the file of
rows), `checks` (what is tried before the first), `play` (a run), `in_process` (many episodes at once in one process),
`policy_threads` (their policies), `worker_processes` (several processes) and `failures` (when a run ends too early).
Start with `bench`.
"""
