"""Rows: `row` (what is kept of an episode) and `file` (the file of rows)."""
