"""Rows and what is made of them.

In the order in which they are made: `row` (what is kept of an episode), `file` (the file of rows), `summary` (averages
of a group of rows) with `intervals`, `columns` (what a table shows of a summary) and `tables` (how it is printed).
"""
