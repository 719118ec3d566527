"""Rows: `row` (what is kept of an episode), `fields` (how that is declared and checked), `costs`, and `file`."""
