"""What rows say: pure functions from rows to figures, without a word on how they are shown.

`summary` averages a group of rows, with `intervals`, and `players` all that one player did; `comparison` sets two
players against each other on the same tasks, and `gain` does so for each memory system and the same policy without
memory.
"""
