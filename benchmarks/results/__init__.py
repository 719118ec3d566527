"""Rows and what is made of them.

`row` (what is kept of an episode), `file` (the file of rows), `summary` (averages) with `intervals`, `tables`.
"""
