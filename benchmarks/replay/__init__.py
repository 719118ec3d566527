"""Recorded episodes of other harnesses, played again and compared.

`replay` is the method and the table of adapters; beside it one file per benchmark reads that benchmark's recordings.
"""
