"""Stored trajectories as data to train on: `agemem export`.

`turns` makes prompts and replies of a trajectory, `choose` says which episodes are taken and in which order, `sft`,
`pairs`, `rows` and `table` make the lines of the four formats, `export` writes them to a file.
"""
