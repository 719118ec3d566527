"""How scores are shown: `columns` (what a table shows of a summary) and `tables` (how it is printed)."""
