"""Runs policies on the benchmarks, keeps one row per episode, and makes tables of the rows.

Start with `specs`, which says what an episode to be played is; `run` plays episodes, `results` holds rows and tables.
`replay`, `compare`, `speed`, `necessity` and `fingerprint` measure the environments themselves; `chat` is for playing
by hand, `data` and `doctor` for what has to be there. `cli` is the command `agemem`, which leads to all of them.
"""
